"""Kept texts and numbers: whether they may stay. All of an instance are judged at once, one by one only on a hit."""

from __future__ import annotations

import re
from collections.abc import Sequence

from orthanc_deid.bounded_cache import bounded_cache
from orthanc_deid.deid.element_steps import Act
from orthanc_deid.deid.text.identity import Identity
from orthanc_deid.deid.uids import shaped_like_uids
from orthanc_deid.dicom import character_sets
from orthanc_deid.dicom.slices import Buffer
from orthanc_deid.standard.tables import defined_terms

# No two parts of these patterns match the same byte, or a long value that is none would take for ever. So nothing has
# to give back what it took (`*+`); groups are not told so, because CPython 3.11.2 does not leave them cleanly.
_NUMBER = rb" *+(?:[+-]?(?:\d++(?:\.\d*+)?|\.\d++)(?:[eE][+-]?\d++)? *+)?"
_NUMBERS = re.compile(rb"%b(?:\\%b)*\0*+" % (_NUMBER, _NUMBER)).fullmatch
_UIDS = re.compile(rb"[0-9. ]*+\0*+(?:\\[0-9. ]*+\0*+)*").fullmatch


def are_numbers(raw: bytes) -> bool:
    """Whether the value of a DS or IS looks like numbers (PS3.5 section 6.2), whatever their length."""
    return _NUMBERS(raw) is not None


def are_uids(raw: bytes) -> bool:
    """Whether the value of a UI is made of digits and dots, as UIDs are."""
    return _UIDS(raw) is not None


def staying(heaps: Sequence[Sequence[Buffer]], identity: Identity) -> frozenset[int]:
    """Return the acts (`Act`) whose elements all stay; those of the others must be judged one by one."""
    texts, numbers, uids = heaps
    stay = [Act.SEARCH] if nobody_named(texts, identity) else []
    return frozenset([*stay, Act.NUMBER] if all_numbers(numbers) and all_uids(uids) else stay)


def all_numbers(values: Sequence[Buffer]) -> bool:
    """Whether all the values look like numbers; False may also mean that they must be judged one by one."""
    return are_numbers(b"\\".join(values))


def all_uids(values: Sequence[Buffer]) -> bool:
    """Whether all the values look like UIDs; False may also mean that they must be judged one by one."""
    return are_uids(b"\\".join(values))


def nobody_named(values: Sequence[Buffer], identity: Identity) -> bool:
    """Whether no identifying value stands in any of the raw texts; False may mean that each must be judged."""
    return _nobody(b"\0".join(values), identity)


@bounded_cache(maxsize=1024)  # the instances of a series have nearly all texts in common
def _nobody(joined: bytes, identity: Identity) -> bool:
    if shaped_like_uids(joined):
        return False  # perhaps one of the instance's own
    return joined.isascii() and b"\x1b" not in joined and not identity.finds(joined.decode("ascii"))


def names_somebody(raw: bytes, vr: str, terms: tuple[str, ...], identity: Identity) -> bool:
    """Whether one kept text may not stay: an identifying value stands in it, or nobody can read it.

    Defined terms of a CS do not count: a patient may be called Chest.
    """
    try:
        text = character_sets.decode(raw, terms, vr)
    except UnicodeDecodeError:
        return True
    if vr == "CS":
        text = "\0".join(part for part in text.split("\\") if part.strip() not in defined_terms())
    return identity.finds(text)
