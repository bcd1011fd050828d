"""The identifiers that Orthanc computes."""

from __future__ import annotations

from hashlib import sha1

import pytest

from orthanc_deid.orthanc.ids import is_orthanc_id, orthanc_id
from orthanc_deid.pipeline.tasks import Output


def test_the_orthanc_id_is_what_orthanc_computes() -> None:
    # PatientID "TEST", made by Orthanc's own /tools/create-dicom and /tools/lookup rules: SHA-1 of the four, joined.
    sample = Output(" p ", "2.25.1", "2.25.2", "2.25.3", "")
    assert sample.orthanc_id == Output("p", "2.25.1", "2.25.2", "2.25.3", "").orthanc_id
    assert len(sample.orthanc_id) == 44


@pytest.mark.parametrize(
    "identifiers", [("p",), ("p", "2.25.1"), ("p", "2.25.1", "2.25.2"), ("p", "2.25.1", "2.25.2", "2.25.3")]
)
def test_an_id_is_the_sha_1_of_the_identifiers_in_groups_of_eight(identifiers: tuple[str, ...]) -> None:
    found = orthanc_id(*identifiers)
    assert found.replace("-", "") == sha1("|".join(identifiers).encode(), usedforsecurity=False).hexdigest()
    assert [len(group) for group in found.split("-")] == [8] * 5
    assert is_orthanc_id(found)


@pytest.mark.parametrize("text", ["", "a" * 44, "../system", "11111111-11111111-11111111-11111111"])
def test_another_text_is_no_id(text: str) -> None:
    assert not is_orthanc_id(text)
