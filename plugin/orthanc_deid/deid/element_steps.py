"""What an element of an instance means to the engine: the step that the tables of `plan` give for it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from orthanc_deid.profile.compile import Level
from orthanc_deid.profile.model import Condition
from orthanc_deid.profile.rule import Rule


class Act:
    """What the engine does with an element that was noted: plain integers, compared in the hot loop."""

    KEEP = 0
    REMOVE = 1
    REPLACE = 2  # by `Step.replacement`, unless empty
    UID = 3
    DATE = 4
    TEXT = 5
    SEARCH = 6
    NUMBER = 7
    PATIENT_ID = 8
    PATIENT_NAME = 9
    DERIVE = 10
    CHARACTER_SET = 11
    PRIVATE = 12
    DUMMY_SEQUENCE = 13
    CASES = 14
    AGE = 15
    EQUIPMENT = 16  # stays, and `Step.replacement` is put behind its items
    SECONDS = 17
    GIVE = 18  # the value of an explicit rule, by the character set in force


GATHERED: Final = frozenset({Act.SEARCH, Act.NUMBER})
"""The acts that change nothing in most instances, which is told for all of their elements at once."""


class Heap:
    """What is judged all at once before anything is judged by itself, by the kind of judgement."""

    TEXTS = 0
    NUMBERS = 1
    UIDS = 2


class Look:
    """What is read of a noted element before anything is decided."""

    NONE = 0
    VALUE = 1
    OWN_UID = 2  # the SOP Instance UID: no other instance has the same
    PLACE = 3  # of bulk data
    CHARACTER_SET = 4
    HEAP = 8  # added to one of the others: the value is judged together with those of its kind


@dataclass(frozen=True, slots=True, eq=False)
class Step:
    """An element as the tables know it. `look` is a `Look`; `identity` the kind of an identifying value, else empty.

    `kept`: a condition or the engine itself asks for its value, at the top level.
    """

    tag: int
    vr: str
    rule: Rule
    act: int
    level: Level
    explicit: bool
    replacement: bytes = b""
    identity: str = ""
    look: int = Look.NONE
    kept: bool = False
    otherwise: Step | None = None
    cases: tuple[tuple[tuple[Condition, ...], Step], ...] = ()

    @property
    def harvested(self) -> bool:
        """Whether anything of it is read before anything is decided."""
        return self.look % Look.HEAP != Look.NONE


def heap_of(step: Step) -> int:
    """Return the number of the heap on which a step's value is judged together with those of its kind."""
    if step.act == Act.SEARCH:
        return Heap.TEXTS
    return Heap.UIDS if step.vr == "UI" else Heap.NUMBERS
