"""The audit of samples: those of the original as far as its attributes describe them, and nothing behind them."""

from __future__ import annotations

from enum import Enum
from functools import lru_cache

from orthanc_deid.dicom.tags import PIXEL_DATA, PIXEL_DATA_TAGS
from orthanc_deid.verify.reading.data_set import DataSet, UnloadedValue
from orthanc_deid.verify.reading.instance import NATIVE_LITTLE_ENDIAN, Instance
from orthanc_deid.verify.reading.long_values import WORD_SIZES, same_bytes, same_words
from orthanc_deid.verify.reading.stored_numbers import STRUCT_CODES, numbers
from orthanc_deid.verify.rules.expectations import vr_of
from orthanc_deid.verify.rules.sample_rules import length_of_samples, size_tags

_LONGEST = 64  # bytes of a value with which an answer is cached


class Samples(Enum):
    """What must become of samples that are kept."""

    AS_THEY_ARE = "as they are"
    CUT = "cut"  # longer than the attributes beside them say, or badly padded
    GONE = "gone"  # nothing describes them, or others are the samples of the image
    MISPLACED = "samples are not encoded as the transfer syntax says"
    UNDESCRIBED = "samples whose number no attribute states"


class SampleAudit:
    """Judges and compares the samples of one original and its output."""

    def __init__(self, original: Instance, output: Instance, *, byte_order_changed: bool) -> None:
        self._original = original
        self._output = output
        self._swapped = byte_order_changed

    def judge(self, tag: int, level: DataSet, *, top: bool, required: bool) -> tuple[Samples, int]:
        """Return what must become of the samples `tag` of a level of the original, and their bytes.

        `top`: the level is the instance's own. `required`: the IOD demands the attribute there.
        """
        element, span = level.elements[tag], level.unloaded.get(tag)
        present = element.length if span is None else span.length
        encapsulated = span is not None and span.fragments is not None
        if not encapsulated and not present:
            return Samples.AS_THEY_ARE, 0
        if top and encapsulated is (self._output.transfer_syntax in NATIVE_LITTLE_ENDIAN):
            return Samples.MISPLACED, present
        if encapsulated:
            return Samples.AS_THEY_ARE, present
        if top and tag in PIXEL_DATA_TAGS and tag != PIXEL_DATA and PIXEL_DATA in level.elements:
            return Samples.GONE, 0
        length = self._length(tag, level, present)
        if not length:
            return (Samples.UNDESCRIBED if required else Samples.GONE), 0
        if present <= length:
            return Samples.AS_THEY_ARE, length
        padded = present == length + 1 and length % 2 == 1 and self._last_byte(tag, level, present) == b"\0"
        return (Samples.AS_THEY_ARE if padded else Samples.CUT), length

    def is_cut(self, tag: int, source: DataSet, output: DataSet, length: int) -> bool:
        """Whether the output holds the first `length` bytes of the original's value and no more, padded with zero."""
        after = output.unloaded.get(tag)
        if after is not None and after.fragments is not None:
            return False
        before = source.unloaded.get(tag)
        other = output.elements[tag].length if after is None else after.length
        if other != length + length % 2:
            return False
        if after is None or before is None:
            return self._is_short_cut(tag, source, output, length)
        size = WORD_SIZES.get(source.elements[tag].VR or "", 1) if self._swapped else 1
        whole = length // size * size
        files = self._original.slices, before.start, self._output.slices, after.start
        same = same_words(*files, whole, size) if size > 1 else same_bytes(*files, whole)
        return same and self._end_is_same(before, after, length, whole, size)

    def _is_short_cut(self, tag: int, source: DataSet, output: DataSet, length: int) -> bool:
        value = self._original.value(source, tag)
        size = WORD_SIZES.get(source.elements[tag].VR or "", 1) if self._swapped else 1
        words = (value[at : at + size][::-1] for at in range(0, length, size))
        expected = b"".join(words)[:length] if size > 1 else value[:length]
        return self._output.value(output, tag) == expected + bytes(length % 2)

    def _end_is_same(
        self, before: UnloadedValue, after: UnloadedValue, length: int, whole: int, size: int
    ) -> bool:
        """Whether the bytes after the last whole word are the same, and the padding is zero."""
        word = self._original.load(before.start + whole, before.start + whole + size)
        last = word[::-1] if size > 1 else word
        found = self._output.load(after.start + whole, after.start + after.length)
        return found == last[: length - whole] + bytes(length % 2)

    def _length(self, tag: int, level: DataSet, present: int) -> int:
        """Return the bytes of the samples `tag` by the attributes beside them."""
        described = []
        longest = 0
        for each in size_tags(tag):
            element = level.elements.get(each)
            if element is not None and element[3]:
                described.append((each, element[1], element[3]))
                longest = max(longest, len(element[3]))
        length = _length if longest <= _LONGEST else _length.__wrapped__
        return length(tag, tuple(described), present, self._original.encoding.little)

    def _last_byte(self, tag: int, level: DataSet, present: int) -> bytes:
        span = level.unloaded.get(tag)
        if span is None:
            return (level.elements[tag].value or b"")[-1:]
        return self._original.load(span.start + present - 1, span.start + present)


@lru_cache(maxsize=256)  # the instances of a series share the answer
def _length(
    tag: int, described: tuple[tuple[int, str | None, bytes], ...], present: int, little: bool
) -> int:
    """Return `length_of_samples` by (tag, VR, value) of the attributes beside them."""
    stated = {}
    for each, written, value in described:
        vr = vr_of(each, written)
        if vr in STRUCT_CODES:
            read = numbers(value, vr, little=little)
            stated[each] = str(read[0]) if read else ""
        else:
            stated[each] = value.split(b"\\")[0].strip(b" \0").decode("latin-1")
    return length_of_samples(tag, stated, present)
