"""Both depths require our item at the end of Contributing Equipment Sequence and check the items before it."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy

import pytest
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence
from pydicom.uid import ImplicitVRLittleEndian

from orthanc_deid.errors import VerificationError
from orthanc_deid.profile.action import Action
from orthanc_deid.profile.load import load_profile
from orthanc_deid.profile.model import AttributeRule, Profile
from orthanc_deid.profile.verify_depth import VerifyDepth
from orthanc_deid.verify.verifier import verify
from support.data.hand_made import KEY, by_hand, encoded, equipment, original, output

BASIC = load_profile("basic")
WITHOUT = Profile(
    name="without", attributes=(AttributeRule(attribute="ContributingEquipmentSequence", action=Action.X),)
)
LAST = "stamps: last item does not name this software and its version (0018,A001)"
NUMBER = "sequence items: number changed (0018,A001)"
DEPTHS = pytest.mark.parametrize("depth", ["full", "fast"])
Change = Callable[[Dataset], object]


def scanner() -> Dataset:
    item = Dataset()
    item.Manufacturer, item.SoftwareVersions = "ACME IMAGING", "VB20"
    item.InstitutionName, item.PatientName = "Kestrelmoor Infirmary", "Wexler^Ottilie"
    return item


def scanned(count: int) -> Dataset:
    """Return an original that names so many scanners."""
    return original(ContributingEquipmentSequence=Sequence([scanner() for _ in range(count)]))


def findings(ds: Dataset, made: Dataset, depth: VerifyDepth, profile: Profile = BASIC) -> str:
    with pytest.raises(VerificationError) as caught:
        verify(encoded(ds), output(made), profile, KEY, depth)
    return "\n".join(caught.value.findings)


@DEPTHS
@pytest.mark.parametrize(
    "syntax", ["1.2.840.10008.1.2.1", ImplicitVRLittleEndian], ids=["explicit", "implicit"]
)
@pytest.mark.parametrize("undefined", [False, True])
@pytest.mark.parametrize("count", [0, 1, 3])
def test_our_item_behind_the_others_passes(
    count: int, undefined: bool, syntax: str, depth: VerifyDepth
) -> None:
    ds = scanned(count)
    made = by_hand(ds, BASIC)
    made["ContributingEquipmentSequence"].is_undefined_length = undefined
    assert len(made.ContributingEquipmentSequence) == count + 1
    assert (
        verify(encoded(ds, syntax), output(made, syntax), BASIC, KEY, depth).sop_instance_uid
        == made.SOPInstanceUID
    )


@DEPTHS
def test_ours_alone_passes_where_the_others_must_go(depth: VerifyDepth) -> None:
    for ds in (original(), scanned(0), scanned(2)):
        made = by_hand(ds, WITHOUT)
        made.ContributingEquipmentSequence = Sequence([equipment()])
        assert verify(encoded(ds), output(made), WITHOUT, KEY, depth).sop_instance_uid == made.SOPInstanceUID


@DEPTHS
def test_items_in_which_nothing_stands_count(depth: VerifyDepth) -> None:
    ds = original(ContributingEquipmentSequence=Sequence([scanner(), Dataset(), Dataset()]))
    made = by_hand(ds, BASIC)
    assert verify(encoded(ds), output(made), BASIC, KEY, depth).sop_instance_uid == made.SOPInstanceUID
    del made.ContributingEquipmentSequence[1]
    assert findings(ds, made, depth) == NUMBER


@DEPTHS
def test_an_instance_of_ours_gets_another_item(depth: VerifyDepth) -> None:
    ds = original(ContributingEquipmentSequence=Sequence([scanner(), equipment()]))
    made = by_hand(ds, BASIC)
    assert verify(encoded(ds), output(made), BASIC, KEY, depth).sop_instance_uid == made.SOPInstanceUID
    del made.ContributingEquipmentSequence[-1]
    assert findings(ds, made, depth) == NUMBER


def put(**values: object) -> Change:
    def change(item: Dataset) -> None:
        for keyword, value in values.items():
            setattr(item, keyword, value)

    return change


def of_purpose(**values: object) -> Change:
    return lambda item: put(**values)(item.PurposeOfReferenceCodeSequence[0])


def extra_private(item: Dataset) -> None:
    item.private_block(0x0019, "ACME PRIVATE", create=True).add_new(0x10, "LO", "harmless")


@DEPTHS
@pytest.mark.parametrize("count", [0, 2])
@pytest.mark.parametrize(
    "change",
    [
        put(Manufacturer="ACME IMAGING"),
        put(SoftwareVersions="0.0.9"),
        put(SoftwareVersions=""),
        put(StationName="CT-EAST-9"),
        put(ContributionDateTime="20240101"),
        put(PurposeOfReferenceCodeSequence=Sequence([])),
        lambda item: item.PurposeOfReferenceCodeSequence.append(item.PurposeOfReferenceCodeSequence[0]),
        lambda item: delattr(item, "Manufacturer"),
        lambda item: delattr(item, "PurposeOfReferenceCodeSequence"),
        of_purpose(CodeValue="109103"),
        of_purpose(CodingSchemeDesignator="99XYZ"),
        of_purpose(CodeMeaning="Equipment"),
        of_purpose(CodingSchemeVersion="01"),
        extra_private,
        lambda item: extra_private(item.PurposeOfReferenceCodeSequence[0]),
    ],
)
def test_an_item_that_says_anything_else_is_found(change: Change, count: int, depth: VerifyDepth) -> None:
    ds = scanned(count)
    made = by_hand(ds, BASIC)
    change(made.ContributingEquipmentSequence[-1])
    assert LAST in findings(ds, made, depth).splitlines()


@DEPTHS
@pytest.mark.parametrize("count", [0, 2])
def test_a_missing_item_is_found(count: int, depth: VerifyDepth) -> None:
    ds = scanned(count) if count else original()
    made = by_hand(ds, BASIC)
    del made.ContributingEquipmentSequence[-1]
    assert LAST in findings(ds, made, depth).splitlines()
    del made.ContributingEquipmentSequence
    assert LAST in findings(ds, made, depth).splitlines()


@DEPTHS
def test_a_second_item_is_found(depth: VerifyDepth) -> None:
    for ds in (scanned(0), scanned(2)):
        made = by_hand(ds, BASIC)
        made.ContributingEquipmentSequence.append(equipment())
        assert findings(ds, made, depth) == NUMBER
    ds = original()
    made = by_hand(ds, BASIC)
    made.ContributingEquipmentSequence.append(equipment())
    assert "(0018,A001)" in findings(ds, made, depth)


@DEPTHS
def test_an_item_in_front_of_the_others_is_found(depth: VerifyDepth) -> None:
    ds = scanned(1)
    made = by_hand(ds, BASIC)
    made.ContributingEquipmentSequence = Sequence([*reversed(made.ContributingEquipmentSequence)])
    assert LAST in findings(ds, made, depth).splitlines()


def test_an_item_at_another_place_is_found() -> None:
    ds = original()
    made = by_hand(ds, BASIC)
    made.AnatomicRegionSequence[0].ContributingEquipmentSequence = made.ContributingEquipmentSequence
    assert "additions: element that the original has not (0008,2218)[0].(0018,A001)" in findings(
        ds, made, "full"
    )
    del made.ContributingEquipmentSequence
    assert LAST in findings(ds, made, "full")


@DEPTHS
@pytest.mark.parametrize("at", [0, 1])
def test_identity_in_the_items_before_ours_is_found(at: int, depth: VerifyDepth) -> None:
    ds = scanned(2)
    for keyword in ("InstitutionName", "PatientName"):
        made = by_hand(ds, BASIC)
        item = made.ContributingEquipmentSequence[at]
        item[keyword] = deepcopy(ds.ContributingEquipmentSequence[at][keyword])
        assert f"(0018,A001)[{at}]." in findings(ds, made, depth)


@DEPTHS
def test_items_that_must_go_are_found(depth: VerifyDepth) -> None:
    ds = scanned(1)
    made = by_hand(ds, BASIC)
    made.DeidentificationMethod = by_hand(ds, WITHOUT).DeidentificationMethod
    assert findings(ds, made, depth, WITHOUT) == NUMBER


@DEPTHS
def test_what_only_an_item_that_must_go_says_of_the_patient_is_searched_for(depth: VerifyDepth) -> None:
    ds = scanned(1)
    ds.ContributingEquipmentSequence[0].OperatorsName = "Nightjar^Ulla"
    ds.ConvolutionKernel = "NIGHTJAR"
    made = by_hand(ds, WITHOUT)
    made.ContributingEquipmentSequence = Sequence([equipment()])
    assert "person found (0018,1210)" in findings(ds, made, depth, WITHOUT)


def test_a_kept_value_that_has_changed_before_ours_is_found() -> None:
    ds = scanned(1)
    made = by_hand(ds, BASIC)
    made.ContributingEquipmentSequence[0].SoftwareVersions = "VB21"
    assert "(0018,A001)[0].(0018,1020)" in findings(ds, made, "full")


@DEPTHS
def test_a_sequence_that_was_none_passes_and_what_it_says_is_searched_for(depth: VerifyDepth) -> None:
    source = encoded(original(ConvolutionKernel="B31f"))
    at = source.index(b"\x18\x00\x10\x12")
    source = (
        source[: source.index(b"\x20\x00\x0d\x00")]
        + b"\x18\x00\x01\xa0LO\x04\0ACME"
        + source[source.index(b"\x20\x00\x0d\x00") :]
    )
    assert at < source.index(b"\x18\x00\x01\xa0")
    made = by_hand(original(ConvolutionKernel="B31f"), BASIC)
    assert verify(source, output(made), BASIC, KEY, depth).sop_instance_uid == made.SOPInstanceUID


@DEPTHS
def test_an_element_that_is_no_part_of_a_code_is_found_among_the_codes(depth: VerifyDepth) -> None:
    ds = original()
    made = by_hand(ds, BASIC)
    extra_private(made.DeidentificationMethodCodeSequence[0])
    assert "codes that are not those that hold (0012,0064)" in findings(ds, made, depth)
