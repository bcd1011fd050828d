"""The audit of compressed frames: of each what decoding needs, unchanged, and nothing else in any fragment."""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence

from orthanc_deid.dicom.tags import (
    BITS_ALLOCATED,
    COLUMNS,
    ENCAPSULATED_PIXEL_DATA_VALUE_TOTAL_LENGTH,
    EXTENDED_OFFSET_TABLE,
    NUMBER_OF_FRAMES,
    PIXEL_DATA,
    ROWS,
    SAMPLES_PER_PIXEL,
)
from orthanc_deid.verify.audit.evidence import COMPRESSED_FRAMES, Evidence
from orthanc_deid.verify.findings import Findings
from orthanc_deid.verify.pixels.claimed_frames import ClaimedFrames
from orthanc_deid.verify.pixels.hidden_bits import hides_bits, states_more
from orthanc_deid.verify.reading.frames.fragments import (
    Span,
    basic_offsets,
    fragments_between,
    frames_of,
    offsets_of,
)
from orthanc_deid.verify.reading.frames.needed import (
    DECODED,
    can_be_split,
    is_opaque,
    is_video,
    needed,
    samples_with_high_bits,
)
from orthanc_deid.verify.reading.frames.pieces import equals, headers, is_whole, total
from orthanc_deid.verify.reading.frames.runs import FrameSize
from orthanc_deid.verify.reading.frames.split_frame import Frame, SplitFrame
from orthanc_deid.verify.reading.hidden_bits import bits_above
from orthanc_deid.verify.reading.instance import Instance
from orthanc_deid.verify.reading.long_values import same_bytes
from orthanc_deid.verify.reading.stored_numbers import numbers

CHANGED_PIXELS = "changed pixels"
_END = b"\xfe\xff\xdd\xe0\0\0\0\0"
_LARGEST_OFFSET = 0xFFFFFFFF
_UNDEFINED = b"\xff\xff\xff\xff"


def is_encapsulated(instance: Instance, start: int) -> bool:
    """Whether the value at `start` has no length of its own."""
    return instance.load(start - 4, start) == _UNDEFINED


class Frames:
    """The frames of one instance, by the fragments of its Pixel Data from `start` to `end`; raises ParseError."""

    def __init__(self, instance: Instance, attributes: Instance, start: int, end: int) -> None:
        """`attributes`: the instance whose attributes describe the frames, the original."""
        self._instance = instance
        self.syntax = attributes.transfer_syntax
        self.size = _frame_size(attributes)
        self.end = end
        self.table, *self.fragments = fragments_between(instance.load, start, end)
        self.offsets = basic_offsets(instance.load, self.table)
        self.groups = frames_of(
            instance.load,
            self.fragments,
            max(1, _number(attributes, NUMBER_OF_FRAMES)),
            (self.offsets, _extended_offsets(instance)),
            one_stream=is_video(self.syntax),
        )

    def __iter__(self) -> Iterator[Frame]:
        """Yield the bytes of each frame, copied only where they lie in several places and all of them are read."""
        for group in self.groups:
            found = [
                part
                for start, length in group
                for part in self._instance.slices.between(start, start + length)
            ]
            if len(found) > 1 and can_be_split(bytes(found[0][:2]), self.syntax):
                yield SplitFrame(found)
            else:
                yield found[0] if len(found) == 1 else b"".join(found)

    @property
    def used(self) -> int:
        """The number of fragments that belong to a frame."""
        return sum(map(len, self.groups))


class FrameAudit:
    """Compares the frames of an output with those of its original."""

    def __init__(
        self,
        original: Instance,
        output: Instance,
        findings: Findings,
        evidence: Evidence,
        claimed: ClaimedFrames | None = None,
    ) -> None:
        """`claimed`: the frames with samples that may differ; None: none may."""
        self._claimed = claimed
        self._original = original
        self._output = output
        self._findings = findings
        self._evidence = evidence

    def check(self, before: Span, after: Span) -> None:
        """Check Pixel Data, encapsulated on both sides; `before`, `after`: (start, length) of the values.

        Raises ParseError where a frame of either cannot be read.
        """
        output = Frames(self._output, self._original, after[0], sum(after))
        same = (
            self._claimed is None
            and before[1] == after[1]
            and same_bytes(self._original.slices, before[0], self._output.slices, *after)
        )
        original = None if same else Frames(self._original, self._original, before[0], sum(before))
        self._check_frames(original, output)
        self._check_table(original or output, output)
        if self._output.load(output.end - len(_END), output.end) != _END:
            self._add("no valid delimiter")

    def _add(self, what: str) -> None:
        self._findings.add(COMPRESSED_FRAMES, what, (PIXEL_DATA,))

    def _check_frames(self, original: Frames | None, output: Frames) -> None:
        if original is not None and len(original.groups) != len(output.groups):
            self._add("number of frames changed")
            return
        if output.used != len(output.fragments):
            self._add("fragments that belong to no frame")
        texts: set[bytes] = set()
        for index, (one, other) in enumerate(zip(original or output, output, strict=True)):
            pieces = needed(other, output.syntax, output.size)
            length = total(pieces)
            if not is_whole(pieces, length) or len(other) != length + length % 2 or any(other[length:]):
                self._add("bytes that decoding does not need")
            if original is not None:
                self._compare(index, one, other, length, original)
            if not is_opaque(bytes(other[:16]), output.syntax):
                texts.update(headers(other, pieces))
        path = (PIXEL_DATA,)
        self._evidence.take_headers(texts, path)
        for start, length in output.fragments:
            if is_opaque(self._output.load(start, start + min(length, 16)), output.syntax):
                self._evidence.take_stream((start, length), path)

    def _compare(self, index: int, one: Frame, other: Frame, length: int, original: Frames) -> None:
        """Check a frame of the output, of which decoding needs `length` bytes, by that of the original."""
        if self._claimed is not None and index in self._claimed:
            for fault in sorted(
                {*self._claimed.compressed(index, bytes(one), bytes(other), original.syntax)}
            ):
                self._findings.add(CHANGED_PIXELS, fault, (PIXEL_DATA,))
            return
        due = needed(one, original.syntax, original.size)
        if total(due) != length or not equals(one, due, other):
            self._add("not what decoding needs of the original")

    def _check_table(self, original: Frames, output: Frames) -> None:
        """Check the Basic Offset Table: empty where it was, or where an offset is too large; else true."""
        true = offsets_of(output.groups)
        due = [] if not original.table[1] or (true and true[-1] > _LARGEST_OFFSET) else true
        if list(output.offsets) != due or output.table[1] != 4 * len(due):
            self._add("offset table that is not true")

    def check_offsets(self, tag: int, value: bytes, span: Span | None) -> None:
        """Check one of `OFFSET_TAGS` that the output has; `span`: (start, length) of its Pixel Data, None without."""
        if not self._is_true(tag, value, span):
            self._findings.add(COMPRESSED_FRAMES, "offset table that is not true", (tag,))

    def _is_true(self, tag: int, value: bytes, span: Span | None) -> bool:
        if span is None or not is_encapsulated(self._output, span[0]):
            return False
        frames = Frames(self._output, self._original, span[0], sum(span))
        if tag == ENCAPSULATED_PIXEL_DATA_VALUE_TOTAL_LENGTH:
            return value == struct.pack("<Q", sum(length for _, length in frames.fragments))
        if frames.table[1] or any(len(group) != 1 for group in frames.groups):
            return False
        lengths = [group[0][1] for group in frames.groups]
        due = offsets_of(frames.groups) if tag == EXTENDED_OFFSET_TABLE else lengths
        return value == struct.pack(f"<{len(due)}Q", *due)


def frames_with_high_bits(output: Instance, span: Span, high: int, *, signed: bool) -> bool:
    """Whether decoded samples of the output's frames use bits above High Bit.

    Codestreams are decoded where they state more bits than that. Raises ParseError where that is not possible.
    """
    frames = Frames(output, output, span[0], sum(span))
    if frames.syntax in DECODED:
        return any(
            bits_above((samples,), bits, above, signed=signed)
            for frame in frames
            for samples, bits, above in samples_with_high_bits(frame, frames.syntax, frames.size, high)
        )
    return 0 <= high < frames.size.bits - 1 and any(
        states_more(frame, high) and hides_bits(bytes(frame), frames.syntax, output, high, signed=signed)
        for frame in frames
    )


def _frame_size(attributes: Instance) -> FrameSize:
    rows, columns, bits = (_number(attributes, tag) for tag in (ROWS, COLUMNS, BITS_ALLOCATED))
    return FrameSize(rows * columns, _number(attributes, SAMPLES_PER_PIXEL) or 1, bits)


def _extended_offsets(instance: Instance) -> Sequence[int]:
    if EXTENDED_OFFSET_TABLE not in instance.data_set.elements:
        return ()
    value = instance.value(instance.data_set, EXTENDED_OFFSET_TABLE)
    return struct.unpack(f"<{len(value) // 8}Q", value[: len(value) // 8 * 8])


def _number(instance: Instance, tag: int) -> int:
    """Return the first value of a top-level attribute as a number, 0 where it is none."""
    element = instance.data_set.elements.get(tag)
    value = b"" if element is None else element.value or b""
    if tag != NUMBER_OF_FRAMES and len(value) == 2:
        return int(numbers(value, "US", little=instance.encoding.little)[0])
    text = value.split(b"\\")[0].strip(b" \0")
    return int(text) if text.isdigit() and len(text) < 10 else 0
