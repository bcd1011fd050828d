"""The transfer syntaxes that an output may have, by that of its original."""

from __future__ import annotations

import pytest
from pydicom.uid import (
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    JPEG2000Lossless,
    JPEGBaseline8Bit,
    RLELossless,
)

from orthanc_deid.verify.audit.file_meta_audit import accepted_transfer_syntaxes

ALL = (
    ImplicitVRLittleEndian,
    ExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    DeflatedExplicitVRLittleEndian,
    JPEGBaseline8Bit,
    JPEG2000Lossless,
    RLELossless,
)
REWRITTEN = {
    (ExplicitVRBigEndian, ExplicitVRLittleEndian),
    (DeflatedExplicitVRLittleEndian, ExplicitVRLittleEndian),
}


@pytest.mark.parametrize("original", ALL, ids=lambda syntax: syntax.keyword)
def test_no_other_transfer_syntax_is_accepted(original: str) -> None:
    accepted = {made for made in ALL if made in accepted_transfer_syntaxes(original)}
    assert accepted == {original} | {made for before, made in REWRITTEN if before == original}
