"""A multi-frame instance: functional groups of hundreds of frames, faults planted into one of them, and findings."""

from __future__ import annotations

import struct
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import pytest

from orthanc_deid import Key, deidentify
from orthanc_deid.dicom.slices import Slices
from orthanc_deid.errors import VerificationError
from orthanc_deid.profile.compile import CompiledProfile
from orthanc_deid.verify.verifier import Verifier
from support.data.datasets import (
    CT_IMAGE_STORAGE,
    EXPLICIT,
    DataSet,
    Form,
    encode,
    instance,
    part10,
    split,
)
from support.data.datasets import read as decoded
from support.data.profiles import builtin, profile

KEY = Key(bytes(range(32)))
BASIC, RESEARCH = builtin("basic"), builtin("research")
SAFE = profile(
    name="safe",
    options=["Retain Safe Private"],
    private_safe=['(0021,xx10) "ACME FRAMES"', '(0021,xx12) "ACME FRAMES"', '(0021,xx13) "ACME FRAMES"'],
)
PER_FRAME = 0x52009230
CONTENT, POSITION, SOURCE, PURPOSE = 0x00209111, 0x00209113, 0x00081140, 0x0040A170
STACK, IN_STACK, COMMENTS = 0x00209056, 0x00209057, 0x00204000
OPERATORS, MANUFACTURER = 0x00081070, 0x00080070
FRAMES, PLANTED = 300, 277
OPEN = Form(open_sequences=True, open_items=True)
ANY_PROFILE = pytest.mark.parametrize("judged", [BASIC, RESEARCH, SAFE], ids=lambda each: each.profile.name)
Plant = Callable[[DataSet], DataSet]


def frame(number: int) -> DataSet:
    """Return the functional groups of a frame: at three depths, values kept, replaced and removed."""
    purpose: DataSet = [
        (0x00080100, "SH", "121322"),
        (0x00080102, "SH", "DCM"),
        (0x00080104, "LO", "Source image"),
    ]
    source: DataSet = [
        (0x00081150, "UI", CT_IMAGE_STORAGE),
        (0x00081155, "UI", f"1.2.826.0.1.3680043.10.7.1{number:05d}"),
        (PURPOSE, "SQ", [purpose]),
    ]
    content: DataSet = [
        (0x00189074, "DT", f"202403151012{number % 60:02d}"),
        (0x00189220, "FD", struct.pack("<d", number)),
        (COMMENTS, "LT", "Ask Wexler"),
        (STACK, "SH", "STACK 12"),
        (IN_STACK, "UL", struct.pack("<L", number)),
    ]
    return [
        (OPERATORS, "PN", "TARN^INES^M"),
        (SOURCE, "SQ", [source]),
        (CONTENT, "SQ", [content]),
        (POSITION, "SQ", [[(0x00200032, "DS", f"-180.0\\12.5\\{number:06d}.5")]]),
    ]


@cache
def frames(count: int) -> list[DataSet]:
    return [frame(number) for number in range(count)]


def putting(*path_and_tag: int, vr: str, value: bytes | str, instead_of: int = 0) -> Plant:
    """Return what puts an element at the end of a path of sequences, in place of itself or of another one."""
    *path, tag = path_and_tag
    gone = instead_of or tag

    def plant(level: DataSet, path: list[int] = path) -> DataSet:
        if path:
            return [
                (each, kind, [plant(inner[0], path[1:])]) if each == path[0] else (each, kind, inner)
                for each, kind, inner in level
            ]
        assert any(each[0] == gone for each in level)
        return [(tag, vr, value) if each[0] == gone else each for each in level]

    return plant


def planted(content: DataSet, plant: Plant, number: int = PLANTED) -> DataSet:
    """Return a data set in which the functional groups of one frame were changed."""
    return [
        (tag, vr, [plant(each) if index == number else each for index, each in enumerate(value)])
        if tag == PER_FRAME
        else (tag, vr, value)
        for tag, vr, value in content
    ]


def changed(file: bytes, change: Callable[[DataSet], DataSet], form: Form = EXPLICIT) -> bytes:
    """Return a file with another data set."""
    _, body, _ = split(file)
    return file[: len(file) - len(body)] + encode(change(decoded(body, explicit=form.explicit)), form)


def findings(original: bytes, output: bytes, judged: CompiledProfile = BASIC) -> tuple[str, ...]:
    """Return what the full check finds."""
    try:
        Verifier(judged.profile, KEY, "full").check(original, Slices([output]))
    except VerificationError as error:
        return error.findings
    return ()


@dataclass(frozen=True)
class Pair:
    """An original and its sound output."""

    original: bytes
    output: bytes


@cache
def made(judged: CompiledProfile = BASIC, form: Form = EXPLICIT, count: int = FRAMES) -> Pair:
    original = part10(instance((PER_FRAME, "SQ", frames(count))), form)
    return Pair(original, bytes(deidentify(original, judged, KEY)))


def with_quill_as_maker(content: DataSet) -> DataSet:
    return sorted([*content, (MANUFACTURER, "LO", "Genesis Imaging ")])
