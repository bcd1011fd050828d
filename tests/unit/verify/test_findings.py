"""The list of findings."""

from __future__ import annotations

import re

import pytest

from orthanc_deid.errors import VerificationError
from orthanc_deid.verify.verifier import verify
from support.data.faulty_outputs import BASIC
from support.data.hand_made import (
    KEY,
    by_hand,
    encoded,
    original,
    output,
)


def test_findings_are_capped_and_the_rest_is_counted() -> None:
    ds = original()
    made = by_hand(ds, BASIC)
    for number in range(90):
        made.add_new(0x00211001 + number, "LO", "x")
    source = encoded(ds)
    with pytest.raises(VerificationError) as caught:
        verify(source, output(made), BASIC, KEY)
    assert len(caught.value.findings) == 51
    assert re.fullmatch(r"and \d+ more", caught.value.findings[-1])
