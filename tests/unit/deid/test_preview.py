"""The preview lists every change, at every depth, with its action and rule, and nothing else."""

from __future__ import annotations

import pytest
from pydicom import Dataset
from pydicom.sequence import Sequence
from pydicom.uid import DeflatedExplicitVRLittleEndian, ExplicitVRBigEndian

from orthanc_deid.config.key import Key
from orthanc_deid.deid.engine import Deidentifier
from orthanc_deid.deid.missing_uids import DERIVED
from orthanc_deid.deid.preview import ElementChange, preview
from orthanc_deid.errors import RefusedError
from orthanc_deid.profile.compile import CompiledProfile
from orthanc_deid.profile.load import load_profile
from support.data import datasets, hand_made
from support.data.studies import ct_study, encoded
from support.folders.trees import bare, ct, part10

KEY = Key(bytes(range(32)))


def changes(data: bytes, profile: str = "neutral") -> dict[tuple[int, ...], ElementChange]:
    found = preview(data, Deidentifier(CompiledProfile(load_profile(profile)), KEY))
    return {change.path: change for change in found.changes}


def item(**attributes: object) -> Dataset:
    inside = Dataset()
    for keyword, value in attributes.items():
        setattr(inside, keyword, value)
    return inside


def test_each_changed_element_has_its_values_its_action_and_its_rule() -> None:
    found = changes(part10(ct()))
    birth = found[0x00100030,]
    assert (birth.name, birth.before, birth.after) == ("PatientBirthDate", "19640812", "20000101")
    assert (birth.action, birth.rule) == ("C", "profile: dates")
    sex = found[0x00100040,]
    assert (sex.before, sex.after, sex.action, sex.rule) == ("F", "", "Z", "Basic Profile")
    assert found[0x00081030,].after is None
    assert found[0x00081030,].action == "X"
    assert found[0x00120062,].before is None
    assert found[0x00120062,].rule == "stamp"


def test_unchanged_elements_are_not_listed() -> None:
    found = changes(part10(ct()))
    assert not {(0x00080060,), (0x00280010,), (0x7FE00010,), (0x00080016,)} & found.keys()


@pytest.mark.parametrize("data", [bare(ct()), bare(ct(), implicit=True)])
def test_bare_data_sets_are_shown_like_part_10_files(data: bytes) -> None:
    assert changes(data).keys() == changes(part10(ct())).keys()


def test_elements_of_items_are_listed_with_their_path() -> None:
    requests = Sequence(
        [item(ScheduledProcedureStepID="A1", RequestedProcedureID=str(number)) for number in range(2)]
    )
    kept = Sequence([item(CodeValue="1"), item(CodeValue="2", InstanceCreationDate="20240229")])
    found = changes(part10(ct(RequestAttributesSequence=requests, CTDIPhantomTypeCodeSequence=kept)))
    inner = found[0x00189346, 1, 0x00080012]
    assert (inner.before, inner.after, inner.action) == ("20240229", "20000101", "C")
    assert found[0x00400275,].before == "(2 items)"


def test_the_preview_shows_the_words_removed_from_a_text() -> None:
    found = changes(part10(ct(SeriesDescription="CHEST Musterfrau 5mm")), "research")
    change = found[0x0008103E,]
    assert (change.before, change.after) == ("CHEST Musterfrau 5mm", "CHEST 5mm")
    assert change.rule == "Clean Descriptors Option"


def test_private_elements_are_listed_one_by_one() -> None:
    image = ct()
    image.private_block(0x0019, "INVENTED", create=True).add_new(1, "LO", "secret")
    found = changes(part10(image))
    assert found[0x00191001,].rule == "private"
    assert found[0x00191001,].after is None


def test_an_instance_that_is_refused_has_no_preview() -> None:
    with pytest.raises(RefusedError, match="burned-in"):
        changes(part10(ct(BurnedInAnnotation="YES")))


def test_the_added_equipment_item_is_listed_beside_changes_in_the_others() -> None:
    scanner = Sequence([item(Manufacturer="ACME", InstitutionName="Kestrelmoor")])
    found = changes(part10(ct(ContributingEquipmentSequence=scanner)))
    stamp = found[0x0018A001,]
    assert (stamp.before, stamp.after, stamp.action, stamp.rule) == ("(1 item)", "(2 items)", "", "stamp")
    inner = found[0x0018A001, 0, 0x00080080]
    assert (inner.before, inner.after, inner.action) == ("Kestrelmoor", None, "X")
    assert (0x0018A001, 0, 0x00080070) not in found
    alone = changes(part10(ct()))[0x0018A001,]
    assert (alone.before, alone.after, alone.rule) == (None, "(1 item)", "stamp")


def test_the_decoding_of_pixel_representation_by_pydicom_is_no_change() -> None:
    found = changes(encoded(ct_study(1)[0]))
    assert 0x00100010 in {path[-1] for path in found}
    assert 0x00280103 not in {path[-1] for path in found}, "PixelRepresentation stays"
    assert all(change.before != change.after for change in found.values())


@pytest.mark.parametrize("syntax", [ExplicitVRBigEndian, DeflatedExplicitVRLittleEndian])
def test_a_retired_byte_order_and_deflation_are_shown_like_little_endian(syntax: str) -> None:
    """The preview reads what the engine re-encodes, so that bytes in another order are no change."""
    instance = hand_made.original()
    found, expected = changes(hand_made.encoded(instance, syntax)), changes(hand_made.encoded(instance))
    assert {path: (change.before, change.after) for path, change in found.items()} == {
        path: (change.before, change.after) for path, change in expected.items()
    }
    assert (0x00280010,) not in found


@pytest.mark.parametrize("form", [datasets.EXPLICIT, datasets.IMPLICIT], ids=str)
def test_a_kept_number_that_cannot_be_decoded_is_no_obstacle(form: datasets.Form) -> None:
    odd = datasets.header(0x00280011, "US", 3, explicit=form.explicit) + b"\1\2\3"
    found = changes(datasets.part10(datasets.encode(datasets.instance(), form) + odd, form))
    assert found[0x00100010,].before == "ANDERSSON^BRITTA"
    assert found[0x00280011,].after == "513"  # what is cut off behind the number is a change


def test_a_removed_value_is_shown_as_far_as_it_can_be() -> None:
    values: datasets.DataSet = [
        (0x00190010, "LO", "INVENTED"),
        (0x00191001, "FD", bytes(6)),
        (0x00191002, "FD", b""),
        (0x00191003, "OB", b"\1\2\3\4"),
        (0x00191004, "PN", "TARN^INES\\WEXLER"),
    ]
    found = changes(datasets.part10(datasets.instance(*values)))
    shown = [(found[tag,].vr, found[tag,].before, found[tag,].after) for tag, _, _ in values]
    assert shown == [
        ("LO", "INVENTED", None),
        ("FD", "(cannot be decoded: BytesLengthException)", None),
        ("FD", "", None),
        ("OB", "(4 bytes)", None),
        ("PN", "TARN^INES\\WEXLER", None),
    ]


def test_a_number_without_vr_that_cannot_be_decoded_has_the_vr_of_the_dictionary() -> None:
    tag = 0x001021C0  # Pregnancy Status
    data = datasets.encode(datasets.instance(), datasets.IMPLICIT)
    at = data.index(datasets.header(0x0020000D, "", 26, explicit=False))
    value = datasets.header(tag, "", 3, explicit=False) + b"\1\2\3"
    change = changes(datasets.part10(data[:at] + value + data[at:], datasets.IMPLICIT))[tag,]
    assert (change.vr, change.after, change.action) == ("US", None, "X")
    assert change.before == "(cannot be decoded: BytesLengthException)"


def test_what_the_engine_adds_to_an_instance_without_patient_and_uids_has_a_reason() -> None:
    content = [each for each in datasets.instance() if each[0] not in (0x00100010, 0x00080018, 0x0020000D)]
    found = changes(datasets.encode(content))
    assert found[0x00100010,].before is None
    assert found[0x00100010,].after == found[0x00100020,].after
    assert (found[0x00100010,].action, found[0x00100010,].rule) == ("", "pseudonym")
    for tag in (0x00080018, 0x0020000D):
        assert (found[tag,].before, found[tag,].rule) == (None, DERIVED)
