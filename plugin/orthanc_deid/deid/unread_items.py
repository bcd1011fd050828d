"""Private sequences that their headers do not show: of defined length, in implicit VR or as UN (PS3.5 section 6.2.2).

The walker cannot know them, since only their values do. Those of an instance are walked in a second step.
"""

from __future__ import annotations

from collections.abc import Sequence

from orthanc_deid.deid.element_steps import Act, ElementStep
from orthanc_deid.deid.plan import Plan
from orthanc_deid.dicom.elements import ITEM_KEY, Event, EventKind, MalformedError
from orthanc_deid.dicom.slices import Buffer
from orthanc_deid.dicom.walker import walk_items
from orthanc_deid.errors import RefusedError


def with_items(buffer: Buffer, events: Sequence[Event], plan: Plan) -> list[Event]:
    """Return the events of a walk with such private elements as sequences, at every depth.

    An element whose value does not consist of items to its end remains an element.
    """
    found: list[Event] = []
    for event in events:
        kind, start, value, end, step = event
        items = _items(buffer, value, end, step, plan) if kind == EventKind.ELEMENT else None
        if items is None:
            found.append(event)
        else:
            found += [(EventKind.SEQUENCE, start, value, -1, step), *items]
            found.append((EventKind.SEQUENCE_END, end, end, end, None))
    return found


def _items(buffer: Buffer, value: int, end: int, step: ElementStep, plan: Plan) -> list[Event] | None:
    """Return the events of the items of one element; None where it is no such sequence."""
    if step.act != Act.PRIVATE or step.vr != "UN" or buffer[value : value + 4] != ITEM_KEY:
        return None
    try:
        events = walk_items(buffer, value, end, plan.items(step), depth=len(step.level.path))
    except (MalformedError, RefusedError):  # no items, or items that are nested too deep
        return None
    return with_items(buffer, events, plan)
