"""The values of an original and its output, and whether the output has the original's."""

from __future__ import annotations

from orthanc_deid.dicom.tags import PIXEL_DATA
from orthanc_deid.verify.audit.claimed_samples import ClaimedSamples
from orthanc_deid.verify.reading.data_set import DataSet
from orthanc_deid.verify.reading.instance import Instance
from orthanc_deid.verify.reading.long_values import WORD_SIZES, same_bytes, same_words, swapped

_DELIMITER_LENGTH = 4


class ValuePairs:
    """Reads and compares values of the original and its output.

    `byte_order_changed`: the output is little endian and the original was not.
    """

    def __init__(self, original: Instance, output: Instance, claimed: ClaimedSamples | None = None) -> None:
        """`claimed`: the samples of the top level's Pixel Data that may differ; None: none may."""
        self.original = original
        self.output = output
        self.byte_order_changed = not original.encoding.little and output.encoding.little
        self._claimed = claimed

    def before(self, level: DataSet, tag: int) -> bytes:
        """Return a value of the original in little endian, loaded if need be."""
        vr, value = level.elements[tag].VR, self.original.value(level, tag)
        return swapped(value, WORD_SIZES[vr]) if self.byte_order_changed and vr in WORD_SIZES else value

    def same(self, tag: int, source: DataSet, output: DataSet) -> bool:
        """Whether the output has the original's value, but for the padding of one of odd length."""
        before, after = source.unloaded.get(tag), output.unloaded.get(tag)
        if self._claimed is not None and tag == PIXEL_DATA and source is self.original.data_set:
            return self._same_unclaimed_samples(self._claimed, source, output)
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

    def _same_unclaimed_samples(self, claimed: ClaimedSamples, source: DataSet, output: DataSet) -> bool:
        """Whether Pixel Data, native on both sides, is the same but for the claimed samples."""
        before, after = source.unloaded.get(PIXEL_DATA), output.unloaded.get(PIXEL_DATA)
        if before is None or after is None:
            left, right = self.original.value(source, PIXEL_DATA), self.output.value(output, PIXEL_DATA)
            return len(left) == len(right) and all(
                left[at : at + length] == right[at : at + length]
                for at, length in claimed.unclaimed(len(left))
            )
        if before.length != after.length or before.fragments is not None or after.fragments is not None:
            return False
        return all(
            same_bytes(self.original.slices, before.start + at, self.output.slices, after.start + at, length)
            for at, length in claimed.unclaimed(before.length)
        )
