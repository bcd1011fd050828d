"""What must be known of an instance before anything in it is decided: identity, character sets, a few values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from orthanc_deid.deid.numbers import FORMATS, unpack
from orthanc_deid.deid.plan import IDENTIFIERS
from orthanc_deid.deid.step import Act, Step, heap_of
from orthanc_deid.dicom import charset
from orthanc_deid.dicom.elements import Event, Found
from orthanc_deid.dicom.slices import Buffer
from orthanc_deid.remember import LONGEST
from orthanc_deid.standard.tables import identity_kinds

_UNDECLARED = ("utf-8", "cp1251", "iso8859_5", "koi8_r", "cp866", "latin-1")
"""What text turns out to be whose character set is wrong or missing."""
_BULK = frozenset({"OB", "OD", "OF", "OL", "OV", "OW", "UN"})
_ONE_VALUE = frozenset({"ST", "LT", "UT", "UR"})


@dataclass(slots=True)
class Harvest:
    """`values`: decoded top-level values by tag, trimmed. `identity`: (kind, value) pairs from every depth.

    `present`: the top-level tags among those wanted that stand in the data set, empty ones included.
    `places`: (value start, value end) of pixel data and the like at the top level, by tag.
    `heaps`: raw values of the kept texts, numbers and UIDs of every depth by `Heap`, to be judged all at once.
    """

    values: dict[int, tuple[str, ...]] = field(default_factory=dict)
    identity: list[tuple[str, str]] = field(default_factory=list)
    present: set[int] = field(default_factory=set)
    places: dict[int, tuple[int, int]] = field(default_factory=dict)
    heaps: tuple[list[Buffer], ...] = field(default_factory=lambda: ([], [], []))

    def first(self, tag: int) -> str:
        """Return the first value of a top-level attribute, or nothing."""
        found = self.values.get(tag)
        return found[0] if found else ""


def harvest(found: Harvest, buffer: Buffer, events: Sequence[Event], wanted: frozenset[int]) -> None:
    """Read the values of the events whose step asks for it; `wanted` are the top-level tags to keep by value.

    Raises RefusedError for an unknown character set.
    """
    terms = charset.DEFAULT
    outer: list[tuple[str, ...]] = []
    depth = 0
    for kind, _, value, end, step in events:
        if kind == 0:
            if step.act == Act.SEARCH or step.act == Act.NUMBER:
                found.heaps[heap_of(step)].append(buffer[value:end])
            if not step.harvested:
                continue
            if step.act == Act.CHARACTER_SET:
                terms = charset.parse(bytes(buffer[value:end]))
                continue
            if depth == 0 and step.tag in wanted:
                _collect(found, buffer, value, end, step, terms)
            if step.identity and end > value:
                identifying = _identifying if end - value <= LONGEST else _identifying.__wrapped__
                found.identity += identifying(bytes(buffer[value:end]), step.identity, step.vr, terms)
        elif kind == Found.ITEM:
            outer.append(terms)
            depth += 1
        elif kind == Found.ITEM_END:
            terms = outer.pop()
            depth -= 1
        elif kind == Found.SEQUENCE and depth == 0 and step is not None and step.harvested:
            found.values[step.tag] = ()  # a condition may ask whether it is there


def _collect(
    found: Harvest, buffer: Buffer, value: int, end: int, step: Step, terms: tuple[str, ...]
) -> None:
    """Keep a top-level value; of bulk data only the place, unless somebody wrote a name or an ID as such."""
    found.present.add(step.tag)
    if step.vr in _BULK and step.tag not in identity_kinds():
        found.places[step.tag] = (value, end)
        found.values[step.tag] = ()
    else:
        found.values[step.tag] = (_values if end - value <= LONGEST else _values.__wrapped__)(
            bytes(buffer[value:end]), step.tag, step.vr, terms
        )


# A series repeats nearly all of its values, so what was decoded once is remembered; the caches are bounded.


@lru_cache(maxsize=2048)
def _values(raw: bytes, tag: int, vr: str, terms: tuple[str, ...]) -> tuple[str, ...]:
    if vr in FORMATS:
        return tuple(map(str, unpack(raw, vr)))
    text = read(raw, terms)
    parts = [text] if vr in _ONE_VALUE else text.split("\\")
    if tag in IDENTIFIERS and vr != "UI":
        parts = [text]  # the patient is told apart by the whole value, a stray backslash included
    return tuple(part.strip(" \0") for part in parts)


@lru_cache(maxsize=2048)
def _identifying(raw: bytes, kind: str, vr: str, terms: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    if vr in FORMATS:
        return tuple((kind, str(number).removesuffix(".0")) for number in unpack(raw, vr))
    texts = readings(raw, terms)
    parts = texts if vr in _ONE_VALUE else [part for text in texts for part in text.split("\\")]
    return tuple((kind, part.strip(" \0")) for part in parts)


def read(raw: bytes, terms: tuple[str, ...]) -> str:
    """Return the text of `raw`, by Latin-1 where the declared character set does not allow the bytes."""
    try:
        return charset.decode(raw, terms)
    except UnicodeDecodeError:
        return raw.decode("latin-1")


def readings(raw: bytes, terms: tuple[str, ...]) -> list[str]:
    """Return the texts that `raw` may mean: one by its character set, else every likely one."""
    try:
        return [charset.decode(raw, terms)]
    except UnicodeDecodeError:
        found = []
        for codec in _UNDECLARED:
            try:
                found.append(raw.decode(codec))
            except UnicodeDecodeError:
                continue
        return found
