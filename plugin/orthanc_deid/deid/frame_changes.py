"""The changes of compressed frames: of each codestream what decoding needs, and tables of offsets that are true."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cached_property
from typing import ClassVar, Final

from orthanc_deid.config.key import Key
from orthanc_deid.deid.element_changes import ElementChanges, ElementHandler
from orthanc_deid.deid.element_steps import Act, ElementStep
from orthanc_deid.deid.pixels.frames.encapsulated import Encapsulated
from orthanc_deid.deid.pixels.frames.instance_frames import (
    frame_changes,
    is_of_undefined_length,
    true_offsets,
)
from orthanc_deid.deid.plan import Plan
from orthanc_deid.deid.prescan import Prescan
from orthanc_deid.deid.subject import Subject
from orthanc_deid.dicom.part10 import Encoded
from orthanc_deid.dicom.tags import PIXEL_DATA, format_tag
from orthanc_deid.errors import RefusedError
from orthanc_deid.profile.action import Action
from orthanc_deid.profile.rule import Rule

_CLEANED: Final = Rule(Action.C, "compressed frames")
_GONE: Final = Rule(Action.X, "compressed frames")


class FrameChanges(ElementChanges):
    """The changes of Pixel Data in fragments at the top level, and of the tables that describe them."""

    def __init__(self, encoded: Encoded, plan: Plan, subject: Subject, prescan: Prescan, key: Key) -> None:
        super().__init__(encoded, plan, subject, prescan, key)
        self._encoded = encoded

    @cached_property
    def _compressed(self) -> Encapsulated | None:
        values = self.prescan.values
        accepted = self.plan.compiled.accepts_pixels(values)
        return frame_changes(self._encoded, values, self.prescan.positions, checks_high_bits=not accepted)

    def _frames(self, start: int, value: int, end: int, step: ElementStep) -> None:
        if step.level.path or step.tag != PIXEL_DATA:
            self._no_image(start, value, end, step)
            return
        found = self._compressed
        if found is None:
            self._keep(start, value, end, step)
        elif found.edits:
            for edit in found.edits:
                self.edits.replace(*edit)
            self.done.append(replace(step, rule=_CLEANED))

    def _no_image(self, start: int, value: int, end: int, step: ElementStep) -> None:
        """Keep bytes of defined length; remove fragments, which only the image of the instance may have."""
        if not is_of_undefined_length(self.buffer, value):
            self._keep(start, value, end, step)
        elif step.level.types.type_of(step.tag) in ("1", "1C"):
            raise RefusedError("fragments that are no image", format_tag(step.tag))
        else:
            self._remove(start, value, end, replace(step, rule=_GONE))

    def _offsets(self, start: int, value: int, end: int, step: ElementStep) -> None:
        found = None if step.level.path else self._compressed
        new = b"" if found is None else true_offsets(step.tag, found)
        if not new:
            self._remove(start, value, end, replace(step, rule=_GONE))
        elif bytes(self.buffer[value:end]) != new:
            self._put(start, end, replace(step, rule=_CLEANED), new)

    _HANDLERS: ClassVar[Mapping[int, ElementHandler]] = {
        **ElementChanges._HANDLERS,
        Act.FRAMES: _frames,
        Act.OFFSETS: _offsets,
    }
