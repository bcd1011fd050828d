"""ICC profiles: only what colour management needs is kept (ISO 15076-1 sections 7 to 10, PS3.3 section C.11.15).

`cleaned_profile` serves every place of a profile: an attribute, or a segment or box of a compressed frame.
"""

from __future__ import annotations

import struct
from typing import Final

from orthanc_deid.bounded_cache import bounded_cache
from orthanc_deid.deid.words_in_bytes import reads_as_words

_HEADER, _ENTRY = 128, 12
_MOST_TAGS: Final = 100
_CLASSES: Final = frozenset({b"scnr", b"mntr", b"prtr", b"spac"})
_SPACES: Final = frozenset(
    {b"XYZ ", b"Lab ", b"Luv ", b"YCbr", b"Yxy ", b"RGB ", b"GRAY", b"HSV ", b"HLS ", b"CMYK", b"CMY "}
)
_CONNECTIONS: Final = frozenset({b"XYZ ", b"Lab "})
_KEPT: Final = frozenset(
    {b"A2B0", b"A2B1", b"A2B2", b"B2A0", b"B2A1", b"B2A2", b"gamt"}
    | {b"rXYZ", b"gXYZ", b"bXYZ", b"rTRC", b"gTRC", b"bTRC", b"kTRC"}
    | {b"wtpt", b"bkpt", b"chad", b"lumi"}
)
_COLOURS: Final = (
    {b"A2B0"},
    {b"kTRC"},
    {b"rXYZ", b"gXYZ", b"bXYZ", b"rTRC", b"gTRC", b"bTRC"},
)
"""Sets of tags of which one must be complete: a colour is computed by them."""
_D50: Final = bytes.fromhex("0000f6d6000100000000d32d")
_DATE: Final = struct.pack(">6H", 2000, 1, 1, 0, 0, 0)
_PARAMETERS: Final = (1, 3, 4, 5, 7)  # of a parametric curve, by its function
_TEXT: Final = "Profile"


@bounded_cache(maxsize=64)
def cleaned_profile(raw: bytes) -> bytes | None:
    """Return the profile in `raw` without texts, dates, makers and private tags; None where there is none to be kept.

    The numbers of the tags that stay are those of `raw`. A cleaned profile is returned as it is.
    """
    tags = _tags(raw)
    if (
        tags is None
        or raw[12:16] not in _CLASSES
        or raw[16:20] not in _SPACES
        or raw[20:24] not in _CONNECTIONS
    ):
        return None
    kept = {name: data for name, data in tags.items() if data is not None}
    if not any(kept.keys() >= colours for colours in _COLOURS):
        return None
    if any(reads_as_words(data[8:], "OB") for data in kept.values()):
        return None
    described = {b"desc": _description(raw[8]), b"cprt": _copyright(raw[8])} | kept
    return _written(raw, described)


def _tags(raw: bytes) -> dict[bytes, bytes | None] | None:
    """Return the data of the tags that may be kept, cut to their length; None for data that is no profile."""
    if len(raw) < _HEADER + 4 or raw[36:40] != b"acsp":
        return None
    size, count = struct.unpack_from(">I", raw)[0], struct.unpack_from(">I", raw, _HEADER)[0]
    if size > len(raw) or count > _MOST_TAGS or _HEADER + 4 + count * _ENTRY > size:
        return None
    found: dict[bytes, bytes | None] = {}
    for number in range(count):
        name, start, length = struct.unpack_from(">4sII", raw, _HEADER + 4 + number * _ENTRY)
        if start + length > size:
            return None
        if name in _KEPT and name not in found:
            found[name] = _numbers(raw[start : start + length])
    return found


def _numbers(data: bytes) -> bytes | None:
    """Return the numbers of a tag without the bytes behind them; None for a type that holds no colour numbers."""
    length = _length(data)
    if length is None or length > len(data):
        return None
    return data[:4] + bytes(4) + data[8:length]


def _length(data: bytes) -> int | None:
    kind, size = data[:4], len(data)
    if kind == b"XYZ " and size >= 20:
        return 20
    if kind == b"sf32" and size >= 44:
        return 44
    if kind == b"curv" and size >= 12:
        return 12 + 2 * int.from_bytes(data[8:12], "big")
    if kind == b"para" and size >= 12:
        function = int.from_bytes(data[8:10], "big")
        return 12 + 4 * _PARAMETERS[function] if function < len(_PARAMETERS) else None
    if kind in (b"mft1", b"mft2") and size >= 52:
        inputs, outputs, grid = data[8:11]
        points = int(grid**inputs) * outputs if inputs <= 4 else 0
        if kind == b"mft1":
            return 48 + 256 * inputs + points + 256 * outputs if points else None
        before, after = int.from_bytes(data[48:50], "big"), int.from_bytes(data[50:52], "big")
        return 52 + 2 * (before * inputs + points + after * outputs) if points else None
    return size if kind in (b"mAB ", b"mBA ") and size >= 32 else None


def _description(version: int) -> bytes:
    if version >= 4:
        return _localized()
    text = _TEXT.encode("ascii") + b"\0"
    return b"desc" + bytes(4) + struct.pack(">I", len(text)) + text + bytes(4 + 4 + 2 + 1 + 67)


def _copyright(version: int) -> bytes:
    return _localized() if version >= 4 else b"text" + bytes(4) + _TEXT.encode("ascii") + b"\0"


def _localized() -> bytes:
    text = _TEXT.encode("utf-16-be")
    return b"mluc" + bytes(4) + struct.pack(">II4sII", 1, 12, b"enUS", len(text), 28) + text


def _written(raw: bytes, tags: dict[bytes, bytes]) -> bytes:
    """Return a profile of `tags` with a header that names nobody."""
    table = struct.pack(">I", len(tags))
    start = _HEADER + 4 + len(tags) * _ENTRY
    body, places = b"", dict[bytes, int]()
    for name, data in tags.items():
        if data not in places:
            places[data] = start + len(body)
            body += data + bytes(-len(data) % 4)
        table += struct.pack(">4sII", name, places[data], len(data))
    intent = min(3, struct.unpack_from(">I", raw, 64)[0])
    header = b"".join(
        (
            *(
                struct.pack(">I", start + len(body)),
                bytes(4),
                raw[8:10],
                bytes(2),
                raw[12:24],
                _DATE,
                b"acsp",
            ),
            *(bytes(4), bytes(4), bytes(4), bytes(4), bytes(8), struct.pack(">I", intent), _D50),
            bytes(48),
        )
    )
    return header + table + body
