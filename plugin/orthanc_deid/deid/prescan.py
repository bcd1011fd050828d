"""What must be known of an instance before anything in it is decided: identity, character sets, a few values."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TypeAlias

from orthanc_deid.bounded_cache import LONGEST, bounded_cache
from orthanc_deid.deid.binary_numbers import FORMATS, unpack
from orthanc_deid.deid.element_steps import Look, Step, heap_of
from orthanc_deid.deid.plan import IDENTIFIERS
from orthanc_deid.deid.text.names import mixes_alphabets
from orthanc_deid.dicom import character_sets
from orthanc_deid.dicom.elements import Event, Found
from orthanc_deid.dicom.slices import Buffer

_UNDECLARED = ("utf-8", "cp1251", "iso8859_5", "koi8_r", "cp866", "latin-1")
"""What text turns out to be whose character set is wrong or missing."""
_SIGN = r"[^\0-\x7f\w«»„“”‘’–—…]"  # no letter, digit, quotation mark or dash
_IN_NO_WORD = re.compile(rf"[\u2320\u2321\u2500-\u25ff]|[A-Za-z]{_SIGN}|{_SIGN}[A-Za-z]")
"""Frames, which KOI8-R and CP 866 hold beside letters, and signs that touch a letter."""
_ONE_VALUE = frozenset({"ST", "LT", "UT", "UR"})

_Raw: TypeAlias = tuple[bytes, Step, tuple[str, ...]]
"""(value, step, character set in force)."""


@dataclass(slots=True)
class Harvest:
    """`values`: decoded top-level values by tag, trimmed. `identity`: (kind, value) pairs from every depth.

    `present`: the tags of the values that were read, empty ones included.
    `places`: (value start, value end) of pixel data and the like at the top level, by tag.
    `heaps`: raw values of the kept texts, numbers and UIDs of every depth by `Heap`, to be judged all at once.
    """

    values: dict[int, tuple[str, ...]] = field(default_factory=dict)
    identity: list[tuple[str, str]] = field(default_factory=list)
    present: Collection[int] = ()
    places: dict[int, tuple[int, int]] = field(default_factory=dict)
    heaps: tuple[list[Buffer], ...] = field(default_factory=lambda: ([], [], []))

    def first(self, tag: int) -> str:
        """Return the first value of a top-level attribute, or nothing."""
        found = self.values.get(tag)
        return found[0] if found else ""


def harvest(found: Harvest, buffer: Buffer, events: Sequence[Event]) -> None:
    """Read the values of the events whose step asks for it.

    Raises RefusedError for an unknown character set.
    """
    terms = character_sets.DEFAULT
    outer: list[tuple[str, ...]] = []
    raws: list[_Raw] = []
    length = 0
    for kind, start, value, end, step in events:
        if kind == 0:
            look = step.look
            if look == 0:
                continue
            if look >= 8:
                found.heaps[heap_of(step)].append(buffer[value:end])
                look -= 8
            if look == 1:  # as most are
                raws.append((bytes(buffer[value:end]), step, terms))
                length += end - start
            elif look == Look.OWN_UID:
                found.values[step.tag] = _values(bytes(buffer[value:end]), step.tag, step.vr, terms)
            elif look == Look.PLACE:
                found.values[step.tag] = ()
                found.places[step.tag] = (value, end)
            elif look == Look.CHARACTER_SET:
                terms = character_sets.parse(bytes(buffer[value:end]))
        elif kind >= 5:  # MARK and GONE: nothing is read there
            continue
        elif kind == Found.ITEM:
            outer.append(terms)
        elif kind == Found.ITEM_END:
            terms = outer.pop()
        elif kind == Found.SEQUENCE and step is not None and step.kept:
            found.values[step.tag] = ()  # a condition may ask whether it is there
    values, identity = (_read_all if length <= LONGEST else _read_all.__wrapped__)(tuple(raws))
    found.values.update(values)
    found.present = values.keys()
    found.identity += identity


# The instances of a series say the same of all but themselves, and so they do value by value where one differs: what
# was read is remembered. The caches are bounded.


@lru_cache(maxsize=256)
def _read_all(raws: tuple[_Raw, ...]) -> tuple[Mapping[int, tuple[str, ...]], Sequence[tuple[str, str]]]:
    """Return the values to keep by tag, and the identifying ones as (kind, value)."""
    values: dict[int, tuple[str, ...]] = {}
    identity: list[tuple[str, str]] = []
    for raw, step, terms in raws:
        if step.kept:
            values[step.tag] = _values(raw, step.tag, step.vr, terms)
        if step.identity and raw:
            identity += _identifying(raw, step.identity, step.vr, terms)
    return values, identity


@bounded_cache(maxsize=2048)
def _values(raw: bytes, tag: int, vr: str, terms: tuple[str, ...]) -> tuple[str, ...]:
    if vr in FORMATS:
        return tuple(map(str, unpack(raw, vr)))
    text = read(raw, terms)
    parts = [text] if vr in _ONE_VALUE else text.split("\\")
    if tag in IDENTIFIERS and vr != "UI":
        parts = [text]  # the patient is told apart by the whole value, a stray backslash included
    return tuple(part.strip(" \0") for part in parts)


@bounded_cache(maxsize=2048)
def _identifying(raw: bytes, kind: str, vr: str, terms: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    if vr in FORMATS:
        return tuple((kind, str(number).removesuffix(".0")) for number in unpack(raw, vr))
    texts = readings(raw, terms)
    parts = texts if vr in _ONE_VALUE else [part for text in texts for part in text.split("\\")]
    return tuple((kind, part.strip(" \0")) for part in parts)


def read(raw: bytes, terms: tuple[str, ...]) -> str:
    """Return the text of `raw`, by Latin-1 where the declared character set does not allow the bytes."""
    try:
        return character_sets.decode(raw, terms)
    except UnicodeDecodeError:
        return raw.decode("latin-1")


def readings(raw: bytes, terms: tuple[str, ...]) -> list[str]:
    """Return the texts that `raw` may mean: one by its character set, else every likely one.

    Latin-1 is declared for much that is none, and allows every byte: what other sets make words of counts as well.
    """
    try:
        declared = [character_sets.decode(raw, terms)]
    except UnicodeDecodeError:
        return _undeclared(raw)
    if raw.isascii() or not character_sets.allows_all_bytes(terms):
        return declared
    return declared + [text for text in _undeclared(raw) if text not in declared and _is_in_words(text)]


def _undeclared(raw: bytes) -> list[str]:
    found = []
    for codec in _UNDECLARED:
        try:
            found.append(raw.decode(codec))
        except UnicodeDecodeError:
            continue
    return found


def _is_in_words(text: str) -> bool:
    """Whether no word of a text is of several alphabets or has signs in it, as comes of a wrong codec."""
    return not mixes_alphabets(text.casefold()) and _IN_NO_WORD.search(text) is None
