"""JPEG XL frames (ISO/IEC 18181-2): of a container the codestream and what names it; a bare codestream stays.

The data from which a decoder could rebuild a JPEG file byte for byte (jbrd) holds that file's comments and
application segments in compressed form: it is dropped, and the samples that are decoded stay the same.
"""

from __future__ import annotations

import re
from typing import Final

from orthanc_deid.deid.pixels.frames.boxes import boxes
from orthanc_deid.deid.pixels.frames.parts import Part, Parts, unreadable
from orthanc_deid.dicom.slices import Buffer

CODESTREAM: Final = b"\xff\x0a"
SIGNATURE: Final = b"\0\0\0\x0cJXL \r\n\x87\n"
_FILE_TYPE: Final = b"\0\0\0\x14ftypjxl \0\0\0\0jxl "
_LEVEL_CONTENT: Final = 1
_PART_INDEX: Final = 4
_TEXT: Final = re.compile(rb"(?:[\x20-\x7e]|[\xd0\xd1][\x80-\xbf]){24,}")
"""Characters of ASCII and of Cyrillic in UTF-8, more in a row than compressed data holds by chance."""
_DIFFERENT: Final = 8  # bytes, in what is a text and no pattern
_LAST_PART: Final = 0x80  # in the first byte of the index


def jpeg_xl_parts(frame: Buffer) -> list[Part]:
    """Return the parts of a JPEG XL frame that decoding needs. Raises RefusedError."""
    if frame[:2] == CODESTREAM:
        _refuse_text(frame)
        return [(0, len(frame))]
    parts = Parts()
    parts.keep(0, len(SIGNATURE))
    for box in boxes(frame, len(SIGNATURE), len(frame)):
        size = box.end - box.content
        if box.kind == b"ftyp":
            if bytes(frame[box.start : box.end]) == _FILE_TYPE:
                parts.keep(box.start, box.end)
            else:
                parts.put(_FILE_TYPE)
        elif box.kind == b"jxll" and size == _LEVEL_CONTENT:
            parts.keep(box.start, box.end)
        elif box.kind == b"jxlc" or (box.kind == b"jxlp" and size >= _PART_INDEX):
            _refuse_text(frame[box.content : box.end])
            parts.keep(box.start, box.end)
            if box.kind == b"jxlc" or frame[box.content] & _LAST_PART:
                return parts.list
    raise unreadable("without its end")


def _refuse_text(codestream: Buffer) -> None:
    """Refuse a codestream that holds a text, in it or behind it: its end is not known without decoding."""
    if any(len(set(found.group())) >= _DIFFERENT for found in _TEXT.finditer(codestream)):
        raise unreadable("text in a codestream")
