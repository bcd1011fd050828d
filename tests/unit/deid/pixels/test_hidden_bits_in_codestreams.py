"""Codestreams that state more bits than Bits Stored are decoded, by engine and check, to see what the others hold."""

from __future__ import annotations

import struct
from collections.abc import Sequence

import numpy as np
import pytest

from orthanc_deid import Key, deidentify
from orthanc_deid.deid.pixels import codestream_bits
from orthanc_deid.dicom.slices import Slices
from orthanc_deid.errors import RefusedError, VerificationError
from orthanc_deid.verify.verifier import Verifier
from support.data.datasets import Element, encode, instance, part10
from support.data.encapsulated import DELIMITER, item
from support.data.frames_by_syntax import (
    COLUMNS,
    HT_REVERSIBLE,
    J2K,
    J2K_REVERSIBLE,
    LOSSLESS,
    LOSSLESS_FIRST,
    LS,
    ROWS,
    Picture,
    encoded,
    picture,
)
from support.data.profiles import admitting_all_pixels, builtin

KEY = Key(bytes(range(32)))
SYNTAXES = [LOSSLESS, LOSSLESS_FIRST, LS, J2K_REVERSIBLE, J2K, HT_REVERSIBLE]
PLAIN = picture(12)
HIDDEN = PLAIN.copy()
HIDDEN[10:20, 30:60] |= 1 << 13


def image(pictures: Sequence[Picture], syntax: str, precision: int = 16, representation: int = 0) -> bytes:
    """Return a CT of these frames with 12 bits stored; its codestreams state `precision`."""
    frames = [encoded(each, precision, syntax) for each in pictures]
    numbers = {
        0x00280002: 1,
        0x00280010: ROWS,
        0x00280011: COLUMNS,
        0x00280100: 16,
        0x00280101: 12,
        0x00280102: 11,
    }
    elements: list[Element] = [(tag, "US", struct.pack("<H", value)) for tag, value in numbers.items()]
    elements += [(0x00280004, "CS", "MONOCHROME2"), (0x00280103, "US", struct.pack("<H", representation))]
    elements += [(0x00280008, "IS", str(len(frames)))]
    content = encode(instance(*elements))
    pixels = b"\xe0\x7f\x10\0OB\0\0\xff\xff\xff\xff" + b"".join(map(item, (b"", *frames))) + DELIMITER
    return part10(content + pixels, transfer_syntax=syntax)


@pytest.mark.parametrize("syntax", SYNTAXES)
@pytest.mark.parametrize("frames", [1, 3])
def test_samples_without_hidden_bits_are_delivered(syntax: str, frames: int) -> None:
    used = builtin("basic")
    for precision in (12, 16) if syntax != HT_REVERSIBLE else (16,):
        data = image([PLAIN] * frames, syntax, precision)
        done = deidentify(data, used, KEY)
        for depth in ("full", "fast"):
            Verifier(used.profile, KEY, depth).check(data, done.output)


@pytest.mark.parametrize("syntax", SYNTAXES)
def test_hidden_bits_in_any_frame_are_suspected(syntax: str) -> None:
    data = image([PLAIN, PLAIN, HIDDEN], syntax)
    with pytest.raises(RefusedError, match="bits outside BitsStored in use"):
        deidentify(data, builtin("basic"), KEY)
    used = admitting_all_pixels("basic")
    done = deidentify(data, used, KEY)
    Verifier(used.profile, KEY, "full").check(data, done.output)


@pytest.mark.parametrize("syntax", SYNTAXES)
@pytest.mark.parametrize("depth", ["full", "fast"])
def test_the_check_finds_them_if_the_engine_does_not(
    syntax: str, depth: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    data, used = image([PLAIN, HIDDEN], syntax), builtin("basic")
    monkeypatch.setattr(codestream_bits, "check_decoded_bits", lambda *_: None)
    output = deidentify(data, used, KEY).output
    with pytest.raises(VerificationError, match="suspected of burned-in text"):
        Verifier(used.profile, KEY, depth).check(data, output)  # type: ignore[arg-type]


@pytest.mark.parametrize("syntax", [LOSSLESS, LS, J2K_REVERSIBLE])
def test_extended_signs_are_no_hidden_bits(syntax: str) -> None:
    signed = picture(12, signed=True)
    words = signed if syntax == J2K_REVERSIBLE else signed.view(np.uint16)
    data, used = image([words], syntax, representation=1), builtin("basic")
    done = deidentify(data, used, KEY)
    Verifier(used.profile, KEY, "full").check(data, done.output)


def test_what_cannot_be_decoded_is_suspected() -> None:
    data = image([PLAIN], J2K_REVERSIBLE)
    at = data.index(b"\xff\x93") + 40
    broken = data[: at - 30] + bytes(64) + data[at + 34 :]
    size = image([PLAIN], J2K_REVERSIBLE).replace(
        struct.pack(">I", COLUMNS), struct.pack(">I", COLUMNS + 1), 1
    )
    for each in (size, broken):
        try:
            output: Slices | None = deidentify(each, builtin("basic"), KEY).output
        except RefusedError:
            output = None
        assert output is None or each is broken  # some decoders read on


def test_the_precision_of_other_frames_is_not_known() -> None:
    assert codestream_bits.precision_of(b"\xff\xd8\xff\xd9") == 0
    assert codestream_bits.precision_of(b"\0" * 60) == 0
