"""The values of an original and its output, and whether one came through as it was."""

from __future__ import annotations

from orthanc_deid.verify.reading.data_set import DataSet
from orthanc_deid.verify.reading.instance import Instance
from orthanc_deid.verify.reading.long_values import WORD_SIZES, same_bytes, same_words, swapped


class ValuePairs:
    """Reads and compares values; `turned` says that the output is little endian and the original was not."""

    def __init__(self, original: Instance, output: Instance) -> None:
        self._original = original
        self._output = output
        self.turned = not original.encoding.little and output.encoding.little

    def before(self, level: DataSet, tag: int) -> bytes:
        """Return a value of the original in little endian, loaded if need be."""
        vr, value = level.elements[tag].VR, self._original.value(level, tag)
        return swapped(value, WORD_SIZES[vr]) if self.turned and vr in WORD_SIZES else value

    def same(self, tag: int, source: DataSet, output: DataSet) -> bool:
        """Whether the output has the original's value, but for the padding of one of odd length."""
        before, after = source.unloaded.get(tag), output.unloaded.get(tag)
        if before is None and after is None:
            left, right = self.before(source, tag), output.elements[tag].value or b""
            if source.elements[tag].VR == "UN" and left[-1:] == b"\0" and right[-1:] == b" ":
                left = left[:-1] + b" "  # padded as its own VR is, now that it is told
            return left == right or (len(left) % 2 == 1 and right[:-1] == left and right[-1:] in b" \0")
        if before is None or after is None or not _same_layout(before.fragments, after.fragments):
            return False
        odd = before.length % 2 and after.length == before.length + 1
        if after.length != before.length and not odd:
            return False
        size = WORD_SIZES.get(source.elements[tag].VR or "", 1) if self.turned else 1
        files = self._original.slices, before.start, self._output.slices, after.start
        return same_words(*files, before.length, size) if size > 1 else same_bytes(*files, before.length)


def _same_layout(one: tuple[tuple[int, int], ...] | None, other: tuple[tuple[int, int], ...] | None) -> bool:
    """Whether both are encapsulated in fragments of the same lengths, or neither is."""
    if one is None or other is None:
        return one is other
    return [length for _, length in one] == [length for _, length in other]
