"""The values of an original and its output, and whether the output has the original's."""

from __future__ import annotations

from collections.abc import Iterator

from orthanc_deid.dicom.slices import Slices
from orthanc_deid.dicom.tags import PIXEL_DATA
from orthanc_deid.verify.pixels.claimed_frames import ClaimedFrames, Value
from orthanc_deid.verify.reading.data_set import DataSet, UnloadedValue
from orthanc_deid.verify.reading.instance import Instance
from orthanc_deid.verify.reading.long_values import WORD_SIZES, same_bytes, same_words, swapped

_DELIMITER_LENGTH = 4


class ValuePairs:
    """Reads and compares values of the original and its output.

    `byte_order_changed`: the output is little endian and the original was not.
    """

    def __init__(self, original: Instance, output: Instance, claimed: ClaimedFrames | None = None) -> None:
        """`claimed`: the samples of the top level's Pixel Data that may differ; None: none may."""
        self.original = original
        self.output = output
        self.byte_order_changed = not original.encoding.little and output.encoding.little
        self.claimed = claimed

    def before(self, level: DataSet, tag: int) -> bytes:
        """Return a value of the original in little endian, loaded if need be."""
        vr, value = level.elements[tag].VR, self.original.value(level, tag)
        return swapped(value, WORD_SIZES[vr]) if self.byte_order_changed and vr in WORD_SIZES else value

    def same(self, tag: int, source: DataSet, output: DataSet) -> bool:
        """Whether the output has the original's value, but for the padding of one of odd length."""
        before, after = source.unloaded.get(tag), output.unloaded.get(tag)
        if self.claimed is not None and tag == PIXEL_DATA and source is self.original.data_set:
            return True  # `claimed_faults` compares them
        if before is None and after is None:
            left, right = self.before(source, tag), output.elements[tag].value or b""
            if source.elements[tag].VR == "UN" and left[-1:] == b"\0" and right[-1:] == b" ":
                left = left[:-1] + b" "  # the output pads as the VR demands that the private dictionary gave
            return left == right or (len(left) % 2 == 1 and right[:-1] == left and right[-1:] in b" \0")
        if before is None or after is None or (before.fragments or after.fragments) is not None:
            return False
        odd = before.length % 2 and after.length == before.length + 1
        if after.length != before.length and not odd:
            return False
        size = WORD_SIZES.get(source.elements[tag].VR or "", 1) if self.byte_order_changed else 1
        files = self.original.slices, before.start, self.output.slices, after.start
        # The reader checks the length of the delimiter, the last bytes of fragments.
        length = before.length - (_DELIMITER_LENGTH if before.fragments is not None else 0)
        return same_words(*files, length, size) if size > 1 else same_bytes(*files, length)

    def claimed_faults(self, claimed: ClaimedFrames, length: int) -> Iterator[str]:
        """Yield what is wrong in native Pixel Data with claims, of which `length` bytes stay; raises ParseError."""
        levels = self.original.data_set, self.output.data_set
        if PIXEL_DATA not in levels[1].elements:
            yield "missing"
            return
        spans = [level.unloaded.get(PIXEL_DATA) for level in levels]
        present = [_length(level, span) for level, span in zip(levels, spans, strict=True)]
        length = min(length, present[0])
        if any(span and span.fragments is not None for span in spans) or present[1] != length + length % 2:
            yield "another number of samples"
            return
        before, after = (
            Value(Slices([level.elements[PIXEL_DATA].value or b""]), 0)
            if span is None
            else Value(instance.slices, span.start)
            for instance, level, span in zip((self.original, self.output), levels, spans, strict=True)
        )
        if length % 2 and after.load(length, length + 1) != b"\0":
            yield "another number of samples"
        vr = levels[0].elements[PIXEL_DATA].VR or ""
        yield from claimed.native(before, after, WORD_SIZES.get(vr, 1) if self.byte_order_changed else 1)


def _length(level: DataSet, span: UnloadedValue | None) -> int:
    return len(level.elements[PIXEL_DATA].value or b"") if span is None else span.length
