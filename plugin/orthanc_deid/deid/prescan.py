"""The prescan of an instance, before anything is changed: identity, character sets, and values that rules need."""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache, partial
from typing import Any, TypeAlias, TypeVar

from orthanc_deid.bounded_cache import LONGEST, bounded_cache
from orthanc_deid.deid.binary_numbers import FORMATS, unpack
from orthanc_deid.deid.element_steps import ElementStep, Gathered, PrescanRead, gathered_list
from orthanc_deid.deid.plan import IDENTIFIERS
from orthanc_deid.deid.readings import readings
from orthanc_deid.deid.recurring_events import RecurringReads, recurring_reads
from orthanc_deid.deid.sample_lengths import samples_length
from orthanc_deid.deid.text.identity import DATE
from orthanc_deid.deid.text.known_values import days_of
from orthanc_deid.dicom import character_sets
from orthanc_deid.dicom.elements import ITEM_KEY, Event, EventKind
from orthanc_deid.dicom.slices import Buffer
from orthanc_deid.dicom.tags import PIXEL_DATA
from orthanc_deid.dicom.walk_cache import CachedEvents

_ONE_VALUE = frozenset({"ST", "LT", "UT", "UR"})

_T = TypeVar("_T")

_Raw: TypeAlias = tuple[bytes, ElementStep, tuple[str, ...]]
"""(value, step, character set in force)."""

_Read: TypeAlias = tuple[Mapping[int, tuple[str, ...]], Sequence[tuple[str, str]]]
"""(values by tag, (kind, value) of those that identify)."""


@dataclass(slots=True)
class Prescan:
    """The values that decisions about an instance need.

    `values`: decoded top-level values by tag, trimmed. `identity`: (kind, value) pairs from every depth.
    `present`: the tags of the values that were read, empty ones included.
    `positions`: (value start, value end) of pixel data and other bulk data at the top level, by tag.
    `gathered`: raw values of kept texts, numbers and UIDs of every depth, in the lists of `Gathered`.
    `has_unread_items`: a private element without a VR begins like a sequence (`unread_items`).
    `shared`: what was found out about instances with the same layout and the same read values, apart from their own
    UIDs; empty where none was seen.
    """

    values: dict[int, tuple[str, ...]] = field(default_factory=dict)
    identity: list[tuple[str, str]] = field(default_factory=list)
    present: Collection[int] = ()
    positions: dict[int, tuple[int, int]] = field(default_factory=dict)
    gathered: tuple[list[Buffer], ...] = field(
        default_factory=lambda: tuple([] for _ in range(Gathered.COUNT))
    )
    has_unread_items: bool = False
    shared: dict[Hashable, Any] = field(default_factory=dict)

    def once(self, key: Hashable, find: Callable[[], _T]) -> _T:
        """Return `find()`, called once for the instances that share what it depends on, `key` apart."""
        try:
            found: _T = self.shared[key]
        except KeyError:
            found = self.shared[key] = find()
        return found

    def first(self, tag: int) -> str:
        """Return the first value of a top-level attribute, or nothing."""
        found = self.values.get(tag)
        return found[0] if found else ""


def image_length(prescan: Prescan, present: int) -> int | None:
    """Return `samples_length` of Pixel Data of `present` bytes at the top level."""
    return prescan.once(present, lambda: samples_length(PIXEL_DATA, prescan.values, present))


def prescan_values(prescan: Prescan, buffer: Buffer, events: Sequence[Event]) -> None:
    """Add the values of the elements whose steps need them to `prescan`."""
    reads = None
    if isinstance(events, CachedEvents):
        reads = events.once(recurring_reads, partial(recurring_reads, events))
    if reads is None:
        values, identity = _read_each(prescan, buffer, events)
    else:
        values, identity, prescan.shared = _read_recurring(prescan, buffer, reads)
    prescan.values.update(values)
    prescan.present = values.keys()
    prescan.identity += identity


def _read_each(prescan: Prescan, buffer: Buffer, events: Sequence[Event]) -> _Read:
    element, mark = EventKind.ELEMENT, EventKind.MARK
    by_value, also_gathered = PrescanRead.VALUE, PrescanRead.GATHERED
    terms = character_sets.DEFAULT
    outer: list[tuple[str, ...]] = []
    raws: list[_Raw] = []
    length = 0
    for kind, start, value, end, step in events:
        if kind == element:
            read = step.prescan_read
            if read >= also_gathered:
                prescan.gathered[gathered_list(step)].append(buffer[value:end])
                read -= also_gathered
            if read == by_value:  # the most frequent
                raws.append((bytes(buffer[value:end]), step, terms))
                length += end - start
            elif read:
                terms = _read_uncached(prescan, buffer, (value, end), step, terms)
        elif kind >= mark:  # MARK and GONE hold no values
            continue
        elif kind == EventKind.ITEM:
            outer.append(terms)
        elif kind == EventKind.ITEM_END:
            terms = outer.pop()
        elif kind == EventKind.SEQUENCE and step is not None and step.needed:
            prescan.values[step.tag] = ()  # a condition may ask whether it is present
    return (_read_all if length <= LONGEST else _read_all.__wrapped__)(tuple(raws))


def _read_recurring(
    prescan: Prescan, buffer: Buffer, reads: RecurringReads
) -> tuple[Mapping[int, tuple[str, ...]], Sequence[tuple[str, str]], dict[Hashable, Any]]:
    """Read what `_read_each` reads, of events that recur: where each value stands is known."""
    terms = character_sets.DEFAULT
    for value, end, step in reads.alone:
        terms = _read_uncached(prescan, buffer, (value, end), step, terms)
    for number, value, end in reads.gathered:
        prescan.gathered[number].append(buffer[value:end])
    prescan.values.update(reads.sequences)
    raws = tuple([bytes(buffer[value:end]) for value, end in reads.spans])
    return (_read_same if reads.length <= LONGEST else _read_same.__wrapped__)(reads, raws, terms)


def _read_uncached(
    prescan: Prescan, buffer: Buffer, position: tuple[int, int], step: ElementStep, terms: tuple[str, ...]
) -> tuple[str, ...]:
    """Add the instance's own UID, or the position of bulk data; return the character set in force from here."""
    read = step.prescan_read % PrescanRead.GATHERED
    if read == PrescanRead.ITEMS:
        if buffer[position[0] : position[0] + 4] == ITEM_KEY:
            prescan.has_unread_items = True
        return terms
    if read == PrescanRead.CHARACTER_SET:
        return character_sets.parse(bytes(buffer[position[0] : position[1]]))
    if read == PrescanRead.OWN_UID:
        raw = bytes(buffer[position[0] : position[1]])
        prescan.values[step.tag] = _values(raw, step.tag, step.vr, terms)
    else:
        prescan.values[step.tag] = ()
        prescan.positions[step.tag] = position
    return terms


# The instances of a series share most values, and often all but the instance's own UID: the decoded values are
# cached, for all values together and for each of them. The caches are bounded.


@lru_cache(maxsize=256)
def _read_same(
    reads: RecurringReads, raws: tuple[bytes, ...], terms: tuple[str, ...]
) -> tuple[Mapping[int, tuple[str, ...]], Sequence[tuple[str, str]], dict[Hashable, Any]]:
    """Return `_read_all` of the raw values of `reads`, which are compared in half the time, and `Prescan.shared`."""
    found = tuple((raw, step, terms) for raw, step in zip(raws, reads.steps, strict=True))
    return *_read_all.__wrapped__(found), {}


@lru_cache(maxsize=256)
def _read_all(raws: tuple[_Raw, ...]) -> _Read:
    """Return the needed values by tag, and the identifying ones as (kind, value)."""
    values: dict[int, tuple[str, ...]] = {}
    identity: list[tuple[str, str]] = []
    for raw, step, terms in raws:
        if step.needed:
            values[step.tag] = _values(raw, step.tag, step.vr, terms)
        if step.identity and raw:
            identity += _identifying(raw, step.identity, step.vr, terms)
    return values, identity


@bounded_cache(maxsize=2048)
def _values(raw: bytes, tag: int, vr: str, terms: tuple[str, ...]) -> tuple[str, ...]:
    if vr in FORMATS:
        return tuple(map(str, unpack(raw, vr)))
    text = decode_or_latin1(raw, terms)
    parts = [text] if vr in _ONE_VALUE else text.split("\\")
    if tag in IDENTIFIERS and vr != "UI":
        parts = [text]  # the whole value identifies the patient, a stray backslash included
    return tuple(part.strip(" \0") for part in parts)


@bounded_cache(maxsize=2048)
def _identifying(raw: bytes, kind: str, vr: str, terms: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    if vr in FORMATS:
        return tuple((kind, str(number).removesuffix(".0")) for number in unpack(raw, vr))
    if kind == DATE:
        return tuple((kind, f"{day:%Y%m%d}") for day in days_of(raw.decode("latin-1").replace("\\", "-")))
    texts = readings(raw, terms)
    parts = texts if vr in _ONE_VALUE else [part for text in texts for part in text.split("\\")]
    return tuple((kind, part.strip(" \0")) for part in parts)


def decode_or_latin1(raw: bytes, terms: tuple[str, ...]) -> str:
    """Return the text of `raw`, by Latin-1 where the declared character set does not allow the bytes."""
    try:
        return character_sets.decode(raw, terms)
    except UnicodeDecodeError:
        return raw.decode("latin-1")
