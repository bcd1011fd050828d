"""Outputs made by hand with one fault each, and the findings of the verifier on them."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from orthanc_deid.config.key import Key
from orthanc_deid.dicom.slices import Slices
from orthanc_deid.errors import VerificationError
from orthanc_deid.profile.load import load_profile
from orthanc_deid.profile.model import Dates, Profile
from orthanc_deid.verify.verifier import verify
from support.data.hand_made import (
    KEY,
    by_hand,
    encoded,
    original,
    output,
)

BASIC = load_profile("basic")
NEUTRAL = load_profile("neutral")
SHIFTED = Profile(name="shifted", dates=Dates(mode="shift"))
IDENTITY = (
    "Wexler",
    "Ottilie",
    "PAT-55012",
    "19610907",
    "ACC-90210",
    "Kestrelmoor",
    "Quillfeather",
    "Tarn",
    "7777",
    "4711",
)


def findings(source: bytes, made: Slices, profile: Profile = BASIC, key: Key = KEY) -> str:
    """Return what the verifier says of an output that must not pass; no value may be in it."""
    with pytest.raises(VerificationError) as caught:
        verify(source, made, profile, key)
    text = "\n".join(caught.value.findings)
    assert not [value for value in IDENTITY if value.lower() in text.lower()]
    return text


def faulty(change: Callable[[Dataset], object], profile: Profile = BASIC, ds: Dataset | None = None) -> str:
    """Return the findings on an output that `change` made faulty."""
    ds = original() if ds is None else ds
    made = by_hand(ds, profile)
    change(made)
    return findings(encoded(ds), output(made), profile)


def put(**values: object) -> Callable[[Dataset], None]:
    def change(ds: Dataset) -> None:
        for keyword, value in values.items():
            setattr(ds, keyword, value)

    return change


def drop(*keywords: str) -> Callable[[Dataset], None]:
    def change(ds: Dataset) -> None:
        for keyword in keywords:
            delattr(ds, keyword)

    return change


def cleaned_by_hand(ds: Dataset, profile: Profile, **texts: str) -> Dataset:
    made = by_hand(ds, profile)
    code = Dataset()
    code.CodeValue, code.CodingSchemeDesignator = "113105", "DCM"
    code.CodeMeaning = "Clean Descriptors Option"
    made.DeidentificationMethodCodeSequence.append(code)
    made.SeriesDescription, made.ProtocolName = ds.SeriesDescription, ds.ProtocolName
    made.RequestAttributesSequence = Sequence([Dataset()])
    made.RequestAttributesSequence[0].ScheduledProcedureStepDescription = "Thorax,"
    made.RequestAttributesSequence[0].RequestedProcedureID = "REMOVED"
    for keyword, text in texts.items():
        setattr(made, keyword, text)
    return made
