"""Imaging platforms at the research Orthanc find and fetch de-identified series, by DICOMweb and query/retrieve."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from typing import Any

import pytest
import requests
from dicomweb_client.api import DICOMwebClient
from pydicom.dataset import Dataset
from pydicom.uid import CTImageStorage
from pynetdicom import AE, evt
from pynetdicom.association import Association
from pynetdicom.presentation import build_role
from pynetdicom.sop_class import (  # type: ignore[attr-defined]  # set when the module is imported
    StudyRootQueryRetrieveInformationModelFind,
    StudyRootQueryRetrieveInformationModelGet,
    StudyRootQueryRetrieveInformationModelMove,
)

from support.data.studies import IDENTITY, ct_study, encoded
from support.servers.orthanc_server import (
    OrthancServer,
    free_port,
    research,
    running,
    with_plugin,
)
from support.waiting import wait_until

pytestmark = pytest.mark.integration

VIEWER = "VIEWER"
SLICES = 4
SUCCESS = 0x0000
PENDING = (0xFF00, 0xFF01)


@dataclass
class Platform:
    """The research Orthanc, a workstation that it knows by name, and what the clinic has sent it."""

    server: OrthancServer
    port: int  # the workstation's own, for C-MOVE
    originals: list[Dataset]

    def client(self) -> DICOMwebClient:
        session = requests.Session()
        session.auth = self.server.auth
        return DICOMwebClient(f"{self.server.url}/dicom-web", session=session)

    @contextmanager
    def association(
        self, context: str, calling: str = VIEWER, received: list[Dataset] | None = None
    ) -> Iterator[Association]:
        """Yield an association with Orthanc for one SOP class; for C-GET, one that keeps the CT images it brings."""
        entity = AE(ae_title=calling)
        entity.add_requested_context(context)
        roles: list[Any] = []
        handlers: list[Any] = []
        if received is not None:
            entity.add_requested_context(CTImageStorage)
            roles = [build_role(CTImageStorage, scp_role=True)]
            handlers = [(evt.EVT_C_STORE, keeper(received))]
        association = entity.associate(
            "127.0.0.1", self.server.dicom_port, ae_title="RESEARCH", ext_neg=roles, evt_handlers=handlers
        )
        try:
            yield association
        finally:
            if association.is_established:
                association.release()


def keeper(received: list[Dataset]) -> Callable[[evt.Event], int]:
    """Return a handler that keeps what is sent to it."""

    def keep(event: evt.Event) -> int:
        image = event.dataset
        image.file_meta = event.file_meta
        received.append(image)
        return SUCCESS

    return keep


@pytest.fixture(scope="module")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    """A study received by the clinic, de-identified there, and delivered to research by our Orthanc store."""
    port = free_port()
    viewer = {"AET": VIEWER, "Host": "127.0.0.1", "Port": port, "AllowEcho": True, "AllowStore": False}
    viewer |= {"AllowFind": True, "AllowGet": True, "AllowMove": True}
    server = research(tmp_path_factory.mktemp("research"), {"DicomModalities": {"viewer": viewer}})
    assert server.auth is not None
    stores = {"research": {"Type": "Orthanc", "Peer": "research", "Profiles": ["neutral"]}}
    changes = {
        "OrthancPeers": {"research": [server.url, *server.auth]},
        "Deidentify": {"Stores": stores},
    }
    originals = ct_study(SLICES)
    with running(server):
        with running(with_plugin(tmp_path_factory.mktemp("clinic"), changes)) as clinic:
            for image in originals:
                clinic.upload(encoded(image))
            assert clinic.wait_idle(SLICES)["Delivered"] == SLICES
        yield Platform(server, port, originals)


def check(platform: Platform, images: list[Dataset]) -> None:
    """Check that a series is the one the clinic received: whole, readable, its pixels untouched, nobody in it."""
    originals = {int(image.InstanceNumber): image for image in platform.originals}
    assert sorted(int(image.InstanceNumber) for image in images) == sorted(originals)
    assert len({image.SeriesInstanceUID for image in images}) == 1
    for image in images:
        original = originals[int(image.InstanceNumber)]
        assert image.PatientIdentityRemoved == "YES"
        assert image.SOPInstanceUID != original.SOPInstanceUID
        assert (image.pixel_array == original.pixel_array).all()
        file = BytesIO()
        image.save_as(file, enforce_file_format=True)
        assert not [word for word in IDENTITY if word.encode() in file.getvalue()]


def found_by_qido(client: DICOMwebClient) -> tuple[str, str]:
    """Find the only series as a platform does, level by level; return its study's and its own UID."""
    (study,) = client.search_for_studies(search_filters={"ModalitiesInStudy": "CT"})
    study_uid = Dataset.from_json(study).StudyInstanceUID
    (series,) = client.search_for_series(study_uid, search_filters={"Modality": "CT"})
    return study_uid, Dataset.from_json(series).SeriesInstanceUID


def test_dicomweb_finds_the_series_and_fetches_it_whole(platform: Platform) -> None:
    client = platform.client()
    study, series = found_by_qido(client)
    assert len(client.search_for_instances(study, series)) == SLICES
    check(platform, client.retrieve_series(study, series))


def test_dicomweb_serves_metadata_without_identity_and_frames_as_they_were(platform: Platform) -> None:
    client = platform.client()
    study, series = found_by_qido(client)
    metadata = client.retrieve_series_metadata(study, series)
    assert len(metadata) == SLICES
    assert not [word for word in IDENTITY if word in str(metadata)]
    first = Dataset.from_json({tag: held for tag, held in metadata[0].items() if "BulkDataURI" not in held})
    # Orthanc serves frames only to who says in which form: here uncompressed.
    media_types = ("application/octet-stream",)
    (frame,) = client.retrieve_instance_frames(study, series, first.SOPInstanceUID, [1], media_types)
    original = next(image for image in platform.originals if image.InstanceNumber == first.InstanceNumber)
    assert frame == original.PixelData


@pytest.mark.parametrize("keyword", ["PatientName", "PatientID", "StudyInstanceUID"])
def test_no_search_by_what_the_original_said_finds_anything(platform: Platform, keyword: str) -> None:
    value = str(platform.originals[0][keyword].value)
    assert platform.client().search_for_studies(search_filters={keyword: value}) == []


def identifier(**elements: str) -> Dataset:
    query = Dataset()
    for keyword, value in elements.items():
        setattr(query, keyword, value)
    return query


def find(platform: Platform, **elements: str) -> list[Dataset]:
    """Return the answers to a C-FIND."""
    with platform.association(StudyRootQueryRetrieveInformationModelFind) as association:
        assert association.is_established
        answers = list(
            association.send_c_find(identifier(**elements), StudyRootQueryRetrieveInformationModelFind)
        )
    assert answers[-1][0].Status == SUCCESS
    return [answer for status, answer in answers if status.Status in PENDING and answer is not None]


def found_by_query(platform: Platform) -> Dataset:
    """Find the only series by C-FIND; return what a retrieval names."""
    (study,) = find(
        platform,
        QueryRetrieveLevel="STUDY",
        ModalitiesInStudy="CT",
        StudyInstanceUID="",
        PatientName="",
        PatientID="",
    )
    assert study.PatientName
    assert str(study.PatientName) not in IDENTITY
    (series,) = find(
        platform,
        QueryRetrieveLevel="SERIES",
        StudyInstanceUID=study.StudyInstanceUID,
        SeriesInstanceUID="",
        Modality="",
    )
    assert series.Modality == "CT"
    return identifier(
        QueryRetrieveLevel="SERIES",
        StudyInstanceUID=study.StudyInstanceUID,
        SeriesInstanceUID=series.SeriesInstanceUID,
    )


def test_c_move_brings_the_series_to_the_workstation(platform: Platform) -> None:
    series = found_by_query(platform)
    received: list[Dataset] = []
    workstation = AE(ae_title=VIEWER)
    workstation.add_supported_context(CTImageStorage)
    address = ("127.0.0.1", platform.port)
    server = workstation.start_server(
        address, block=False, evt_handlers=[(evt.EVT_C_STORE, keeper(received))]
    )
    assert server is not None
    try:
        with platform.association(StudyRootQueryRetrieveInformationModelMove) as association:
            answers = association.send_c_move(series, VIEWER, StudyRootQueryRetrieveInformationModelMove)
            assert [status.Status for status, _ in answers][-1] == SUCCESS
        wait_until(lambda: len(received) == SLICES, 10, "the series arrives")
    finally:
        server.shutdown()
    check(platform, received)


def test_c_get_fetches_the_series(platform: Platform) -> None:
    series = found_by_query(platform)
    received: list[Dataset] = []
    with platform.association(StudyRootQueryRetrieveInformationModelGet, received=received) as association:
        answers = association.send_c_get(series, StudyRootQueryRetrieveInformationModelGet)
        assert [status.Status for status, _ in answers][-1] == SUCCESS
    check(platform, received)


def test_c_find_by_the_originals_name_finds_nothing(platform: Platform) -> None:
    name = str(platform.originals[0].PatientName)
    assert find(platform, QueryRetrieveLevel="STUDY", PatientName=name, StudyInstanceUID="") == []


def test_requests_without_user_name_or_password_are_refused(platform: Platform) -> None:
    with platform.association(StudyRootQueryRetrieveInformationModelFind, calling="STRANGER") as association:
        assert not association.is_established
    answer = requests.get(f"{platform.server.url}/dicom-web/studies", timeout=10)
    assert answer.status_code == 401
