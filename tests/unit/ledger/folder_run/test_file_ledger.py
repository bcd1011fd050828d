"""The ledger of a folder run: its rows, sums, conflicts and refusals."""

from __future__ import annotations

import sqlite3
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from orthanc_deid.errors import ConfigError, StoreError
from orthanc_deid.ledger.folder_run.file_ledger import FileLedger
from orthanc_deid.ledger.folder_run.file_rows import FileRow, GroupCounts, RecordBatch
from orthanc_deid.pipeline.tasks import State


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[FileLedger]:
    opened = FileLedger.open(tmp_path / "ledger.db", "fp")
    yield opened
    opened.close()


def row(number: int, state: State = State.DELIVERED, **values: object) -> FileRow:
    defaults = {"study": "2.25.1", "sop_instance": f"2.25.10{number}", "sop_class": "1.2", "size": 10}
    return FileRow(number.to_bytes(16, "big"), state, **(defaults | values))  # type: ignore[arg-type]


def test_what_was_written_is_known_and_may_be_written_anew(ledger: FileLedger) -> None:
    ledger.write(RecordBatch([row(1, State.FAILED, rule="store"), row(2)]))
    ledger.write(RecordBatch([row(1)]))
    ids = [number.to_bytes(16, "big") for number in (1, 2, 3)]
    known = ledger.known(ids)
    assert {file_id: each.state for file_id, each in known.items()} == dict.fromkeys(ids[:2], "delivered")
    assert ledger.counts() == {(State.DELIVERED, ""): 2}


def test_more_files_are_looked_up_than_one_statement_takes(ledger: FileLedger) -> None:
    ledger.write(RecordBatch([row(number) for number in range(1200)]))
    assert len(ledger.known([number.to_bytes(16, "big") for number in range(2000)])) == 1200


def test_studies_and_classes_are_counted_without_duplicates_and_without_what_is_not_dicom(
    ledger: FileLedger,
) -> None:
    rows = [
        row(1),
        row(2, State.DUPLICATE, sop_instance="2.25.101"),
        row(3, State.QUARANTINED, sop_instance=""),
        row(4, State.FAILED, study="", sop_class="", sop_instance=""),
        row(5, State.IGNORED, study="", sop_class="", sop_instance=""),
    ]
    ledger.write(RecordBatch(rows))
    assert list(ledger.groups("study")) == [
        GroupCounts("", 1, 0, 0, 0, 1, 10),
        GroupCounts("2.25.1", 3, 2, 1, 1, 0, 30),
    ]
    assert [group.name for group in ledger.groups("sop_class")] == ["", "1.2"]
    assert ledger.size() == 50


def test_sums_are_read_again_after_each_write_and_only_then(ledger: FileLedger, tmp_path: Path) -> None:
    ledger.write(RecordBatch([row(1), row(2, State.FAILED, rule="store")]))
    counts = {(State.DELIVERED, ""): 1, (State.FAILED, "store"): 1}
    assert (ledger.counts(), ledger.size()) == (counts, 20)
    assert list(ledger.groups("study")) == [GroupCounts("2.25.1", 2, 1, 1, 0, 1, 20)]
    ledger.write(RecordBatch([row(2, size=5)]))
    assert (ledger.counts(), ledger.size()) == ({(State.DELIVERED, ""): 2}, 15)
    assert list(ledger.groups("sop_class")) == [GroupCounts("1.2", 2, 2, 2, 0, 0, 15)]
    with sqlite3.connect(tmp_path / "ledger.db") as other:
        other.execute("DELETE FROM deid_files")
    assert ledger.size() == 15, "nothing was written by a run, and files are not gone through again"


def test_a_record_without_files_sums_up_to_nothing(ledger: FileLedger) -> None:
    assert (ledger.counts(), ledger.size(), list(ledger.groups("study"))) == ({}, 0, [])


def test_rows_come_in_one_order_however_they_were_written(ledger: FileLedger) -> None:
    ledger.write(RecordBatch([row(3), row(1)]))
    ledger.write(RecordBatch([row(2), row(9, State.IGNORED)]))
    assert [each.sop_instance for each in ledger.rows()] == ["2.25.101", "2.25.102", "2.25.103"]


def test_counts_are_added_and_pairs_are_kept_once(ledger: FileLedger) -> None:
    for _ in range(2):
        ledger.write(RecordBatch(tallies={("action", "X\tprivate"): 3}, mapping={("uid", "1.2"): "2.25.1"}))
    assert ledger.tallies("action") == {"X\tprivate": 6}
    assert list(ledger.mapping("uid")) == [("1.2", "2.25.1")]
    assert list(ledger.mapping("patient")) == []


def test_counts_that_were_taken_back_are_not_reported(ledger: FileLedger) -> None:
    for times in (1, -1):
        ledger.write(RecordBatch(tallies={("action", "X\tprivate"): 3 * times, ("action", "Z\trule"): 2}))
    assert ledger.tallies("action") == {"Z\trule": 4}


def test_names_are_contested_until_they_are_settled(ledger: FileLedger) -> None:
    ledger.write(RecordBatch(conflicts={"a", "b", "c"}))
    ledger.write(RecordBatch(conflicts={"a"}))
    assert sorted(ledger.conflicts(10)) == ["a", "b", "c"]
    assert len(ledger.conflicts(2)) == 2
    ledger.write(RecordBatch(resolved=frozenset({"a", "c"})))
    assert ledger.conflicts(10) == ["b"]


def test_what_was_written_is_unreported_until_a_report_is_made(ledger: FileLedger) -> None:
    assert not ledger.is_reported()
    ledger.reported()
    assert ledger.is_reported()
    ledger.write(RecordBatch([row(1)]))
    assert not ledger.is_reported()


def test_meta_keeps_its_first_value_and_another_key_is_refused(ledger: FileLedger, tmp_path: Path) -> None:
    assert ledger.meta("profile") is None
    assert [ledger.keep_meta("profile", each) for each in ("one", "other")] == ["one", "one"]
    assert ledger.meta("profile") == FileLedger.meta_in(tmp_path / "ledger.db", "profile") == "one"
    with pytest.raises(ConfigError, match="key"):
        FileLedger.open(tmp_path / "ledger.db", "other key")


def test_it_is_the_owners_alone(ledger: FileLedger, tmp_path: Path) -> None:
    ledger.write(RecordBatch([row(1)]))
    modes = {stat.S_IMODE(path.stat().st_mode) for path in tmp_path.glob("ledger.db*")}
    assert modes == {0o600}


def test_a_failing_database_is_reported_without_the_values_to_be_written(
    ledger: FileLedger, tmp_path: Path
) -> None:
    with sqlite3.connect(tmp_path / "ledger.db") as other:
        other.execute("DROP TABLE deid_files")
    with pytest.raises(StoreError) as caught:
        ledger.write(RecordBatch([row(1, rule="SECRET")]))
    assert "SECRET" not in str(caught.value)
