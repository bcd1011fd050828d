"""Private attributes that are kept, by creator and element, not by block (PS3.5 section 7.8, PS3.15 E.3.10)."""

from __future__ import annotations

from dataclasses import dataclass

from orthanc_deid.deid.edits import Edits
from orthanc_deid.deid.element_steps import ElementStep
from orthanc_deid.deid.plan import Plan
from orthanc_deid.dicom.slices import Buffer
from orthanc_deid.profile.action import Action
from orthanc_deid.profile.compile import Level

_FIRST_BLOCK, _LAST_BLOCK = 0x10, 0xFF


@dataclass(slots=True)
class _Block:
    """A reserved block. `steps`: those of its elements by the steps that the walker noted, None: removed."""

    creator: str
    place: int  # index of the creator's removal among the edits, withdrawn when one of its elements stays
    steps: dict[ElementStep, ElementStep | None]


class PrivateBlocks:
    """The blocks reserved in the data set that is being changed, and in those around it.

    `stayed`: how many private data elements stayed so far.
    """

    def __init__(self, plan: Plan, edits: Edits, buffer: Buffer) -> None:
        self._plan = plan
        self._edits = edits
        self._buffer = buffer
        self._outer: list[dict[int, _Block]] = []
        self._blocks: dict[int, _Block] = {}
        self.stayed = 0

    def enter(self) -> None:
        """Enter an item: it reserves blocks of its own."""
        self._outer.append(self._blocks)
        self._blocks = {}

    def leave(self) -> None:
        """Leave the item."""
        self._blocks = self._outer.pop()

    def element(
        self, start: int, value: int, end: int, step: ElementStep, level: Level
    ) -> ElementStep | None:
        """Return the step of a private element at `level` that may stay; remove any other. Not for sequences.

        A creator is removed first, and restored with the first element of its block that `stays`.
        """
        number = step.tag & 0xFFFF
        if number > _LAST_BLOCK:
            block = self._blocks.get(step.tag & 0xFFFF0000 | number >> 8)
            if block is not None:
                try:
                    kept = block.steps[step]
                except KeyError:
                    kept = block.steps[step] = self._element_step(step, level)
                if kept is not None:
                    return kept
        elif number >= _FIRST_BLOCK:
            creator = bytes(self._buffer[value:end]).decode("latin-1").strip(" \0")
            steps = self._plan.private.known(level, creator)
            self._blocks[step.tag & 0xFFFF0000 | number] = _Block(creator, len(self._edits.list), steps)
        self._edits.list.append((start, end, b""))
        return None

    def _element_step(self, step: ElementStep, level: Level) -> ElementStep | None:
        kept = self.kept(step, level)
        return (
            None if kept is None or kept.vr == "SQ" else kept
        )  # a VR of a list, but the value holds no items

    def kept(self, step: ElementStep, level: Level, *, items: bool = False) -> ElementStep | None:
        """Return the step of a private data element that may be kept, or None for one to be removed.

        `items`: it is a sequence.
        """
        block = self._block(step)
        if block is None:
            return None
        found = self._plan.private.of(step, level, block.creator, items=items)
        if found.rule.action is Action.X and not found.cases:
            return None
        return found

    def creator(self, step: ElementStep) -> str | None:
        """Return the creator of a private data element, None where its block is not reserved."""
        block = self._block(step)
        return None if block is None else block.creator

    def stays(self, step: ElementStep) -> None:
        """Keep the creator of a private data element that stays."""
        self.stayed += 1
        block = self._block(step)
        if block is not None:
            self._edits.list[block.place] = None

    def _block(self, step: ElementStep) -> _Block | None:
        return self._blocks.get(step.tag & 0xFFFF0000 | (step.tag & 0xFFFF) >> 8)
