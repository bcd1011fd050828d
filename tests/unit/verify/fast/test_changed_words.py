"""Kept texts of which words go: the fast depth decides about them, and finds what is wrong with them."""

from __future__ import annotations

import io

import pytest
from pydicom import dcmread
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from orthanc_deid.deid.engine import Deidentifier
from orthanc_deid.dicom.slices import Slices
from orthanc_deid.errors import VerificationError
from orthanc_deid.profile.compile import CompiledProfile
from orthanc_deid.profile.load import load_profile
from orthanc_deid.verify.verifier import Verifier
from support.data.hand_made import KEY, encoded, original, output

PROFILE = load_profile("research")


def code(meaning: str) -> Dataset:
    """Return a coded entry of an unknown scheme."""
    made = Dataset()
    made.CodeValue, made.CodingSchemeDesignator, made.CodeMeaning = "12345678", "99QWX", meaning
    return made


SOURCE = encoded(
    original(
        Manufacturer="ACME Kestrelvale imaging",
        ManufacturerModelName="Scanner 3",
        ConvolutionKernel=["BONE", "Kestrelvale"],
        SoftwareVersions="Kestrelvale",
        ProcedureCodeSequence=Sequence([code("Chest Kestrelvale")]),
    )
)


def made() -> Dataset:
    """Return the engine's result."""
    done = Deidentifier(CompiledProfile(PROFILE), KEY).run(SOURCE)
    return dcmread(io.BytesIO(bytes(done.output)))


def check(result: Slices, monkeypatch: pytest.MonkeyPatch, *, full: bool = True) -> str:
    """Return the findings of the fast depth; unless `full`, it must decide by itself."""
    verifier = Verifier(PROFILE, KEY, "fast")
    if not full:
        monkeypatch.setattr(verifier, "_check_full", pytest.fail)
    try:
        verifier.check(SOURCE, result)
    except VerificationError as error:
        return "\n".join(error.findings)
    return ""


def test_the_fast_depth_passes_shortened_texts_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    result = made()
    assert "Kestrelvale" not in str(result)
    assert "imaging" in result.Manufacturer
    assert "BONE" in result.ConvolutionKernel
    for _ in range(3):  # its walks are known from the second one on
        assert check(output(result), monkeypatch, full=False) == ""


@pytest.mark.parametrize(
    ("keyword", "value", "finding"),
    [
        ("Manufacturer", "ACME Kestrelvale imaging", "words that no list has (0008,0070)"),
        ("Manufacturer", "imaging scanner", "(0008,0070)"),
        ("Manufacturer", None, "missing where kept and searched is due (0008,0070)"),
        ("ManufacturerModelName", "Scanner", "(0008,1090)"),
        ("ManufacturerModelName", None, "(0008,1090)"),
        ("ConvolutionKernel", ["BONE"], "(0018,1210)"),
        ("ConvolutionKernel", ["BONE", "BONE"], "(0018,1210)"),
        ("SoftwareVersions", "Kestrelvale", "words that no list has (0018,1020)"),
        ("SoftwareVersions", "REMOVED", "(0018,1020)"),
    ],
)
def test_a_text_that_is_no_part_of_the_originals_is_found(
    keyword: str, value: object, finding: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    result = made()
    if value is None:
        delattr(result, keyword)
    else:
        setattr(result, keyword, value)
    assert finding in check(output(result), monkeypatch)


def test_texts_in_items_are_compared_by_their_places(monkeypatch: pytest.MonkeyPatch) -> None:
    result = made()
    entry = result.ProcedureCodeSequence[0]
    assert entry.CodeMeaning == "Chest"
    entry.CodeMeaning = "Head"
    assert "(0008,0104)" in check(output(result), monkeypatch)
