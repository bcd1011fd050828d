"""Source and store against real Orthancs: what is fetched, what is put, and what is believed only when read back."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest
from pydicom import Dataset, dcmread
from pydicom.data import get_testdata_file
from pydicom.uid import generate_uid

from orthanc_deid.errors import ConflictError, LostError, SourceError, StoreError
from orthanc_deid.orthanc.rest_client import basic_auth
from orthanc_deid.pipeline.tasks import Output
from orthanc_deid.sources.orthanc_source import OrthancSetup, OrthancSource
from orthanc_deid.stores.orthanc_store import OrthancPeerSetup, OrthancStore
from orthanc_deid.stores.store import Put
from orthanc_deid.verify.result import Verified
from support.pipeline_parts import verified
from support.servers.orthanc_server import OrthancServer, plain, running
from support.waiting import wait_until

pytestmark = pytest.mark.integration

USER = {"AuthenticationEnabled": True, "RegisteredUsers": {"deid": "пароль"}}
CREDENTIALS = ("deid", "пароль")


@pytest.fixture(scope="module")
def peer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OrthancServer]:
    """An Orthanc that would replace what it holds, and that asks for a password."""
    server = plain(tmp_path_factory.mktemp("peer"), {"OverwriteInstances": True, **USER})
    server.auth = (b"deid", "пароль".encode())  # type: ignore[assignment]
    with running(server):
        yield server


@pytest.fixture
def store(peer: OrthancServer) -> Iterator[OrthancStore]:
    opened = OrthancPeerSetup("peer", peer.url + "/", *CREDENTIALS).open()
    yield opened
    opened.close()


@pytest.fixture
def source(peer: OrthancServer) -> Iterator[OrthancSource]:
    opened = OrthancSetup(peer.url, (basic_auth(*CREDENTIALS),)).open()
    yield opened
    opened.close()


def instance(name: str = "CT_small.dcm", **changes: object) -> Dataset:
    """Return a test file as a new instance of a new patient."""
    path = get_testdata_file(name)
    assert isinstance(path, str)
    dataset = dcmread(path)
    dataset.PatientID = f"p{time.time_ns()}"
    for keyword in ("StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID"):
        setattr(dataset, keyword, generate_uid(prefix=None))
    dataset.file_meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID
    for keyword, value in changes.items():
        setattr(dataset, keyword, value)
    return dataset


def encoded(dataset: Dataset) -> bytes:
    buffer = BytesIO()
    dataset.save_as(buffer, enforce_file_format=True)
    return buffer.getvalue()


def result_of(dataset: Dataset) -> Verified:
    data = encoded(dataset)
    half = len(data) // 2
    return verified(
        [data[:half], data[half:]],
        dataset.SOPInstanceUID,
        dataset.PatientID,
        dataset.StudyInstanceUID,
        dataset.SeriesInstanceUID,
    )


def output_of(result: Verified) -> Output:
    return Output(
        result.patient_id,
        result.study_instance_uid,
        result.series_instance_uid,
        result.sop_instance_uid,
        result.md5(),
    )


def test_a_result_arrives_byte_for_byte_and_is_known_by_the_id_that_we_compute(
    store: OrthancStore, source: OrthancSource
) -> None:
    result = result_of(instance())
    assert store.put(result) is Put.DELIVERED
    fetched = source.fetch(output_of(result).orthanc_id)
    assert bytes(fetched) == bytes(result.output)
    assert source.md5(output_of(result).orthanc_id) == result.md5()


def test_the_same_bytes_again_are_a_duplicate(store: OrthancStore) -> None:
    result = result_of(instance())
    assert [store.put(result), store.put(result)] == [Put.DELIVERED, Put.DUPLICATE]


def test_other_bytes_under_the_same_uid_are_never_replaced(
    store: OrthancStore, source: OrthancSource
) -> None:
    first = instance()
    store.put(result_of(first))
    held = source.fetch(output_of(result_of(first)).orthanc_id)
    first.PatientComments = "other"
    with pytest.raises(ConflictError):
        store.put(result_of(first))
    assert source.fetch(output_of(result_of(first)).orthanc_id) == held


def test_other_pixels_under_the_same_uid_are_a_conflict(store: OrthancStore) -> None:
    first = instance()
    store.put(result_of(first))
    first.PixelData = bytes(reversed(first.PixelData))
    with pytest.raises(ConflictError):
        store.put(result_of(first))


def test_the_same_uid_in_another_patient_is_a_conflict(store: OrthancStore) -> None:
    first = instance()
    store.put(result_of(first))
    first.PatientID = "somebody else"
    with pytest.raises(ConflictError, match="another patient"):
        store.put(result_of(first))


CLOSE_WAIT = "08"  # as /proc/net/tcp writes the state


def dropped_connections(port: int) -> int:
    """Return the number of connections to `port` that the server has closed and the client has not."""
    rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    return sum(row[2].endswith(f":{port:04X}") and row[3] == CLOSE_WAIT for row in rows)


def test_a_connection_that_orthanc_dropped_while_idle_is_made_again(
    peer: OrthancServer, store: OrthancStore, source: OrthancSource
) -> None:
    store.put(result_of(instance()))
    source.last_change()
    wait_until(lambda: dropped_connections(peer.http_port) >= 2, 10, "Orthanc drops both idle connections")
    assert store.put(result_of(instance())) is Put.DELIVERED
    assert source.last_change() > 0


def test_wrong_credentials_are_refused_and_not_repeated(peer: OrthancServer) -> None:
    store = OrthancPeerSetup("peer", peer.url, "deid", "wrong").open()
    with pytest.raises(StoreError, match="401"):
        store.put(result_of(instance()))
    store.close()
    source = OrthancSetup(peer.url).open()
    with pytest.raises(SourceError, match="401"):
        source.last_change()
    source.close()


def test_a_peer_that_is_not_there_is_a_store_error_without_its_address() -> None:
    store = OrthancPeerSetup("peer", "http://127.0.0.1:1", "user", "secret").open()
    with pytest.raises(StoreError) as failed:
        store.put(result_of(instance()))
    store.close()
    assert "127.0.0.1" not in str(failed.value)
    assert "secret" not in repr(OrthancPeerSetup("peer", "http://127.0.0.1:1", "user", "secret"))


def test_what_orthanc_does_not_hold_is_lost(source: OrthancSource) -> None:
    with pytest.raises(LostError):
        source.fetch("00000000-00000000-00000000-00000000-00000000")
    with pytest.raises(LostError):
        source.fetch("../system")
    with pytest.raises(LostError):
        source.instances("studies", "00000000-00000000-00000000-00000000-00000000")


def test_changes_come_by_pages_and_the_cursor_follows_what_was_returned(
    store: OrthancStore, source: OrthancSource
) -> None:
    since = source.last_change()
    wanted = []
    for _ in range(5):
        result = result_of(instance())
        store.put(result)
        wanted.append(output_of(result).orthanc_id)
    found, cursor, more = [], since, True
    while more:
        page = source.changes(cursor, limit=3)
        found += [new.instance for new in page.instances]
        assert page.cursor > cursor
        assert all(cursor < new.seq <= page.cursor for new in page.instances)
        cursor, more = page.cursor, page.more
    assert found == wanted
    beyond = source.changes(cursor + 1000)
    assert (beyond.cursor, beyond.instances) == (cursor + 1000, ()), "an empty page moves nothing"


def test_a_resources_instances_are_found_at_every_level(store: OrthancStore, source: OrthancSource) -> None:
    first = instance()
    second = instance(PatientID=first.PatientID, StudyInstanceUID=first.StudyInstanceUID)
    ids = []
    for dataset in (first, second):
        result = result_of(dataset)
        store.put(result)
        ids.append(output_of(result).orthanc_id)
    description = source.get_json(f"/instances/{ids[0]}")
    series = source.get_json(f"/series/{description['ParentSeries']}")
    study = source.get_json(f"/studies/{series['ParentStudy']}")
    assert sorted(source.instances("patients", study["ParentPatient"])) == sorted(ids)
    assert sorted(source.instances("studies", study["ID"])) == sorted(ids)
    assert source.instances("series", series["ID"]) == ids[:1]
    assert source.instances("instances", ids[0]) == ids[:1]
    listed = [one for page in range(0, 100, 2) for one in source.all_instances(page, 2)]
    assert set(ids) <= set(listed)


@pytest.mark.parametrize("syntax", ["1.2.840.10008.1.2.4.70", "1.2.840.10008.1.2.4.80", "1.2.840.10008.1.2"])
def test_a_peer_that_transcodes_is_believed_by_its_elements_and_samples(tmp_path: Path, syntax: str) -> None:
    server = plain(tmp_path, {"IngestTranscoding": syntax})
    with running(server):
        store = OrthancPeerSetup("peer", server.url).open()
        dataset = instance()
        assert store.put(result_of(dataset)) is Put.DELIVERED
        [held] = server.get("/instances")
        assert hashlib.md5(encoded(dataset)).hexdigest() != hashlib.md5(server_file(server, held)).hexdigest()  # noqa: S324
        assert store.put(result_of(dataset)) is Put.DUPLICATE
        dataset.PatientComments = "other"
        with pytest.raises(ConflictError):
            store.put(result_of(dataset))
        store.close()


def server_file(server: OrthancServer, instance_id: str) -> bytes:
    source = OrthancSetup(server.url).open()
    try:
        return bytes(source.fetch(instance_id))
    finally:
        source.close()
