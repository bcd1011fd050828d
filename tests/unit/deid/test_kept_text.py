"""Technical texts and CS stay as far as they are made of known words; the verifier passes it at both depths."""

from __future__ import annotations

import io

import pytest
from pydicom import dcmread
from pydicom.config import disable_value_validation
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from orthanc_deid.deid.engine import Deidentifier
from orthanc_deid.profile.compile import CompiledProfile
from orthanc_deid.profile.load import load_profile
from orthanc_deid.profile.verify_depth import VerifyDepth
from orthanc_deid.verify.verifier import Verifier
from support.data.hand_made import KEY, encoded, original

DEPTHS: tuple[VerifyDepth, ...] = ("full", "fast")
PROFILES = {name: load_profile(name) for name in ("basic", "neutral", "research", "strict")}
STRANGER = "Wolkenbruch Leokadia 1949-11-23 +49 171 555 0123 lw@example.net"


def result(name: str = "basic", /, **changes: object) -> Dataset:
    """Return the result of a CT under a built-in profile, which passes at both depths."""
    with disable_value_validation():
        source = encoded(original(**changes))
    made = Deidentifier(CompiledProfile(PROFILES[name]), KEY).run(source).output
    for depth in DEPTHS:
        Verifier(PROFILES[name], KEY, depth).check(source, made)
    read = dcmread(io.BytesIO(bytes(made)))
    with disable_value_validation():
        read.decode()
    return read


def code(value: str, meaning: str, scheme: str = "SCT") -> Sequence:
    item = Dataset()
    item.CodeValue, item.CodingSchemeDesignator, item.CodeMeaning = value, scheme, meaning
    return Sequence([item])


@pytest.mark.parametrize("name", ["basic", "neutral", "research"])
@pytest.mark.parametrize(
    "keyword",
    [
        "Manufacturer",
        "ManufacturerModelName",
        "ConvolutionKernel",
        "SoftwareVersions",
        "RescaleType",
        "WindowCenterWidthExplanation",
        "PositionReferenceIndicator",
        "ScanOptions",
        "BodyPartExamined",
    ],
)
def test_a_stranger_in_a_kept_text_goes(name: str, keyword: str) -> None:
    read = result(name, **{keyword: STRANGER})
    assert read.get(keyword) in (None, "", "REMOVED")


@pytest.mark.parametrize(
    ("keyword", "text", "left"),
    [
        ("ManufacturerModelName", "SOMATOM Definition AS+ of Wolkenbruch", "SOMATOM Definition AS+ of"),
        ("BodyPartExamined", "CHEST WOLKENBRUCH", "CHEST"),
        ("ConvolutionKernel", ["Br40d", "3 Wolkenbruch"], ["Br40d", "3"]),
        ("SoftwareVersions", ["syngo CT 2012B", "Leokadia"], ["syngo CT 2012B", ""]),
        ("Manufacturer", "Carl Zeiss Meditec, Carl", "Carl Zeiss Meditec"),
        ("ManufacturerModelName", "Aquilion 79161 234567", "Aquilion"),
        ("ManufacturerModelName", "Aquilion 79 161 234", "Aquilion"),
        ("ManufacturerModelName", "Aquilion 4111 1111 1111 1111", "Aquilion"),
        ("ManufacturerModelName", "Aquilion 171.555.0123", "Aquilion"),
        ("ManufacturerModelName", "Aquilion, 12 Baker Street", "Aquilion"),
        ("ManufacturerModelName", "Зюзюкин КТ 16", "КТ 16"),
    ],
)
def test_the_rest_of_a_kept_text_stays(keyword: str, text: str, left: str) -> None:
    assert result("basic", SpecificCharacterSet="ISO_IR 192", **{keyword: text}).get(keyword) == left


@pytest.mark.parametrize(
    ("keyword", "text"),
    [
        ("Manufacturer", "GE MEDICAL SYSTEMS"),
        ("Manufacturer", "TOSHIBA_MEC"),
        ("Manufacturer", "НИПК Электрон"),
        ("ManufacturerModelName", "LightSpeed VCT"),
        ("ManufacturerModelName", "Ingenia Elition X"),
        ("SoftwareVersions", "syngo MR E11"),
        ("SoftwareVersions", "5.3.1.0"),
        ("SoftwareVersions", "16BW.1"),
        ("SoftwareVersions", "51.80.108.010"),
        ("SoftwareVersions", ["24", "LX", "MR Software release:DV24.0_R01_1344.a"]),
        ("ConvolutionKernel", "FC08"),
        ("ConvolutionKernel", ["I31f", "3"]),
        ("SequenceName", "*ep2d_b1000#3"),
        ("SequenceName", "*tfl3d1_16ns"),
        ("BodyPartExamined", "Chest"),
        ("BodyPartExamined", "WALTZ"),
        ("ScanOptions", ["PFP", "FS"]),
        ("ImageType", ["ORIGINAL", "PRIMARY", "AXIAL", "CT_SOM5 SPI"]),
        ("PatientOrientation", ["HFL", "AR"]),
        ("WindowCenterWidthExplanation", ["ABDOMEN", "LUNG"]),
    ],
)
def test_terms_of_makers_and_of_the_standard_stay(keyword: str, text: object) -> None:
    assert result("basic", SpecificCharacterSet="ISO_IR 192", **{keyword: text}).get(keyword) == text


def test_a_value_among_others_becomes_the_placeholder_in_a_cs() -> None:
    read = result(ImageType=["ORIGINAL", "PRIMARY", "LEOKADIA", "AXIAL"])
    assert read.ImageType == ["ORIGINAL", "PRIMARY", "REMOVED", "AXIAL"]


@pytest.mark.parametrize(
    ("value", "scheme"),
    [
        ("51185008", "SCT"),
        ("T-D3000", "SRT"),
        ("113100", "DCM"),
        ("24627-2", "LN"),
        ("RID1301", "RADLEX"),
        ("IMG182", "99LOCAL"),
        ("mm[Hg]", "UCUM"),
        ("C0817096", "UMLS"),
        ("71260", "C4"),
    ],
)
def test_a_code_stays(value: str, scheme: str) -> None:
    (item,) = result(AnatomicRegionSequence=code(value, "Chest", scheme)).AnatomicRegionSequence
    assert (item.CodeValue, item.CodingSchemeDesignator, item.CodeMeaning) == (value, scheme, "Chest")


@pytest.mark.parametrize("value", ["79161234567", "51185009", "246271-3", "WOLKENBRUCH", "491715550"])
def test_what_is_no_code_becomes_the_placeholder(value: str) -> None:
    (item,) = result(AnatomicRegionSequence=code(value, "Chest of Leokadia")).AnatomicRegionSequence
    assert (item.CodeValue, item.CodeMeaning) == ("REMOVED", "Chest of")


def test_meanings_of_the_standard_stay_with_the_names_in_them() -> None:
    (item,) = result(AnatomicRegionSequence=code("T-32000", "Bos taurus")).AnatomicRegionSequence
    assert item.CodeMeaning == "Bos taurus"


@pytest.mark.parametrize("text", ["シマヅ", "ｼﾏﾂﾞ", "ｷﾔﾉﾝ", "東芝メディカル", "富士フイルム", "島津製作所"])
def test_makers_in_kana_stay_in_any_width(text: str) -> None:
    assert result("basic", SpecificCharacterSet="ISO_IR 192", Manufacturer=text).Manufacturer == text
    assert not result(SpecificCharacterSet="ISO_IR 192", Manufacturer="ﾔﾏﾀﾞ").get("Manufacturer")


@pytest.mark.parametrize("text", ["5 µm", "5 μm", "µ", "2 mm²", "10 µGy"])
@pytest.mark.parametrize("charset", ["ISO_IR 192", "ISO_IR 100"])
def test_units_with_signs_beyond_ascii_stay(text: str, charset: str) -> None:
    if charset == "ISO_IR 192" or text.encode("latin-1", "ignore").decode("latin-1") == text:
        read = result("basic", SpecificCharacterSet=charset, ConvolutionKernel=text)
        assert read.ConvolutionKernel == text
