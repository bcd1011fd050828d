"""Attributes that mean nothing without another one (RULES.md, "Bound attributes"): they go where it goes.

A Window Width without its Window Center, or half of a plane's position, would be read wrongly or refused by a reader.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace
from typing import Final

from orthanc_deid.deid.element_encoder import encode_element
from orthanc_deid.deid.element_steps import Act, ElementStep
from orthanc_deid.dicom.elements import Event, EventKind
from orthanc_deid.profile.action import Action
from orthanc_deid.profile.rule import Rule
from orthanc_deid.standard.tables import needed_attributes

Gone = Mapping[int, AbstractSet[int]]
"""Attributes that went from an instance: their tags by the start of their data set, 0 for the top level."""

_SETTLED: Final = (Act.REMOVE, Act.REPLACE, Act.GIVE)
_ALONE: Final = Rule(Action.X, "bound to an attribute that goes")
_EMPTIED: Final = ("2", "2C")


def without_bound(
    events: Sequence[Event], gone: Gone, case: Callable[[ElementStep], ElementStep]
) -> list[Event]:
    """Return the events, with steps that remove what is bound to the attributes that are `gone`.

    `case`: returns the step that holds of one with cases. What a rule of the profile gives or removes stays so.
    """
    found: list[Event] = []
    starts = [0]
    for event in events:
        kind, _, value, _, step = event
        if kind == EventKind.ITEM:
            starts.append(value)
        elif kind == EventKind.ITEM_END:
            starts.pop()
        elif kind == EventKind.ELEMENT and starts[-1] in gone:
            needs = needed_attributes().get(step.tag)
            if needs is not None and not needs.isdisjoint(gone[starts[-1]]):
                found.append((*event[:4], _removing(case(step) if step.act == Act.CASES else step)))
                continue
        found.append(event)
    return found


def _removing(step: ElementStep) -> ElementStep:
    type_in_iod = step.level.types.type_of(step.tag)
    if step.act in _SETTLED or type_in_iod == "1":
        return step
    if type_in_iod in _EMPTIED:
        empty = encode_element(step.tag, step.vr, b"", explicit=step.explicit)
        return replace(step, act=Act.REPLACE, rule=replace(_ALONE, action=Action.Z), replacement=empty)
    return replace(step, act=Act.REMOVE, rule=_ALONE, replacement=b"")
