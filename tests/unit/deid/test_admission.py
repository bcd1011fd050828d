"""Admission by the engine: suspicion of burned-in text, documents, faces, SOP classes, bare data sets."""

from __future__ import annotations

import struct
from typing import Any

import numpy as np
import pytest

from orthanc_deid import Key, deidentify
from orthanc_deid.deid.pixels.high_bits import high_bits_in_use
from orthanc_deid.errors import NotDicomError, RefusedError, VerificationError
from orthanc_deid.profile.load import load_profile
from orthanc_deid.profile.verify_depth import VerifyDepth
from orthanc_deid.standard.tables import burned_in, modality_sop_class
from orthanc_deid.verify.verifier import verify
from support.data.datasets import (
    CT_IMAGE_STORAGE,
    EXPLICIT,
    FORMS,
    IMPLICIT,
    UNDEFINED,
    DataSet,
    Element,
    Form,
    encode,
    header,
    image_size,
    in_order,
    instance,
    part10,
    read_file,
    split,
    value,
)
from support.data.hand_made import jpeg_frame
from support.data.profiles import BUILTIN, builtin, profile

KEY = Key(bytes(range(32)))
SOP_CLASS, SOP_INSTANCE, MODALITY, ROWS = 0x00080016, 0x00080018, 0x00080060, 0x00280010
STUDY, SERIES = 0x0020000D, 0x0020000E
IMAGE: Element = (ROWS, "US", b"\2\0")
BURNED_IN = "suspected of burned-in text"
ENCAPSULATED_PDF = "1.2.840.10008.5.1.4.1.1.104.1"


def run(data: bytes, name: str = "basic") -> DataSet:
    return read_file(bytes(deidentify(data, builtin(name), KEY)))


def refusal(data: bytes, **settings: Any) -> str:
    with pytest.raises(RefusedError) as caught:
        deidentify(data, profile(**settings), KEY)
    return str(caught.value)


SUSPICIOUS: dict[str, tuple[Element, ...]] = {
    "BurnedInAnnotation YES": ((0x00280301, "CS", "YES"),),
    "secondary capture": ((SOP_CLASS, "UI", "1.2.840.10008.5.1.4.1.1.7"),),
    "ultrasound class": ((SOP_CLASS, "UI", "1.2.840.10008.5.1.4.1.1.6.1"),),
    "photograph": ((SOP_CLASS, "UI", "1.2.840.10008.5.1.4.1.1.77.1.4"),),
    "recorded speech": ((SOP_CLASS, "UI", "1.2.840.10008.5.1.4.1.1.9.4.1"),),
    "ultrasound": ((MODALITY, "CS", "US"),),
    "endoscopy in small letters": ((MODALITY, "CS", "es"),),
    "other": ((MODALITY, "CS", "OT"),),
    "film": ((MODALITY, "CS", "FD"),),
    "DERIVED SECONDARY": ((0x00080008, "CS", "DERIVED\\SECONDARY"),),
    "SCREEN SAVE": ((0x00080008, "CS", "DERIVED\\PRIMARY\\SCREEN SAVE"),),
    "workstation": ((0x00080064, "CS", "WSD"),),
    "scanned film": ((0x00080064, "CS", "DF"),),
}


@pytest.mark.parametrize("extra", SUSPICIOUS.values(), ids=SUSPICIOUS)
@pytest.mark.parametrize("name", BUILTIN)
@pytest.mark.parametrize("form", [EXPLICIT, IMPLICIT], ids=str)
def test_an_image_that_may_show_text_is_refused_by_every_profile(
    extra: tuple[Element, ...], name: str, form: Form
) -> None:
    with pytest.raises(RefusedError, match=BURNED_IN):
        deidentify(part10(instance(IMAGE, *extra), form), builtin(name), KEY)


def test_every_entry_of_the_lists_is_suspicious() -> None:
    lists = burned_in()
    for sop_class in lists.sop_classes:
        assert BURNED_IN in refusal(part10(instance(sop_class=sop_class)))
    for modality in lists.modalities:
        assert BURNED_IN in refusal(part10(instance((MODALITY, "CS", modality))))
    for image_type in lists.image_types:
        assert BURNED_IN in refusal(part10(instance((0x00080008, "CS", f"ORIGINAL\\{image_type}"))))
    for syntax in lists.transfer_syntaxes:
        assert BURNED_IN in refusal(part10(instance(), transfer_syntax=syntax))


CLEAN: dict[str, tuple[Element, ...]] = {
    "a plain CT": (),
    "BurnedInAnnotation NO": ((0x00280301, "CS", "NO"),),
    "ORIGINAL PRIMARY": ((0x00080008, "CS", "ORIGINAL\\PRIMARY\\AXIAL"),),
    "digital interface": ((0x00080064, "CS", "DI"),),
    "an empty ConversionType": ((0x00080064, "CS", ""),),
}


ORIENTED: tuple[Element, ...] = (
    (0x00080008, "CS", "DERIVED\\SECONDARY\\MPR"),
    (0x00200037, "DS", "1\\0\\0\\0\\1\\0"),
)


@pytest.mark.parametrize("depth", ["full", "fast"])
@pytest.mark.parametrize("photometric", ["MONOCHROME2", "RGB"])
def test_a_derived_section_is_released_only_in_gray_by_engine_and_verifier(
    depth: VerifyDepth, photometric: str
) -> None:
    color: Element = (0x00280004, "CS", photometric)
    plain = part10(instance(IMAGE, *ORIENTED[1:], (0x00280004, "CS", "MONOCHROME2")))
    data = part10(instance(IMAGE, *ORIENTED, color))
    if photometric == "MONOCHROME2":
        result = deidentify(data, builtin("basic"), KEY)
        verify(data, result.output, load_profile("basic"), KEY, depth)
        return
    assert BURNED_IN in refusal(data)
    released = deidentify(plain, builtin("basic"), KEY).output
    with pytest.raises(VerificationError, match="suspected of burned-in text"):
        verify(data, released, load_profile("basic"), KEY, depth)


@pytest.mark.parametrize("extra", CLEAN.values(), ids=CLEAN)
def test_an_image_without_suspicion_is_accepted(extra: tuple[Element, ...]) -> None:
    assert value(run(part10(instance(IMAGE, *extra))), MODALITY) == b"CT"


def test_burned_in_annotation_no_does_not_clear_a_suspicion() -> None:
    data = part10(instance((0x00280301, "CS", "NO"), (MODALITY, "CS", "US")))
    assert BURNED_IN in refusal(data)


def test_a_site_may_accept_images_under_conditions() -> None:
    accepted = {"when": [{"attribute": "Modality", "equals": "US"}, {"attribute": "Rows", "equals": "2"}]}
    ultrasound = instance(IMAGE, (MODALITY, "CS", "US"))
    result = deidentify(part10(ultrasound), profile(pixels={"rules": [accepted]}), KEY)
    assert result.notes == ("burned-in text accepted by the profile",)
    assert BURNED_IN in refusal(
        part10(instance((MODALITY, "CS", "US"), (ROWS, "US", b"\3\0"))), pixels={"rules": [accepted]}
    )


# bits above HighBit


def pixels(samples: np.ndarray[Any, Any], high: int, *, signed: bool) -> tuple[Element, ...]:
    width = samples.dtype.itemsize * 8
    return (
        *image_size(1, samples.size, width),
        (0x00280101, "US", struct.pack("<H", high + 1)),
        (0x00280102, "US", struct.pack("<H", high)),
        (0x00280103, "US", struct.pack("<H", signed)),
        (0x7FE00010, "OW", samples.tobytes()),
    )


UNSIGNED_CLEAN = np.array([0, 1, 4095, 2048], dtype="<u2")
SIGNED_CLEAN = np.array([-2048, -1, 0, 2047], dtype="<i2")


@pytest.mark.parametrize("form", FORMS, ids=str)
@pytest.mark.parametrize(
    ("samples", "signed", "suspicious"),
    [
        (UNSIGNED_CLEAN, False, False),
        (UNSIGNED_CLEAN | np.array([0, 0x1000, 0, 0], dtype="<u2"), False, True),
        (UNSIGNED_CLEAN | np.array([0, 0, 0, 0x8000], dtype="<u2"), False, True),
        (SIGNED_CLEAN, True, False),
        (SIGNED_CLEAN ^ np.array([0, 0, 0x1000, 0], dtype="<i2"), True, True),
        (SIGNED_CLEAN ^ np.array([0x1000, 0, 0, 0], dtype="<i2"), True, True),
        (SIGNED_CLEAN, False, True),  # sign extension of samples declared unsigned
    ],
)
def test_bits_above_the_high_bit_are_suspicious_beyond_sign_extension(
    form: Form, samples: np.ndarray[Any, Any], signed: bool, suspicious: bool
) -> None:
    data = part10(instance(*pixels(samples, 11, signed=signed)), form)
    if suspicious:
        assert refusal(data) == f"{BURNED_IN}: bits outside BitsStored in use"
    else:
        found = read_file(bytes(deidentify(data, profile(), KEY)))
        assert value(found, 0x7FE00010) == samples.tobytes()


@pytest.mark.parametrize("width", [1, 2, 4])
def test_every_sample_counts_however_long_the_image(width: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("orthanc_deid.deid.pixels.high_bits._CHUNK", 64)
    samples = np.full(100, 3, dtype=f"<u{width}")
    for place in (0, 15, 16, 17, 99):
        marked = samples.copy()
        marked[place] |= 1 << (width * 8 - 1)
        assert high_bits_in_use(marked.tobytes(), width * 8, width * 8 - 4, signed=False)
    assert not high_bits_in_use(samples.tobytes(), width * 8, width * 8 - 4, signed=False)
    assert not high_bits_in_use(b"", width * 8, width * 8 - 4, signed=True)


def test_an_image_that_uses_all_bits_has_no_hidden_ones() -> None:
    assert not high_bits_in_use(b"\xff\xff", 16, 15, signed=False)


# documents and faces


@pytest.mark.parametrize("name", BUILTIN)
def test_an_encapsulated_document_is_refused(name: str) -> None:
    data = part10(instance(IMAGE, (MODALITY, "CS", "DOC"), (0x00420011, "OB", b"%PDF ANDERSSON")))
    with pytest.raises(RefusedError, match=r"encapsulated document: \(0042,0011\)"):
        deidentify(data, builtin(name), KEY)


@pytest.mark.parametrize("form", [EXPLICIT, IMPLICIT], ids=str)
def test_a_profile_may_drop_the_document_and_keep_the_rest(form: Form) -> None:
    data_set = instance(
        (MODALITY, "CS", "DOC"), (0x00420011, "OB", b"%PDF ANDERSSON"), sop_class=ENCAPSULATED_PDF
    )
    output = bytes(deidentify(part10(data_set, form), profile(documents="drop-document"), KEY))
    assert b"ANDERSSON" not in output
    assert not value(read_file(output), 0x00420011).strip(b"\0")


FACES = [
    ((MODALITY, "CS", "CT"), (0x00180015, "CS", "HEAD"), True),
    ((MODALITY, "CS", "mr"), (0x00180015, "CS", ""), True),
    ((MODALITY, "CS", "PT"), (0x00180015, "CS", "WHOLEBODY"), True),
    ((MODALITY, "CS", "CT"), (0x00180015, "CS", "CHEST"), False),
    ((MODALITY, "CS", "CR"), (0x00180015, "CS", "SKULL"), False),
]


@pytest.mark.parametrize(("modality", "part", "refused"), FACES)
def test_volumes_that_may_show_a_face_are_refused_under_the_option(
    modality: Element, part: Element, refused: bool
) -> None:
    data = part10(instance(modality, part))
    option = {"options": ["Clean Recognizable Visual Features"]}
    assert deidentify(data, profile(), KEY)
    if refused:
        assert "face" in refusal(data, **option)
    else:
        assert deidentify(data, profile(**option), KEY)


# SOP classes


PRIVATE_CLASS = "1.3.12.2.1107.5.9.1"


def test_a_private_sop_class_is_refused_unless_an_instance_rule_admits_it() -> None:
    data = part10(instance(sop_class=PRIVATE_CLASS))
    assert refusal(data) == "private SOP class: (0008,0016)"
    when = [{"attribute": "SOPClassUID", "equals": PRIVATE_CLASS}]
    result = deidentify(data, profile(instances=[{"when": when, "outcome": "admit"}]), KEY)
    assert result.notes == ("no IOD",)
    assert b"ANDERSSON" not in bytes(result)


def test_an_unregistered_class_with_the_root_of_dicom_counts_as_private() -> None:
    assert "private SOP class" in refusal(part10(instance(sop_class="1.2.840.10008.5.1.4.1.1.2.99.1")))


def test_the_sop_class_is_read_from_the_data_set_not_the_file_meta() -> None:
    output = bytes(deidentify(part10(instance(sop_class="1.2.840.10008.5.1.4.1.1.4")), builtin("basic"), KEY))
    meta, _, _ = split(output)
    assert value(meta, 0x00020002).rstrip(b"\0") == b"1.2.840.10008.5.1.4.1.1.4"


def without(tag: int, *others: int) -> DataSet:
    return [each for each in instance() if each[0] not in (tag, *others)]


# bare data sets


@pytest.mark.parametrize("form", FORMS, ids=str)
@pytest.mark.parametrize("empty", [False, True])
def test_missing_uids_of_a_bare_data_set_are_added(form: Form, empty: bool) -> None:
    tags = (SOP_CLASS, SOP_INSTANCE, STUDY, SERIES)
    data_set = without(*tags)
    if empty:
        data_set = in_order([*data_set, *((tag, "UI", "") for tag in tags)])
    output = bytes(deidentify(encode(data_set, form), builtin("basic"), KEY))
    found, (meta, _, _) = read_file(output), split(output)
    assert [tag for tag, _, _ in found] == sorted({tag for tag, _, _ in found})
    assert value(found, SOP_CLASS).rstrip(b"\0") == CT_IMAGE_STORAGE.encode()
    uids = [value(found, tag).rstrip(b"\0") for tag in (SOP_INSTANCE, STUDY, SERIES)]
    assert all(uid.startswith(b"2.25.") for uid in uids)
    assert len(set(uids)) == 3
    assert value(meta, 0x00020003).rstrip(b"\0") == uids[0]


def test_the_uids_of_a_bare_data_set_come_from_its_content() -> None:
    one = encode(without(SOP_INSTANCE))
    other = encode([*without(SOP_INSTANCE), (ROWS, "US", b"\5\0")])
    uids = [
        value(read_file(bytes(deidentify(data, builtin("basic"), KEY))), SOP_INSTANCE)
        for data in (one, one, other)
    ]
    assert uids[0] == uids[1] != uids[2]


def test_the_uids_of_a_bare_data_set_are_replaced_like_any_other() -> None:
    bare, file = (
        deidentify(data, builtin("basic"), KEY) for data in (encode(instance()), part10(instance()))
    )
    assert bytes(bare) == bytes(file)


@pytest.mark.parametrize(("modality", "sop_class"), sorted(modality_sop_class().items()))
def test_an_unambiguous_modality_determines_the_sop_class(modality: str, sop_class: str) -> None:
    data = encode(in_order([*without(SOP_CLASS), (MODALITY, "CS", modality)]))
    output = read_file(bytes(deidentify(data, builtin("basic"), KEY)))
    assert value(output, SOP_CLASS).rstrip(b"\0").decode() == sop_class


@pytest.mark.parametrize("modality", ["", "US", "SR", "DX", "PR", "SEG", "ANDERSSON"])
def test_a_bare_data_set_of_an_ambiguous_modality_is_refused(modality: str) -> None:
    data = encode(in_order([*without(SOP_CLASS), (MODALITY, "CS", modality)]))
    assert refusal(data) == "no SOP Class UID, and none follows from Modality: (0008,0016)"


@pytest.mark.parametrize("form", FORMS, ids=str)
@pytest.mark.parametrize("sequence", [0x52009229, 0x52009230])
def test_a_bare_enhanced_data_set_is_refused(form: Form, sequence: int) -> None:
    data = encode([*without(SOP_CLASS), (sequence, "SQ", [[(0x00289110, "SQ", [[IMAGE]])]])], form)
    assert "enhanced" in refusal(data)


NO_INSTANCES = {
    "a text": b"Patient ANDERSSON^BRITTA, CT of the chest. " * 20,
    "a DICOMDIR": bytes(128) + b"DICM" + encode([(0x00020002, "UI", "1.2.840.10008.1.3.10")]),
    "a DICOMDIR without a SOP class in its file meta": part10(encode([(0x00041130, "CS", "DISK")])),
    "a DICOMDIR without file meta": encode([(0x00041130, "CS", "DISK"), (0x00041200, "UL", bytes(4))]),
    "a DICOMDIR in implicit VR": encode([(0x00041130, "CS", "DISK")], IMPLICIT),
    "an entry of a worklist": part10(
        instance((0x00400100, "SQ", [[(0x00080060, "CS", "CT")]]), sop_class="1.2.840.10008.5.1.4.31")
    ),
    "an entry of a worklist without file meta": encode(
        [*without(SOP_CLASS, SOP_INSTANCE), (0x00400100, "SQ", [[(0x00080060, "CS", "CT")]])]
    ),
    "a performed procedure step": part10(instance(sop_class="1.2.840.10008.3.1.2.3.3")),
    "a storage commitment": part10(instance(sop_class="1.2.840.10008.1.20.1")),
    "a command set": encode(
        [(0x00000002, "UI", "1.2.840.10008.1.1"), (0x00000100, "US", b"\x30\0")], IMPLICIT
    ),
}


@pytest.mark.parametrize("data", NO_INSTANCES.values(), ids=NO_INSTANCES)
def test_content_that_is_no_instance_is_not_reported_as_refused(data: bytes) -> None:
    with pytest.raises(NotDicomError):
        deidentify(data, builtin("basic"), KEY)


def test_encapsulated_pixel_data_is_unchanged() -> None:
    fragments = b"".join(
        header(0xFFFEE000, "", len(each), explicit=False) + each for each in (b"", jpeg_frame())
    )
    end = header(0xFFFEE0DD, "", 0, explicit=False)
    body = encode(instance(IMAGE)) + header(0x7FE00010, "OB", UNDEFINED) + fragments + end
    syntax = "1.2.840.10008.1.2.4.50"
    output = bytes(deidentify(part10(body, transfer_syntax=syntax), builtin("basic"), KEY))
    assert output.endswith(header(0x7FE00010, "OB", UNDEFINED) + fragments + end)
    assert split(output)[2] == syntax
