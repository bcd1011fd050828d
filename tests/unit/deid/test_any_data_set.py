"""Any attribute of the dictionary may name the patient, at any depth and in any encoding; no result does."""

from __future__ import annotations

import struct
from functools import cache
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydicom._dicom_dict import DicomDictionary

from orthanc_deid import Key, deidentify
from orthanc_deid.dicom.slices import Slices
from orthanc_deid.errors import RefusedError
from orthanc_deid.profile.model import Profile
from orthanc_deid.profile.options import OPTION_COLUMNS
from orthanc_deid.standard.attribute_types import _iod_keys
from orthanc_deid.standard.tables import class_uid_tags, geometry_units, row_for, structural_terms
from orthanc_deid.verify.verifier import verify
from support.data.datasets import (
    FORMS,
    DataSet,
    Element,
    Form,
    elements,
    in_order,
    instance,
    part10,
    read_file,
)
from support.data.profiles import BUILTIN, admitting_all_pixels

KEY = Key(bytes(range(32)))
NAME, IDENTIFIER, UID = "ANDERSSON", "PID-48151", "1.2.826.0.1.3680043.10.1."
WORDS = (b"ANDERSSON", b"Andersson", b"BRITTA", b"PID-48151", b"19610407")
PLANTED = (*WORDS, b"1.2.826.0.1.3680043.10")
OTHER_UID = b"1.2.826.0.1.3680043.10.77.4711"
SOP_CLASSES = sorted(uid for uid in _iod_keys() if uid.startswith("1.2.840.10008.5.1.4.1.1."))
TEXTUAL = [
    "LO",
    "SH",
    "ST",
    "LT",
    "UT",
    "UC",
    "PN",
    "CS",
    "AE",
    "UR",
    "UI",
    "DA",
    "DT",
    "TM",
    "DS",
    "IS",
    "AS",
]
TEXTS = (f"{NAME}", f"CHEST {NAME}", f"Britta {NAME.title()}", f"{IDENTIFIER}", f"{NAME}^BRITTA", "CHEST PA")


@cache
def attributes() -> dict[int, str]:
    """Return the VR of every attribute that a data set may hold, by its tag."""
    return {
        tag: vr.split(" or ")[0]
        for tag, (vr, *_) in DicomDictionary.items()
        if tag >> 16 not in (0x0000, 0x0002, 0x0004, 0xFFFC, 0xFFFE)
        and tag not in (0x00080005, 0x00080016, 0x00080018, 0x0020000D, 0x0020000E, 0x00100010, 0x00100020)
        and tag & 0xFFFF
        and vr not in ("NONE", "UN")
    }


def retained(tag: int, profile: Profile) -> bool:
    """Whether an option of the profile keeps the attribute, which then may name the patient."""
    row = row_for(tag)
    columns = (OPTION_COLUMNS.get(option, "") for option in profile.options)
    return row is not None and any(row.options.get(column) == "K" for column in columns)


def named(data_set: DataSet, profile: Profile) -> list[str]:
    """Return the tags of the elements that name the patient."""
    return [
        "/".join(f"{tag:08X}" for tag in path)
        for path, vr, value in elements(data_set)
        if vr in TEXTUAL
        and not retained(path[-1], profile)
        and any(planted in value for planted in (WORDS if path[-1] in class_uid_tags() else PLANTED))
    ]


def _value(vr: str) -> st.SearchStrategy[Any]:
    if vr in ("LO", "SH", "ST", "LT", "UT", "UC", "PN", "CS", "AE", "UR"):
        return st.sampled_from(TEXTS)
    fixed: dict[str, Any] = {
        "UI": [OTHER_UID, UID.encode() + b"1", b"1.2.840.10008.1.2", NAME.encode()],
        "DA": [b"19610407", b"20240315", NAME.encode()],
        "DT": [b"19610407", b"20240315101500", NAME.encode()],
        "TM": [b"101500", b"1015", NAME.encode()],
        "AS": [b"097Y", b"012M", NAME.encode()],
        "DS": [b"1.5", b"1\\2\\3", NAME.encode()],
        "IS": [b"4711", NAME.encode()],
    }
    return st.sampled_from(fixed.get(vr, [struct.pack("<d", 1.5), b"\1\0\2\0\3\0\4\0"]))


@st.composite
def data_sets(draw: st.DrawFn, depth: int = 0) -> DataSet:
    """Draw a few attributes with values that name the patient; sequences hold such data sets again."""
    tags = draw(st.lists(st.sampled_from(sorted(attributes())), min_size=1, max_size=8, unique=True))
    found: list[Element] = []
    for tag in tags:
        vr = attributes()[tag]
        if vr != "SQ":
            found.append((tag, vr, draw(_value(vr))))
        elif depth < 3:
            found.append((tag, vr, draw(st.lists(data_sets(depth + 1), max_size=2))))
    return in_order(found)


@given(
    extra=data_sets(),
    form=st.sampled_from(FORMS),
    name=st.sampled_from(BUILTIN),
    sop_class=st.sampled_from(SOP_CLASSES),
)
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_no_attribute_of_the_result_names_the_patient(
    extra: DataSet, form: Form, name: str, sop_class: str
) -> None:
    data = part10(instance(*extra, (0x00280010, "US", b"\2\0"), sop_class=sop_class), form)
    try:
        result = deidentify(data, admitting_all_pixels(name), KEY)
    except RefusedError:
        return
    output = bytes(result)
    assert named(read_file(output), result.profile) == []
    verify(data, Slices([output]), result.profile, KEY)


@pytest.mark.parametrize("name", BUILTIN)
def test_every_attribute_of_the_dictionary_at_once(name: str) -> None:
    """All of them occur in one instance, and again two sequences deeper; a name for geometry would refuse it."""
    value = {"UI": OTHER_UID, "DA": b"19610407", "TM": b"101500", "DT": b"19610407"}
    plain = [
        (tag, vr, b"1" if tag in geometry_units() else value.get(vr, NAME.encode()))
        for tag, vr in attributes().items()
        if vr in TEXTUAL and tag not in structural_terms() and not (vr == "UI" and tag in class_uid_tags())
    ]
    inner: Element = (0x00081115, "SQ", [[(0x00081199, "SQ", [in_order(plain)])]])
    data = part10(instance(*plain, inner, (0x00280010, "US", b"\2\0")))
    result = deidentify(data, admitting_all_pixels(name), KEY)
    output = bytes(result)
    assert named(read_file(output), result.profile) == []
    verify(data, Slices([output]), result.profile, KEY)
