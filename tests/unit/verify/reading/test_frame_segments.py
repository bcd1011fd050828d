"""Comment and application segments of compressed frames."""

from __future__ import annotations

import pytest

from orthanc_deid.verify.reading.frame_segments import text_segments


def contents(frame: bytes) -> list[bytes]:
    return [found.content for found in text_segments(lambda at, size: frame[at : at + size], 0, len(frame))]


def test_comment_and_application_segments_are_read_up_to_the_image() -> None:
    frame = b"\xff\xd8\xff\xe1\x00\x06Exif\xff\xfe\x00\x08secret\xff\xda\x00\x04\x00\x00"
    frame += b"\xff\xfe\x00\x07image\xff\xd9"
    assert contents(frame) == [b"Exif", b"secret"]
    stream = b"\xff\x4f\xff\x51\x00\x04\x00\x00\xff\x64\x00\x09\x00\x01HELLO\xff\x90\x00\x04\x00\x00\xff\x93"
    stream += b"\xff\x64\x00\x04"
    assert contents(stream) == [b"\x00\x01HELLO"]
    boxed = b"\0\0\0\x0cjP  \r\n\x87\n" + b"\0\0\0\x0cxml DOE " + b"\0\0\0\0jp2c" + stream
    assert contents(boxed) == [b"\r\n\x87\n", b"DOE ", b"\x00\x01HELLO"]


_BROKEN = [b"", b"\xff", b"\xff\xd8", b"\xff\xd8\xff", b"\xff\xd8\xff\xfe\xff\xff", bytes(40)]


@pytest.mark.parametrize("frame", _BROKEN)
def test_broken_frames_end_quietly(frame: bytes) -> None:
    assert isinstance(contents(frame), list)
