"""Images that a rule of the profile cleans: regions are background, all else is as it was, and the header says so."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
import pytest
import SimpleITK
from pydicom.dataset import Dataset

from orthanc_deid import Key, deidentify, load_profile
from orthanc_deid.deid.engine import Deidentified
from orthanc_deid.errors import RefusedError
from orthanc_deid.profile.compile import CompiledProfile
from orthanc_deid.profile.model import Profile
from orthanc_deid.profile.verify_depth import VerifyDepth
from orthanc_deid.verify.verifier import Verifier
from support.data.frames_by_syntax import (
    BASELINE,
    DEFLATED,
    EXTENDED,
    HT_REVERSIBLE,
    J2K,
    J2K_REVERSIBLE,
    LOSSLESS,
    LS,
    RLE,
    XL_LOSSLESS,
    picture,
)
from support.data.images_by_syntax import NATIVE_SYNTAX, frames_of, icon, image

KEY = Key(bytes(range(32)))
DEPTHS: tuple[VerifyDepth, ...] = ("full", "fast")
ANY = [{"attribute": "SOPClassUID", "exists": True}]
REGIONS = ([8, 24, 16, 64], [0.5, 0.6, 0.5, 1.0])
ROWS = [*range(8, 24)], [*range(45, 54)]
COLUMNS = [*range(16, 64)], [*range(59, 118)]


def cleaning(name: str = "research", **settings: Any) -> CompiledProfile:
    """Return a built-in profile with a rule that cleans every image."""
    rule = {"outcome": "clean", "regions": REGIONS, "when": ANY}
    given = load_profile(name).profile.model_dump(by_alias=True, exclude={"pseudonyms"})
    return CompiledProfile(
        Profile.model_validate({**given, "name": "site", "pixels": {"rules": [rule]}, **settings})
    )


def cleaned(data: bytes, profile: CompiledProfile) -> tuple[Deidentified, Dataset]:
    """Return the result, checked in both depths."""
    done = deidentify(data, profile, KEY)
    for depth in DEPTHS:
        Verifier(profile.profile, KEY, depth).check(data, done.output, done.sample_changes)
    return done, pydicom.dcmread(io.BytesIO(bytes(done.output)))


SYNTAXES = [
    *(
        (syntax, bits, 1)
        for syntax in (NATIVE_SYNTAX, RLE, LOSSLESS, LS, HT_REVERSIBLE, DEFLATED)
        for bits in (8, 12)
    ),
    *((syntax, 8, 3) for syntax in (NATIVE_SYNTAX, RLE, LS)),
    (BASELINE, 8, 1),
    (EXTENDED, 12, 1),
]


@pytest.mark.parametrize(("syntax", "bits", "samples"), SYNTAXES)
def test_regions_of_every_frame_are_background_and_nothing_else_changes(
    syntax: str, bits: int, samples: int
) -> None:
    data, like = image(syntax, bits, samples), picture(bits, samples)
    done, ds = cleaned(data, cleaning())
    assert ds.file_meta.TransferSyntaxUID == syntax
    before, after = (frames_of(each, syntax, bits, like) for each in (data, bytes(done.output)))
    assert len(before) == len(after) == 2
    mask = np.zeros(like.shape[:2], np.bool_)
    for change in done.sample_changes:
        if change.frame == 0:
            mask[change.rows.start : change.rows.stop, change.columns.start : change.columns.stop] = True
    for rows, columns in zip(ROWS, COLUMNS, strict=True):
        assert mask[np.ix_(rows, columns)].all()
    for one, other in zip(before, after, strict=True):
        assert np.array_equal(one[~mask], other[~mask])
        assert len(np.unique(other[mask].reshape(-1, samples), axis=0)) == 1
    assert "regions written over by a rule of the profile" in done.notes


def test_the_header_says_what_was_done() -> None:
    data = image(
        RLE,
        ImageType=["ORIGINAL", "PRIMARY", "AXIAL"],
        SmallestImagePixelValue=5,
        LargestImagePixelValue=250,
        IconImageSequence=[icon()],
        LossyImageCompression="01",
        LossyImageCompressionRatio="8.5",
        BurnedInAnnotation="YES",
    )
    _, ds = cleaned(data, cleaning(base="none", options=[]))
    assert ds.ImageType == ["DERIVED", "PRIMARY", "AXIAL"]
    assert ds.BurnedInAnnotation == "NO"
    assert (ds.LossyImageCompression, ds.LossyImageCompressionRatio) == ("01", 8.5)
    for gone in ("SmallestImagePixelValue", "LargestImagePixelValue", "IconImageSequence"):
        assert gone not in ds


def test_the_offsets_of_frames_are_true() -> None:
    _, ds = cleaned(image(LS), cleaning())
    starts = pydicom.encaps.parse_basic_offsets(ds.PixelData)
    assert len(starts) == 2
    first, _ = pydicom.encaps.generate_frames(ds.PixelData, number_of_frames=2)
    assert starts == [0, 8 + len(first)]


@pytest.mark.parametrize("retained", [False, True])
def test_a_changed_image_has_a_new_uid_even_where_uids_are_retained(retained: bool) -> None:
    options = ["Retain UIDs"] if retained else []
    data = image(NATIVE_SYNTAX)
    given = pydicom.dcmread(io.BytesIO(data)).SOPInstanceUID
    done, ds = cleaned(data, cleaning("basic", options=options))
    plain = deidentify(
        data, CompiledProfile(Profile.model_validate({"name": "plain", "options": ["Retain UIDs"]})), KEY
    )
    assert ds.SOPInstanceUID == ds.file_meta.MediaStorageSOPInstanceUID
    assert ds.SOPInstanceUID != given == pydicom.dcmread(io.BytesIO(bytes(plain.output))).SOPInstanceUID
    assert bytes(done.output) == bytes(deidentify(data, cleaning("basic", options=options), KEY).output)


def test_an_image_without_a_region_of_the_rule_is_refused() -> None:
    data = image(NATIVE_SYNTAX)
    for rule in ({"regions": [[200, 300, 0, 9]]}, {"device": True}):
        pixels = {"rules": [{"outcome": "clean", "when": ANY, **rule}]}
        with pytest.raises(RefusedError, match="no region"):
            deidentify(data, cleaning(pixels=pixels), KEY)


def test_an_image_that_cannot_be_written_back_is_refused() -> None:
    with pytest.raises(RefusedError, match="no encoder"):
        deidentify(image(XL_LOSSLESS), cleaning(), KEY)
    with pytest.raises(RefusedError, match="number of frames"):
        deidentify(image(LS, frames=2, NumberOfFrames=3), cleaning(), KEY)
    with pytest.raises(RefusedError, match="BitsStored"):
        deidentify(image(NATIVE_SYNTAX, 12, BitsStored=8, HighBit=7), cleaning(), KEY)


def test_the_first_rule_that_holds_decides() -> None:
    data = image(NATIVE_SYNTAX, Modality="US")
    accept = {"when": [{"attribute": "Modality", "equals": "US"}]}
    clean = {"outcome": "clean", "regions": REGIONS, "when": ANY}
    assert not cleaned(data, cleaning(pixels={"rules": [accept, clean]}))[0].sample_changes
    assert cleaned(data, cleaning(pixels={"rules": [clean, accept]}))[0].sample_changes


@pytest.mark.parametrize(("syntax", "bits", "samples"), [*SYNTAXES, (J2K_REVERSIBLE, 12, 1), (J2K, 8, 1)])
def test_gdcm_sees_only_the_regions_changed(syntax: str, bits: int, samples: int, tmp_path: Path) -> None:
    if syntax in (DEFLATED, HT_REVERSIBLE):
        pytest.skip("GDCM does not know this transfer syntax")
    data = image(syntax, bits, samples)
    done = deidentify(data, cleaning(), KEY)
    read = []
    for name, content in (("before.dcm", data), ("after.dcm", bytes(done.output))):
        (tmp_path / name).write_bytes(content)
        read.append(SimpleITK.GetArrayFromImage(SimpleITK.ReadImage(str(tmp_path / name))))
    mask = np.zeros(read[0].shape[:3], np.bool_)
    for change in done.sample_changes:
        mask[
            change.frame, change.rows.start : change.rows.stop, change.columns.start : change.columns.stop
        ] = True
    off = np.abs(read[0].astype(np.int64) - read[1])
    assert off[~mask].max() <= (syntax == J2K)
    assert off[mask].max() > 20
