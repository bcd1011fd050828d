"""A study whose instances carry two PatientIDs: the server holds those under the second, until the site decides."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydicom import dcmread

from support.data.studies import ct_study, encoded
from support.servers.orthanc_server import running, with_plugin

pytestmark = pytest.mark.integration

COUNT = 4


def test_instances_under_a_second_patient_are_held_and_delivered_on_request(tmp_path: Path) -> None:
    images = ct_study(COUNT)
    for image in images[2:]:
        image.PatientID = "PX-CORRECTED"
    server = with_plugin(tmp_path)
    with running(server):
        for image in images[:2]:
            server.upload(encoded(image))
        server.wait_idle(2)
        for image in images[2:]:
            server.upload(encoded(image))
        state = server.wait_idle(COUNT)
        assert (state["Delivered"], state["Quarantined"]) == (2, 2)
        held = server.get("/deidentify/quarantine")
        assert "conflict of patients" in str(held)
        patients = {dcmread(path).PatientID for path in server.output.rglob("*.dcm")}
        assert len(patients) == 1
    server.configuration["Deidentify"]["MixedPatients"] = "Deliver"
    with running(server):
        server.post(
            "/deidentify/quarantine/retry", {"State": "Quarantined", "Rule": "conflict of patients"}
        ).raise_for_status()
        assert server.wait_idle(COUNT)["Delivered"] == COUNT
