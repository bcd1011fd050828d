"""ICC profiles keep what colours need, and nobody's name; the verifier finds every other byte."""

from __future__ import annotations

import io
import struct
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageCms
from pydicom.data import get_testdata_file

from orthanc_deid import Key, deidentify
from orthanc_deid.deid.icc_profile import cleaned_profile
from orthanc_deid.verify.reading.icc_profiles import is_cleaned, is_usable
from orthanc_deid.verify.text.words_in_numbers import holds_words
from orthanc_deid.verify.verifier import Verifier
from support.data.datasets import FORMS, Form, image_size, instance, part10, read_file, values
from support.data.icc_profiles import CURVE, XYZ, described, profile
from support.data.profiles import builtin

KEY = Key(bytes(range(32)))
ICC = 0x00282000
NAMED = profile(
    tags={b"desc": described("Marsdenov 4711"), b"priv": b"dataMarsdenov", b"wtpt": XYZ + b"Marsdenov "}
)
SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def real() -> bytes:
    path = get_testdata_file("crayons.icc")
    return Path(str(path)).read_bytes()


def usable(data: bytes) -> bool:
    return is_usable(data, lambda value: holds_words(value, "OB"))


@pytest.mark.parametrize("raw", [NAMED, profile(4), real(), SRGB])
def test_a_cleaned_profile_gives_the_same_colours(raw: bytes) -> None:
    cleaned = cleaned_profile(raw)
    assert cleaned is not None
    assert cleaned_profile(cleaned) == cleaned
    assert is_cleaned(raw, cleaned)
    assert usable(raw)
    for name in (b"Marsdenov", b"ACME", b"MOD1", b"USER", b"lcms"):
        assert name not in cleaned
    pixels = Image.fromarray(np.random.default_rng(3).integers(0, 255, (32, 32, 3), dtype=np.uint8), "RGB")
    before, after = (
        ImageCms.profileToProfile(
            pixels,
            ImageCms.ImageCmsProfile(io.BytesIO(each)),
            ImageCms.createProfile("LAB"),
            outputMode="LAB",
        )
        for each in (raw, cleaned)
    )
    assert before is not None
    assert after is not None
    assert before.tobytes() == after.tobytes()


@pytest.mark.parametrize("raw", [NAMED, real()], ids=["made", "real"])
def test_every_changed_byte_is_found(raw: bytes) -> None:
    cleaned = cleaned_profile(raw)
    assert cleaned is not None
    for at in range(0, len(cleaned), 1 if len(cleaned) < 2000 else 37):
        assert not is_cleaned(raw, cleaned[:at] + bytes([cleaned[at] ^ 1]) + cleaned[at + 1 :]), at
    assert not is_cleaned(raw, cleaned + b"abcd")
    assert not is_cleaned(raw, raw)


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"Marsdenov Klavdia 84951234567 ",
        bytes(200),
        NAMED[:150],
        NAMED[:36] + b"text" + NAMED[40:],
        NAMED[:12] + b"link" + NAMED[16:],
        NAMED[:128] + struct.pack(">I", 4000) + NAMED[132:],
        profile(tags={b"wtpt": b"XYZ " + bytes(4) + b"Marsdenov Kl"}),
        NAMED.replace(b"rTRC", b"xTRC"),
    ],
)
def test_what_is_no_profile_is_not_kept(raw: bytes) -> None:
    assert cleaned_profile(raw) is None
    assert not usable(raw)


def test_bytes_behind_the_numbers_of_a_tag_are_cut() -> None:
    cleaned = cleaned_profile(profile(tags={b"wtpt": XYZ + b"Marsdenov ", b"lumi": XYZ + b"abc"}))
    assert cleaned is not None
    assert b"Marsdenov" not in cleaned
    assert cleaned.count(XYZ) == 1  # equal data stand once
    assert cleaned.count(CURVE) == 1


@pytest.mark.parametrize("form", FORMS, ids=str)
@pytest.mark.parametrize("name", ["basic", "research"])
def test_a_profile_of_an_instance_is_cleaned_or_removed(form: Form, name: str) -> None:
    image = [(0x00280004, "CS", "MONOCHROME2"), *image_size(2, 2), (0x7FE00010, "OW", bytes(8))]
    for raw, kept in ((NAMED, cleaned_profile(NAMED)), (b"Marsdenov Klavdia 84951234567 ", None)):
        data = part10(instance(*image, (ICC, "OB", raw)), form)
        output = deidentify(data, builtin(name), KEY).output
        for depth in ("full", "fast"):
            Verifier(builtin(name).profile, KEY, depth).check(data, output)
        found = values(read_file(bytes(output)), ICC)
        assert found == ([] if kept is None else [kept + bytes(len(kept) % 2)])
