"""Kept bytes are held to their meaning: samples to the length that the attributes beside them state."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from dataclasses import replace
from typing import ClassVar, Final

from orthanc_deid.deid.element_changes import ElementHandler
from orthanc_deid.deid.element_steps import Act, ElementStep
from orthanc_deid.deid.frame_changes import FrameChanges
from orthanc_deid.deid.sample_lengths import describing, samples_length, values_between
from orthanc_deid.dicom.elements import MalformedError
from orthanc_deid.dicom.part10 import NATIVE
from orthanc_deid.dicom.tags import PIXEL_DATA, PIXEL_DATA_TAGS, format_tag
from orthanc_deid.errors import RefusedError
from orthanc_deid.profile.action import Action
from orthanc_deid.profile.rule import Rule

_UNDEFINED: Final = b"\xff\xff\xff\xff"
_U32 = struct.Struct("<I")
_CUT: Final = Rule(Action.C, "held to its meaning")
_NO_MEANING: Final = Rule(Action.X, "held to its meaning")
_REQUIRED: Final = ("1", "1C")


class BytesChanges(FrameChanges):
    """The changes of bytes that stay; `Changes` adds those of sequences and private elements."""

    _item_start = 0  # of the elements of the item that is being changed

    def _samples(self, start: int, value: int, end: int, step: ElementStep) -> None:
        """Cut samples to their length; remove those that nothing describes."""
        if value == end:
            return
        top = not step.level.path
        undefined = bytes(self.buffer[value - 4 : value]) == _UNDEFINED
        if top and undefined is (self.transfer_syntax in NATIVE):
            raise RefusedError("samples are not encoded as the transfer syntax says", format_tag(step.tag))
        if undefined:
            self._frames(start, value, end, step)
            return
        if top and step.tag in PIXEL_DATA_TAGS - {PIXEL_DATA} and PIXEL_DATA in self.prescan.positions:
            self._remove(start, value, end, replace(step, rule=_NO_MEANING))
            return
        tags = describing(step.tag)
        values = self.prescan.values
        if not top or not tags <= self.plan.needed:
            first = self._item_start if not top else self.data_set_start
            values = values_between(self.buffer, first, start, tags, explicit=step.explicit)
        length = samples_length(step.tag, values, end - value)
        if length is not None:
            self._cut(start, value, end, length, step)
        elif step.level.types.type_of(step.tag) in _REQUIRED:
            raise RefusedError("samples whose number no attribute states", format_tag(step.tag))
        else:
            self._remove(start, value, end, replace(step, rule=_NO_MEANING))

    def _cut(self, start: int, value: int, end: int, length: int, step: ElementStep) -> None:
        """Keep the first `length` bytes of a value of 32-bit length; one of odd length is padded with zero."""
        padding = bytes(length % 2)
        present = end - value
        if present <= length or (present == length + len(padding) and self._byte(end - 1) == 0):
            return
        if end > len(self.buffer):
            raise MalformedError("bytes behind the samples, in the unread part of the file")
        if present != length + len(padding):
            self.edits.replace(value - 4, value, _U32.pack(length + len(padding)))
        self.edits.replace(value + length, end, padding)
        self.done.append(replace(step, rule=_CUT))

    def _byte(self, at: int) -> int:
        """Return one byte of the instance, which may be in the unread part of the file."""
        read = len(self.buffer)
        if at < read or self.tail is None:
            return self.buffer[at]
        return self.tail.between(at - read, at - read + 1)[0]

    _HANDLERS: ClassVar[Mapping[int, ElementHandler]] = {
        **FrameChanges._HANDLERS,
        Act.SAMPLES: _samples,
    }
