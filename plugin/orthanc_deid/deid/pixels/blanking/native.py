"""Regions of native frames written over: only the bytes that hold their samples change; nothing is encoded anew."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache

from orthanc_deid.deid.pixels.fill import Fill, Region
from orthanc_deid.deid.pixels.frames.encapsulated import ByteEdit
from orthanc_deid.deid.pixels.native_samples import NativeLayout
from orthanc_deid.dicom.slices import Buffer


def native_edits(
    value: Buffer, base: int, layout: NativeLayout, frame: int, regions: Sequence[Region], fill: Fill
) -> list[ByteEdit]:
    """Return the changes that fill `regions` of one frame, in order.

    `value`: the bytes of Pixel Data, which begin at `base` of the buffer that the changes are for. `regions`: their
    columns as `layout.columns` returns them.
    """
    words = fill.of(layout.frame(value, frame), regions)
    edits: list[ByteEdit] = []
    for plane, spans in _spans_by_plane(layout, frame, regions):
        pixel = _pixel(layout, words[plane : plane + 1] if layout.planes > 1 else words)
        for first, stop in spans:
            start, end = first // 8, -(-stop // 8)
            new = _filled(layout.shape.allocated, pixel, stop - first)
            if first % 8 or stop % 8:
                new = _between_others(bytes(value[start:end]), new, first - 8 * start, stop - first)
            edits.append((base + start, base + end, new))
    return _joined(edits)


def _pixel(layout: NativeLayout, words: tuple[int, ...]) -> tuple[int, ...]:
    """Return the words that repeat along a row."""
    return (words[0], *words) if layout.is_shared else words


def _spans_by_plane(
    layout: NativeLayout, frame: int, regions: Iterable[Region]
) -> Iterator[tuple[int, list[tuple[int, int]]]]:
    """Yield each plane with the (first, stop) bits of its rows, those that overlap or touch joined."""
    found: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for rows, columns in regions:
        for plane, first, bits in layout.spans(frame, rows, columns):
            found[plane].append((first, first + bits))
    for plane in sorted(found):
        joined: list[tuple[int, int]] = []
        for first, stop in sorted(found[plane]):
            if joined and first <= joined[-1][1]:
                joined[-1] = joined[-1][0], max(stop, joined[-1][1])
            else:
                joined.append((first, stop))
        yield plane, joined


@lru_cache(maxsize=64)
def _filled(size: int, pixel: tuple[int, ...], bits: int) -> bytes:
    """Return `bits` bits of words of `size` bits that repeat, in bytes, the lowest bit first."""
    if size % 8 == 0:
        unit = b"".join(word.to_bytes(size // 8, "little") for word in pixel)
        return unit * (bits // 8 // len(unit))
    unit_bits = size * len(pixel)
    number = sum(word << (size * place) for place, word in enumerate(pixel))
    text = format(number, f"0{unit_bits}b") * (bits // unit_bits)
    return int(text, 2).to_bytes(-(-bits // 8), "little")


def _between_others(old: bytes, new: bytes, offset: int, bits: int) -> bytes:
    """Return `old` with `bits` of `new` from the bit `offset` on."""
    mask = ((1 << bits) - 1) << offset
    number = int.from_bytes(old, "little") & ~mask | int.from_bytes(new, "little") << offset
    return number.to_bytes(len(old), "little")


def _joined(edits: list[ByteEdit]) -> list[ByteEdit]:
    """Return the changes in order, two that change bits of one byte as one."""
    joined: list[ByteEdit] = []
    for start, end, new in sorted(edits):
        if joined and start < joined[-1][1]:
            raise ValueError("regions of bits that share a byte")
        joined.append((start, end, new))
    return joined
