"""The ledger of a folder run: one row per finished file. The folder tree itself is the queue.

A file of the tree without a row, or with a row whose state is not final, is still to be processed. So nothing is
written before a file is finished, and one transaction writes many files. The ledger is an SQLite file with mode 0600,
bound to one key (`ledger.database`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import fields
from operator import itemgetter
from pathlib import Path
from typing import Any

from sqlalchemy import Column, Connection, func, select
from sqlalchemy.exc import SQLAlchemyError

from orthanc_deid.errors import StoreError
from orthanc_deid.ledger.database import Database
from orthanc_deid.ledger.folder_run.file_rows import (
    UNREPORTED,
    FileRow,
    GroupCounts,
    KnownFile,
    RecordBatch,
    conflicts,
    files,
    mapping,
    metadata,
    sums,
    tallies,
    write_batch,
)
from orthanc_deid.ledger.folder_run.file_sums import OUTCOME, are_summed_up, sum_up
from orthanc_deid.ledger.queue import intake
from orthanc_deid.pipeline.tasks import SENT, State

_IN_ONE_STATEMENT = 500
_KNOWN = f"SELECT {', '.join(KnownFile._fields)} FROM {files.name} WHERE id IN"  # noqa: S608 - constant names
_FETCHED = 1000  # rows in memory while all are read


class FileLedger:
    """The ledger of one folder run. Every method may raise StoreError: the disk is full, or not there any more."""

    def __init__(self, database: Database) -> None:
        """Use `open`, which also creates the tables."""
        self._database = database

    @classmethod
    def open(cls, path: Path, key_fingerprint: str) -> FileLedger:
        """Open the ledger, create it if there is none; ConfigError if it has another key or cannot be used."""
        database = Database(f"sqlite:///{path}")
        database.ready(key_fingerprint)
        ledger = cls(database)
        with _guarded():
            database.write(metadata.create_all)
        return ledger

    def close(self) -> None:
        """Close the database."""
        self._database.dispose()

    def keep_meta(self, name: str, value: str) -> str:
        """Return the value kept under this name; it is `value` if there was none before."""

        def keep(connection: Connection) -> str:
            found = intake.get_meta(connection, name)
            if found is None:
                intake.put_meta(connection, name, value)
            return value if found is None else found

        with _guarded():
            return self._database.write(keep)

    def meta(self, name: str) -> str | None:
        """Return the value kept under this name, or None."""
        with _guarded():
            return self._database.read(lambda c: intake.get_meta(c, name))

    @classmethod
    def meta_in(cls, path: Path, name: str) -> str | None:
        """Return the value kept under a name in an existing ledger, without checking its key."""
        ledger = cls(Database(f"sqlite:///{path}"))
        try:
            return ledger.meta(name)
        finally:
            ledger.close()

    def known(self, ids: Sequence[bytes]) -> dict[bytes, KnownFile]:
        """Return the rows of these files by id; files without a row are left out."""
        found: dict[bytes, KnownFile] = {}

        def read(connection: Connection) -> None:
            for start in range(0, len(ids), _IN_ONE_STATEMENT):
                wanted = tuple(ids[start : start + _IN_ONE_STATEMENT])
                places = ",".join("?" * len(wanted))
                rows = connection.exec_driver_sql(f"{_KNOWN} ({places})", wanted).all()
                found.update(zip(map(itemgetter(0), rows), map(KnownFile._make, rows), strict=True))

        with _guarded():
            self._database.read(read)
        return found

    def write(self, batch: RecordBatch) -> None:
        """Write a batch in one transaction."""
        with _guarded():
            self._database.write(lambda c: write_batch(c, batch))

    def conflicts(self, limit: int) -> list[str]:
        """Return up to `limit` names of results whose conflict is not resolved."""
        with _guarded():
            return list(self._database.read(lambda c: c.scalars(select(conflicts.c.name).limit(limit)).all()))

    def mixed_studies(self) -> frozenset[str]:
        """Return the studies (new UIDs) that were delivered under more than one PatientID."""
        return self._mixed(files.c.study)

    def mixed_instances(self) -> frozenset[str]:
        """Return the SOP instances (new UIDs) that were delivered under more than one PatientID."""
        return self._mixed(files.c.sop_instance)

    def _mixed(self, column: Column[str]) -> frozenset[str]:
        statement = (
            select(column)
            .where(files.c.state.in_([state.value for state in SENT]), column != "")
            .group_by(column)
            .having(func.min(files.c.patient_id) != func.max(files.c.patient_id))
        )
        with _guarded():
            return self._database.read(lambda c: frozenset(c.scalars(statement)))

    def is_reported(self) -> bool:
        """Whether nothing was written since the last `reported`."""
        with _guarded():
            return self._database.read(lambda c: intake.get_meta(c, UNREPORTED)) == "no"

    def reported(self) -> None:
        """Record that a report covers all rows."""
        with _guarded():
            self._database.write(lambda c: intake.put_meta(c, UNREPORTED, "no"))

    def counts(self) -> dict[tuple[State, str], int]:
        """Return the number of files by state and rule."""
        self._sum_up()
        statement = select(sums.c.name, sums.c.rule, sums.c.files).where(sums.c.kind == OUTCOME)
        with _guarded():
            rows = self._database.read(lambda c: c.execute(statement).all())
        return {(State(row[0]), row[1]): row[2] for row in rows}

    def size(self) -> int:
        """Return the size of all files in bytes."""
        self._sum_up()
        statement = select(func.coalesce(func.sum(sums.c.bytes), 0)).where(sums.c.kind == OUTCOME)
        with _guarded():
            return int(self._database.read(lambda c: c.execute(statement).scalar_one()))

    def groups(self, kind: str) -> Iterator[GroupCounts]:
        """Yield the counts by `study` or `sop_class`, in ascending order; files that are not DICOM are left out."""
        self._sum_up()
        statement = select(*(sums.c[each.name] for each in fields(GroupCounts))).where(sums.c.kind == kind)
        for row in self._stream(statement.order_by(sums.c.name)):
            yield GroupCounts(*row)

    def rows(self) -> Iterator[FileRow]:
        """Yield the rows of all instances, ordered by study, series, instance and id, not by the order of the run."""
        order = (files.c.study, files.c.series, files.c.sop_instance, files.c.id)
        statement = select(files).where(files.c.state != State.IGNORED.value).order_by(*order)
        for row in self._stream(statement):
            values = row._asdict()
            yield FileRow(**{**values, "state": State(values["state"])})

    def tallies(self, kind: str) -> dict[str, int]:
        """Return the counts of one kind, by name."""
        statement = select(tallies.c.name, tallies.c.count).where(tallies.c.kind == kind, tallies.c.count > 0)
        with _guarded():
            rows = self._database.read(lambda c: c.execute(statement.order_by(tallies.c.name)).all())
        return {row[0]: row[1] for row in rows}

    def mapping(self, kind: str) -> Iterator[tuple[str, str]]:
        """Yield (old, new) pairs of one kind, sorted by the old one."""
        statement = select(mapping.c.id_old, mapping.c.id_new).where(mapping.c.kind == kind)
        for row in self._stream(statement.order_by(mapping.c.id_old)):
            yield row[0], row[1]

    def _sum_up(self) -> None:
        with _guarded():
            if not self._database.read(are_summed_up):
                self._database.write(sum_up)

    def _stream(self, statement: Any) -> Iterator[Any]:
        with _guarded(), self._database.reading() as connection:
            yield from connection.execution_options(yield_per=_FETCHED).execute(statement)


@contextmanager
def _guarded() -> Iterator[None]:
    try:
        yield
    except SQLAlchemyError as error:
        # Its text may quote parameters of the statement; the text of the driver does not.
        origin = getattr(error, "orig", None)
        raise StoreError(f"the ledger failed: {origin or type(error).__name__}") from None
