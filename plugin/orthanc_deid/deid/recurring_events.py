"""What the events of a cached walk say by themselves, found out once for all instances of that layout.

The events name steps and places, which recur with the layout, and no values.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from orthanc_deid.deid.binary_numbers import SHORT_NUMBERS
from orthanc_deid.deid.element_steps import Act, ElementStep, PrescanRead, gathered_list
from orthanc_deid.deid.words_in_bytes import FEWEST_LETTERS
from orthanc_deid.dicom.elements import Event, EventKind
from orthanc_deid.dicom.tags import is_private

_Place: TypeAlias = tuple[int, int, ElementStep]
"""(value, end, step)."""


@dataclass(frozen=True, slots=True, eq=False)
class RecurringReads:
    """What the prescan reads of the events of one layout.

    `spans`: (value, end) of the values that are cached, of `steps`; `length`: the bytes of their elements. `alone`:
    places of the character set, the instance's own UID and bulk data. `gathered`: (list, value, end). `sequences`:
    the sequences whose presence counts, without values.
    """

    spans: tuple[tuple[int, int], ...]
    steps: tuple[ElementStep, ...]
    length: int
    alone: tuple[_Place, ...]
    gathered: tuple[tuple[int, int, int], ...]
    sequences: Mapping[int, tuple[str, ...]]


def recurring_reads(events: Sequence[Event]) -> RecurringReads | None:
    """Return the reads of `events`; None where a character set comes behind a value, or is that of an item."""
    cached: list[_Place] = []
    alone: list[_Place] = []
    gathered: list[tuple[int, int, int]] = []
    length = 0
    for kind, start, value, end, step in events:
        if kind != EventKind.ELEMENT or not step.prescan_read:
            continue
        gathers, read = divmod(step.prescan_read, PrescanRead.GATHERED)
        if gathers:
            gathered.append((gathered_list(step), value, end))
        if read == PrescanRead.VALUE:
            cached.append((value, end, step))
            length += end - start
        elif read == PrescanRead.CHARACTER_SET and (step.level.path or cached or alone):
            return None
        elif read:
            alone.append((value, end, step))
    sequences = {
        step.tag: ()
        for kind, *_, step in events
        if kind == EventKind.SEQUENCE and step is not None and step.needed
    }
    spans = tuple((value, end) for value, end, _ in cached)
    steps = tuple(step for _, _, step in cached)
    return RecurringReads(spans, steps, length, tuple(alone), tuple(gathered), sequences)


def recurring_changes(events: Sequence[Event]) -> list[Event]:
    """Return the events that may change something: runs of removed elements as one, and none that always stay.

    Inside of private sequences all stay as they are, since steps there depend on the creators.
    """
    found: list[Event] = []
    private = depth = 0
    for event in events:
        kind, start, value, end, step = event
        if kind == EventKind.SEQUENCE:
            depth += 1
            if not private and step is not None and step.act == Act.PRIVATE:
                private = depth
        elif kind == EventKind.SEQUENCE_END:
            if depth == private:
                private = 0
            depth -= 1
        elif kind == EventKind.ELEMENT and not private:
            if always_stays(step, end - value):
                continue
            if step.act == Act.REMOVE and not is_private(step.tag):
                _add_removed(found, (start, end, step))
                continue
        found.append(event)
    return found


def always_stays(step: ElementStep, length: int) -> bool:
    """Whether an element with a value of `length` bytes stays, whatever it holds."""
    if step.act == Act.KEEP:
        return length > 0 or step.level.path != ()  # an empty one may have to make way for a pseudonym
    return (
        step.act == Act.BINARY
        and step.vr in SHORT_NUMBERS
        and step.most is not None
        and 0 < length <= step.most < FEWEST_LETTERS
    )


def _add_removed(found: list[Event], place: _Place) -> None:
    """Add a removed element, joined with those right before it."""
    start, end, step = place
    last = found[-1] if found else None
    if last is not None and last[0] == EventKind.GONE and last[3] == start:
        found[-1] = (EventKind.GONE, last[1], end, end, [*last[4], step])
    else:
        found.append((EventKind.GONE, start, end, end, [step]))
