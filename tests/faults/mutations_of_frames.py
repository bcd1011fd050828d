"""Compressed frames with text that no decoder needs, and the engine weakened so that it leaves some of it."""

from __future__ import annotations

import struct

from faults.mutations import Mutation, code
from orthanc_deid.deid.frame_changes import FrameChanges
from orthanc_deid.deid.pixels.frames import boxes, deflated, encapsulated, jpeg_xl, rle
from orthanc_deid.deid.pixels.frames import jpeg as jpeg_frames
from orthanc_deid.deid.pixels.frames import jpeg2000 as jpeg_2000_frames
from orthanc_deid.deid.pixels.frames.jpeg_tables import Tables
from orthanc_deid.deid.pixels.frames.tile_lengths import TileLengths
from orthanc_deid.profile.model import Profile
from support.data.codestreams import (
    IN_JP2,
    IN_JPEG,
    IN_JPEG_2000,
    IN_JPEG_LS,
    IN_RLE,
    PLANTED,
    box,
    jp2,
    jpeg,
    jpeg_2000,
    jpeg_ls,
    put_before,
    samples,
    segment,
)
from support.data.codestreams import (
    rle as rle_frame,
)
from support.data.encapsulated import (
    DELIMITER,
    JPEG_2000,
    JPEG_LS,
    JPEG_XL,
    RLE,
    UNCOMPRESSED,
    image,
    item,
)
from support.data.hand_made import encoded, original

PLAIN = Profile(name="plain")
SPARE = "compressed frames: bytes that decoding does not need (7FE0,0010)"
OTHER = "compressed frames: not what decoding needs of the original (7FE0,0010)"
TABLE = "compressed frames: offset table that is not true"
READING = jpeg_frames._Reading
READING_2000 = jpeg_2000_frames._Reading

ODD = next(frame for frame in (jpeg(), jpeg(3), jpeg(optimize=True), jpeg(smooth=5)) if len(frame) % 2)


def _lookup_table_in_fragments() -> bytes:
    """Return an image whose segmented palette has an undefined length."""
    data = encoded(original())
    at = data.index(struct.pack("<HH", 0x7FE0, 0x0010))
    head = struct.pack("<HH", 0x0028, 0x1221) + b"OW\0\0\xff\xff\xff\xff"
    return data[:at] + head + item(PLANTED) + DELIMITER + data[at:]


JPEG_FRAMES = (
    Mutation(
        "keeps comments in JPEG frames",
        code(
            READING._segment,
            (
                "if marker == _COM:\n        return end",
                "if marker == _COM:\n        self._entries.append((at, end))\n        return end",
            ),
        ),
        image([IN_JPEG["comment"](jpeg())]),
        PLAIN,
        SPARE,
    ),
    Mutation(
        "keeps comments behind the scan",
        code(
            READING._segment,
            (
                "if marker == _COM:\n        return end",
                "if marker == _COM:\n        self._entries += self._scans * [(at, end)]\n        return end",
            ),
        ),
        image([IN_JPEG["comment behind the last scan"](jpeg())]),
        PLAIN,
        SPARE,
    ),
    Mutation(
        "keeps application segments",
        code(
            READING._segment,
            ("self._application(at, marker, length)", "self._entries.append((at, end))"),
        ),
        image([IN_JPEG["application segment"](jpeg())]),
        PLAIN,
        SPARE,
    ),
    Mutation(
        "keeps thumbnails",
        code(READING._application, ("content == _JFIF_CONTENT and _is_plain(head)", "True")),
        image(
            [
                jpeg()
                .replace(b"\0\1\0\1\0\0", b"\0\1\0\1\3\3" + PLANTED[:27], 1)
                .replace(b"\xff\xe0\0\x10", b"\xff\xe0\0\x2b")
            ]
        ),
        PLAIN,
        SPARE,
    ),
    Mutation(
        "keeps every APP14",
        code(READING._application, ("if self._scans:\n        return", "pass")),
        image([IN_JPEG["application segment behind the scan"](jpeg())]),
        PLAIN,
        SPARE,
    ),
    Mutation(
        "keeps tables that nothing uses",
        code(Tables.written, ("if table.needed", "")),
        image([IN_JPEG["table that no component uses"](jpeg())]),
        PLAIN,
        SPARE,
    ),
    Mutation(
        "reads no further than the end of image but keeps the rest",
        code(jpeg_frames.jpeg_parts, ("(known.last, found.start() + 2)", "(known.last, len(frame))")),
        image([IN_JPEG["behind the end"](jpeg())]),
        PLAIN,
        SPARE,
    ),
    Mutation(
        "drops a scan",
        code(READING._scan, ("self._entries.append((first, at))\n    self._data", "self._data")),
        image([jpeg(progressive=True)]),
        PLAIN,
        OTHER,
    ),
    Mutation(
        "keeps mapping tables that no scan uses",
        code(READING.written, ("if table not in self._mapped", "if False")),
        image([IN_JPEG_LS["mapping table that no scan uses"](jpeg_ls())], JPEG_LS),
        PLAIN,
        SPARE,
    ),
)

OTHER_FORMATS = (
    Mutation(
        "keeps comments in tile-parts",
        code(
            READING_2000._tile_part,
            ("if marker not in _DROPPED", "if True"),
            ("self._check_segment(marker, at, end)", ""),
        ),
        image([IN_JPEG_2000["comment in a tile-part"](jpeg_2000())], JPEG_2000),
        PLAIN,
        SPARE,
    ),
    Mutation(
        "keeps comments in the main header",
        code(
            READING_2000._main_header,
            (
                "elif marker not in _DROPPED:\n            self._check_segment(marker, at, end)",
                "else:\n            marker in _DROPPED or self._check_segment(marker, at, end)",
            ),
        ),
        image([IN_JPEG_2000["comment"](jpeg_2000())], JPEG_2000),
        PLAIN,
        SPARE,
    ),
    Mutation(
        "leaves the length of a tile-part that became shorter",
        code(READING_2000._with_length, ("not tile_part.states_length or", "True or")),
        image([IN_JPEG_2000["comment in a tile-part"](jpeg_2000())], JPEG_2000),
        PLAIN,
        "compressed frame: cut off",
    ),
    Mutation(
        "keeps lengths of tile-parts that are not true",
        code(
            TileLengths.corrected, ("found[segment] = new", "found[segment] = (segment._start, segment._end)")
        ),
        image([put_before(b"\xff\x90", segment(0x55, b"\0\x40" + PLANTED[:4]))(jpeg_2000())], JPEG_2000),
        PLAIN,
        SPARE,
    ),
    Mutation(
        "keeps boxes that no decoder needs",
        code(
            boxes.box_parts,
            ("return parts.list", "parts.keep(box.end, len(frame))\n            return parts.list"),
        ),
        image([IN_JP2["UUID behind the codestream"](jp2())], JPEG_2000, SamplesPerPixel=3),
        PLAIN,
        SPARE,
    ),
    Mutation(
        "keeps colour profiles in boxes",
        code(boxes._colour_space, ("if enumerated and", "if True or")),
        image([jp2().replace(box(b"colr", b"\1\0\0\0\0\0\x10"), box(b"colr", b"\2\0\0Anna"))], JPEG_2000),
        PLAIN,
        SPARE,
    ),
    Mutation(
        "keeps the data to rebuild a JPEG file",
        code(jpeg_xl.jpeg_xl_parts, ('box.kind == b"jxll" and size', 'box.kind == b"jbrd" or size')),
        image(
            [
                b"\0\0\0\x0cJXL \r\n\x87\n"
                + box(b"ftyp", b"jxl \0\0\0\0jxl ")
                + box(b"jbrd")
                + box(b"jxlc", b"\xff\x0a\1")
            ],
            JPEG_XL,
        ),
        PLAIN,
        SPARE,
    ),
    Mutation(
        "leaves text in the header of an RLE frame",
        code(rle.rle_parts, ("if bytes(frame[:_HEADER]) == header", "if True")),
        image([IN_RLE["header"](rle_frame(8))], RLE),
        PLAIN,
        SPARE,
    ),
    Mutation(
        "leaves bytes behind the last segment of an RLE frame",
        code(
            rle.rle_parts,
            ("+ [segments[-1].end]", "+ [len(frame)]"),
            ("if following == segment.end + 1 and frame[segment.end] == 0", "if following > segment.end"),
        ),
        image([IN_RLE["behind the last segment"](rle_frame(8))], RLE),
        PLAIN,
        SPARE,
    ),
    Mutation(
        "leaves bytes behind a native frame",
        code(deflated.native_parts, ("return [(0, length)]", "return [(0, len(frame))]")),
        image([samples().tobytes() + PLANTED], UNCOMPRESSED),
        PLAIN,
        SPARE,
    ),
)

FRAGMENTS = (
    Mutation(
        "leaves fragments of no frame",
        code(encapsulated.cleaned, ("if written < len(rest)", "if False")),
        image([rle_frame(8), rle_frame(8), PLANTED], RLE, frames=2),
        PLAIN,
        "compressed frames: fragments that belong to no frame (7FE0,0010)",
    ),
    Mutation(
        "leaves text in the offset table",
        code(encapsulated.cleaned, ("if bytes(buffer[table.start : table.end]) != basic", "if False")),
        image([jpeg()], table=struct.unpack("<8I", PLANTED)),
        PLAIN,
        TABLE,
    ),
    Mutation(
        "leaves text in the extended offset table",
        code(
            FrameChanges._offsets,
            ("if not new", "if False"),
            ("elif bytes(self.buffer[value:end]) != new", "elif False"),
        ),
        image([jpeg()], ExtendedOffsetTable=PLANTED, ExtendedOffsetTableLengths=PLANTED),
        PLAIN,
        f"{TABLE} (7FE0,0001)",
    ),
    Mutation(
        "leaves an extended offset table before native samples",
        code(
            FrameChanges._offsets,
            ("if not new", "if False"),
            ("elif bytes(self.buffer[value:end]) != new", "elif False"),
        ),
        encoded(original(ExtendedOffsetTableLengths=PLANTED)),
        PLAIN,
        f"{TABLE} (7FE0,0002)",
    ),
    Mutation(
        "pads with what was there",
        code(encapsulated._frame, ("frame[size] == 0", "True")),
        image([ODD + b"W"]),
        PLAIN,
        SPARE,
    ),
    Mutation(
        "drops a frame",
        code(encapsulated._groups, ("return [[each] for each in fragments]", "return [[fragments[0]]]")),
        image([jpeg(), jpeg(optimize=True)], frames=2),
        PLAIN,
        "compressed frames: number of frames changed (7FE0,0010)",
    ),
    Mutation(
        "leaves fragments in other elements",
        code(FrameChanges._no_image, ("self._remove(start, value, end, replace(step, rule=_GONE))", "pass")),
        _lookup_table_in_fragments(),
        PLAIN,
        "fragments that are no image",
    ),
)

FRAMES = (*JPEG_FRAMES, *OTHER_FORMATS, *FRAGMENTS)
