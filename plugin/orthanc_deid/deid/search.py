"""Kept texts and numbers: whether they may stay. All of an instance are judged at once, one by one only on a hit."""

from __future__ import annotations

import re
from collections.abc import Sequence

from orthanc_deid.deid.identity import Identity
from orthanc_deid.dicom import charset
from orthanc_deid.standard.tables import defined_terms

_NUMBER = rb" *(?:[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)? *"
_UIDS = re.compile(rb"[0-9.\\ ]*[ \0]*").fullmatch
_NUMBERS = re.compile(rb"%b(?:\\%b)*[ \0]*" % (_NUMBER, _NUMBER)).fullmatch


def are_numbers(raw: bytes) -> bool:
    """Whether the value of a DS or IS looks like numbers (PS3.5 section 6.2), whatever their length."""
    return _NUMBERS(raw) is not None


def are_uids(raw: bytes) -> bool:
    """Whether the value of a UI is made of digits and dots, as UIDs are."""
    return _UIDS(raw) is not None


def as_number(raw: bytes) -> bytes:
    """Return a UI so that `all_numbers` can judge it among numbers: without its dots and its padding."""
    return raw.replace(b".", b"").rstrip(b"\0")


def all_numbers(values: Sequence[bytes]) -> bool:
    """Whether all the values look like numbers; False may also mean that they must be judged one by one."""
    return are_numbers(b"\\".join(values))


def nobody_named(values: Sequence[bytes], identity: Identity) -> bool:
    """Whether no identifying value stands in any of the raw texts; False may mean that each must be judged."""
    joined = b"\0".join(values)
    return joined.isascii() and b"\x1b" not in joined and not identity.finds(joined.decode("ascii"))


def names_somebody(raw: bytes, vr: str, terms: tuple[str, ...], identity: Identity) -> bool:
    """Whether one kept text may not stay: an identifying value stands in it, or nobody can read it.

    Defined terms of a CS do not count: a patient may be called Chest.
    """
    try:
        text = charset.decode(raw, terms)
    except UnicodeDecodeError:
        return True
    if vr == "CS":
        text = "\0".join(part for part in text.split("\\") if part.strip() not in defined_terms())
    return identity.finds(text)
