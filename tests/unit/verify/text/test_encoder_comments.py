"""Comments in compressed frames: an encoder's own passes, any other text does not."""

from __future__ import annotations

import struct
from typing import Any

import pytest

from orthanc_deid.errors import VerificationError
from orthanc_deid.profile.load import load_profile
from orthanc_deid.verify.reading.frame_segments import text_segments
from orthanc_deid.verify.text.encoder_comments import is_encoder_comment
from orthanc_deid.verify.verifier import verify
from support.data.hand_made import JPEG, KEY, by_hand, compressed, encoded, jpeg_frame, original, output

BASIC = load_profile("basic")
STRANGE = "compressed frames: a comment that no encoder is known to write (7FE0,0010)"

KNOWN = [
    b"LEAD Technologies Inc. V1.01\0",
    b"CREATOR: gd-jpeg v1.0 (using IJG JPEG v62), quality = 90\n",
    b"Lavc58.54.100",
    b"\0\1Kakadu-v7.3.3",
    b"\0\1Created by GDCM/OpenJPEG version 2.3.0",
    b"\0\1Creator: JasPer Version 1.701.0",
    b"Intel(R) JPEG Library, version [1.51.12.44]",
    b"JFIF\0\1\1\1\0\x48\0\x48\0\0",
    b"Adobe\0d\0\0\0\0\0",
    b"MITRA_DICOM_STANDARD",
    b"SPIFF\0\2\0\0\3\0\0\0d\0\0\0d\n\x08\6\2\0\0\0%\0\0\0%",
    b"",
    b"\0\0\0\1\xff\xd8",
]
UNKNOWN = [
    b"operator Dunmore",
    b"created by Wanda",
    "врач Соколова".encode("cp1251"),
    "врач Соколова".encode(),
    "Соколова".encode("utf-16-le"),
    "Соколова".encode("utf-16-be"),
    "Dunmore".encode("utf-16-le"),
    "Dunmore".encode("utf-16-be"),
    b"created 2019-03-15",
    b"created Mar 15, 2019",
    b"version 4481234",
    b"quality 90 " * 100,
    b"Exif\0\0II*\0",
    b"http://ns.adobe.com/xap/1.0/\0<x:xmpmeta>",
]


def said(comment: bytes, depth: Any) -> str:
    ds = compressed(original(), jpeg_frame(comment))
    try:
        verify(encoded(ds, JPEG), output(by_hand(ds, BASIC), JPEG), BASIC, KEY, depth)
    except VerificationError as error:
        return "\n".join(error.findings)
    return ""


@pytest.mark.parametrize("comment", KNOWN)
def test_what_encoders_write_is_known(comment: bytes) -> None:
    assert is_encoder_comment(comment)


@pytest.mark.parametrize("comment", UNKNOWN)
def test_what_anybody_else_writes_is_not(comment: bytes) -> None:
    assert not is_encoder_comment(comment)


@pytest.mark.parametrize("depth", ["full", "fast"])
def test_a_frame_with_a_strange_comment_is_stopped_and_one_with_a_remark_is_not(depth: str) -> None:
    assert said(b"LEAD Technologies Inc. V1.01", depth) == ""
    assert said(b"operator Dunmore", depth) == STRANGE
    assert "person found" in said(b"for Wexler", depth)


def test_colour_profiles_are_searched_and_not_judged() -> None:
    profile = b"ICC_PROFILE\0\1\1 sRGB IEC61966-2.1 monitor"
    frame = b"\xff\xd8\xff\xe2" + struct.pack(">H", len(profile) + 2) + profile + b"\xff\xda\0\2"
    (found,) = text_segments(lambda at, size: frame[at : at + size], 0, len(frame))
    assert found == (profile, False)


@pytest.mark.parametrize(
    ("kind", "free"), [(b"ftyp", False), (b"jp2h", False), (b"xml ", True), (b"uuid", True)]
)
def test_boxes_of_jpeg_2000_that_hold_what_one_likes_are_judged(kind: bytes, free: bool) -> None:
    content = bytes(16) + b"something"
    boxes = b"\0\0\0\x0cjP  \r\n\x87\n" + struct.pack(">I4s", len(content) + 8, kind) + content
    _, found = text_segments(lambda at, size: boxes[at : at + size], 0, len(boxes))
    assert found == (content[16:] if kind == b"uuid" else content, free)
