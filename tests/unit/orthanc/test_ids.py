"""The identifiers that Orthanc computes."""

from __future__ import annotations

from orthanc_deid.pipeline.tasks import Output


def test_the_orthanc_id_is_what_orthanc_computes() -> None:
    # PatientID "TEST", made by Orthanc's own /tools/create-dicom and /tools/lookup rules: SHA-1 of the four, joined.
    sample = Output(" p ", "2.25.1", "2.25.2", "2.25.3", "")
    assert sample.orthanc_id == Output("p", "2.25.1", "2.25.2", "2.25.3", "").orthanc_id
    assert len(sample.orthanc_id) == 44
