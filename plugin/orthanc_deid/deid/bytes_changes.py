"""Kept bytes are held to their meaning: samples to the length that the attributes beside them state."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from dataclasses import replace
from typing import ClassVar, Final

from orthanc_deid.deid.binary_numbers import SHORT_NUMBERS
from orthanc_deid.deid.element_changes import ElementHandler
from orthanc_deid.deid.element_steps import Act, ElementStep
from orthanc_deid.deid.frame_changes import FrameChanges
from orthanc_deid.deid.icc_profile import cleaned_profile
from orthanc_deid.deid.identity_in_bytes import holds_identity_in_bytes
from orthanc_deid.deid.identity_in_numbers import holds_number
from orthanc_deid.deid.lookup_tables import DESCRIPTORS, PALETTES, has_colours, table_length, uses_palette
from orthanc_deid.deid.prescan import image_length
from orthanc_deid.deid.sample_lengths import describing, samples_length, values_between
from orthanc_deid.deid.words_in_bytes import FEWEST_LETTERS, reads_as_words
from orthanc_deid.dicom.elements import MalformedError
from orthanc_deid.dicom.part10 import NATIVE
from orthanc_deid.dicom.tags import PIXEL_DATA, PIXEL_DATA_TAGS, format_tag
from orthanc_deid.errors import RefusedError
from orthanc_deid.profile.action import Action
from orthanc_deid.profile.rule import Rule
from orthanc_deid.profile.type_floor import resolve

_UNDEFINED: Final = b"\xff\xff\xff\xff"
_U32 = struct.Struct("<I")
_CUT: Final = Rule(Action.C, "held to its meaning")
_NO_MEANING: Final = Rule(Action.X, "held to its meaning")
_IDENTIFYING: Final = Rule(Action.X, "identifying value found")
_REFUSALS: Final = {
    _NO_MEANING: "words in the place of numbers",
    _IDENTIFYING: "identifying value in a number that must stay",
}
_REQUIRED: Final = ("1", "1C")


class BytesChanges(FrameChanges):
    """The changes of bytes that stay; `Changes` adds those of sequences and private elements."""

    _item_start = 0  # of the elements of the item that is being changed

    def _fall(self, start: int, value: int, end: int, step: ElementStep) -> None:
        """Remove or empty an attribute that others are bound to, and note that it went."""
        if value < end:
            self.gone.setdefault(self._item_start if step.level.path else 0, set()).add(step.tag)
        if value < end or step.rule.action is Action.X:
            self.edits.replace(start, end, step.replacement)
            self.done.append(step)

    def _samples(self, start: int, value: int, end: int, step: ElementStep) -> None:
        """Cut samples to their length; remove those that nothing describes."""
        if value == end:
            return
        top = not step.level.path
        undefined = self._is_undefined(value)
        if top and undefined is (self.transfer_syntax in NATIVE):
            raise RefusedError("samples are not encoded as the transfer syntax says", format_tag(step.tag))
        if undefined:
            self._frames(start, value, end, step)
            return
        if top and step.tag in PIXEL_DATA_TAGS - {PIXEL_DATA} and PIXEL_DATA in self.prescan.positions:
            self._remove(start, value, end, replace(step, rule=_NO_MEANING))
            return
        if top and step.tag == PIXEL_DATA:
            length = image_length(self.prescan, end - value)
        else:
            length = self._samples_length(start, end - value, step)
        if length is not None:
            self._cut(start, value, end, length, step)
        elif step.level.types.type_of(step.tag) in _REQUIRED:
            raise RefusedError("samples whose number no attribute states", format_tag(step.tag))
        else:
            self._remove(start, value, end, replace(step, rule=_NO_MEANING))

    def _samples_length(self, start: int, present: int, step: ElementStep) -> int | None:
        tags = describing(step.tag)
        values: Mapping[int, tuple[str, ...]] = self.prescan.values
        if step.level.path or not tags <= self.plan.needed:
            values = self._values_beside(start, step, tags)
        return samples_length(step.tag, values, present)

    def _binary(self, start: int, value: int, end: int, step: ElementStep) -> None:
        """Keep as many numbers in binary as the attribute has values; those that read as words go under the floor."""
        length, most = end - value, step.most
        if most is not None and 0 < length <= most < FEWEST_LETTERS and step.vr in SHORT_NUMBERS:
            return  # nearly always: a number that a condition or the engine needs as well
        if self._is_undefined(value):
            self._frames(start, value, end, step)
            return
        if not length:
            self._keep(start, value, end, step)
            return
        if step.tag in PALETTES and not uses_palette(self.prescan.values):
            self._remove(start, value, end, replace(step, rule=_NO_MEANING))
            return
        kept = self._described(start, bytes(self.buffer[value:end])[: step.most], step)
        if reads_as_words(kept, step.vr) or holds_identity_in_bytes(kept, self.subject.identity):
            self._under_the_floor(start, end, step)
        elif holds_number(kept, step.vr, self.subject.identity.known.integers):
            self._under_the_floor(start, end, step, _IDENTIFYING)
        elif len(kept) < end - value:
            self._put(start, end, replace(step, rule=_CUT), kept)

    def _private_bytes(self, start: int, value: int, end: int, step: ElementStep) -> None:
        """Keep private bytes, unless words or identifying values occur in them."""
        if self._is_undefined(value):
            self._frames(start, value, end, step)
            return
        raw = bytes(self.buffer[value:end])
        if reads_as_words(raw, step.vr, step.shortest) or holds_identity_in_bytes(raw, self.subject.identity):
            self._remove(start, value, end, replace(step, act=Act.REMOVE, rule=_NO_MEANING))

    def _described(self, start: int, raw: bytes, step: ElementStep) -> bytes:
        """Return as much of a lookup table as its descriptor describes; RefusedError where that is missing."""
        descriptor = DESCRIPTORS.get(step.tag)
        if descriptor is None:
            return raw
        values = self._values_beside(start, step, frozenset({descriptor}))
        length = table_length(step.tag, values.get(descriptor, ()), raw)
        if length is None:
            raise RefusedError("lookup table without its descriptor", format_tag(step.tag))
        return raw[:length]

    def _values_beside(
        self, start: int, step: ElementStep, tags: frozenset[int]
    ) -> Mapping[int, tuple[str, ...]]:
        """Return the values of `tags` among the elements of the same data set before `start`."""
        first = self._item_start if step.level.path else self.data_set_start
        return values_between(self.buffer, first, start, tags, explicit=step.explicit)

    def _under_the_floor(self, start: int, end: int, step: ElementStep, rule: Rule = _NO_MEANING) -> None:
        """Remove or empty an element that may not stay; RefusedError where a dummy, which would mislead, is due."""
        action = resolve("X", step.level.types.type_of(step.tag))
        if action is Action.D:
            raise RefusedError(_REFUSALS[rule], format_tag(step.tag))
        gone = replace(step, rule=rule)
        if action is Action.Z:
            self._put(start, end, gone, b"")
        else:
            self._remove(start, start, end, gone)

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

    def _icc_profile(self, start: int, value: int, end: int, step: ElementStep) -> None:
        """Keep of a profile what colours need; remove what is no profile, unless the image has colours."""
        if self._is_undefined(value) or value == end:
            self._frames(start, value, end, step)
            return
        raw = bytes(self.buffer[value:end])
        cleaned = cleaned_profile(raw)
        if cleaned is not None:
            cleaned += bytes(len(cleaned) % 2)
            if cleaned != raw:
                self._put(start, end, replace(step, rule=_CUT), cleaned)
        elif step.level.types.type_of(step.tag) in _REQUIRED and has_colours(self.prescan.values):
            raise RefusedError("no ICC profile", format_tag(step.tag))
        else:
            self._remove(start, value, end, replace(step, rule=_NO_MEANING))

    def _is_undefined(self, value: int) -> bool:
        return bytes(self.buffer[value - 4 : value]) == _UNDEFINED

    def _byte(self, at: int) -> int:
        """Return one byte of the instance, which may be in the unread part of the file."""
        read = len(self.buffer)
        if at < read or self.tail is None:
            return self.buffer[at]
        return self.tail.between(at - read, at - read + 1)[0]

    _HANDLERS: ClassVar[Mapping[int, ElementHandler]] = {
        **FrameChanges._HANDLERS,
        Act.FALL: _fall,
        Act.SAMPLES: _samples,
        Act.BINARY: _binary,
        Act.TABLE: _binary,
        Act.PRIVATE_BYTES: _private_bytes,
        Act.ICC_PROFILE: _icc_profile,
    }
