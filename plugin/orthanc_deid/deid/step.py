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


GATHERED: Final = frozenset({Act.SEARCH, Act.NUMBER})
"""The acts that change nothing in most instances, which is told for all of their elements at once."""


class Heap:
    """What is judged all at once before anything is judged by itself, by the kind of judgement."""

    TEXTS = 0
    NUMBERS = 1
    UIDS = 2


@dataclass(frozen=True, slots=True, eq=False)
class Step:
    """An element as the tables know it. `identity` is the kind of an identifying value, else empty.

    `harvested`: its value is wanted before anything is decided.
    """

    tag: int
    vr: str
    rule: Rule
    act: int
    level: Level
    explicit: bool
    replacement: bytes = b""
    identity: str = ""
    harvested: bool = False
    otherwise: Step | None = None
    cases: tuple[tuple[tuple[Condition, ...], Step], ...] = ()


def heap_of(step: Step) -> int:
    """Return the number of the heap on which a step's value is judged together with those of its kind."""
    if step.act == Act.SEARCH:
        return Heap.TEXTS
    return Heap.UIDS if step.vr == "UI" else Heap.NUMBERS
