"""The tables of a folder run's record, and the rows that are written to them and read from them.

No path is among it: a file goes by its id (`FileIds`), its result by new identifiers.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from operator import attrgetter
from typing import NamedTuple

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Connection,
    Float,
    LargeBinary,
    MetaData,
    Table,
    Text,
    bindparam,
    delete,
)

from orthanc_deid.ledger.database import insert
from orthanc_deid.ledger.queue import intake
from orthanc_deid.pipeline.tasks import State

UNREPORTED = "unreported"
"""The name in `deid_meta` that says whether rows were written since the last report: "yes" or "no"."""

metadata = MetaData()

files = Table(
    "deid_files",
    metadata,
    Column("id", LargeBinary, primary_key=True),  # `FileIds`: of path, size and time of change
    Column("state", Text, nullable=False),
    Column("rule", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("profile", Text, nullable=False),
    Column("sop_class", Text, nullable=False),
    Column("patient_id", Text, nullable=False),  # identifiers are those of the output
    Column("study", Text, nullable=False),
    Column("series", Text, nullable=False),
    Column("sop_instance", Text, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("seconds", Float, nullable=False),
    Column("mapped", Boolean, nullable=False),  # whether its identifiers are in `deid_mapping`
    sqlite_with_rowid=False,  # rows lie by id, and ids by folder: what is written together lies together
)

tallies = Table(
    "deid_tallies",
    metadata,
    Column("kind", Text, primary_key=True),
    Column("name", Text, primary_key=True),
    Column("count", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)

mapping = Table(
    "deid_mapping",
    metadata,
    Column("kind", Text, primary_key=True),  # uid | patient
    Column("id_old", Text, primary_key=True),
    Column("id_new", Text, nullable=False),
    sqlite_with_rowid=False,
)

conflicts = Table(
    "deid_conflicts",
    metadata,
    Column("name", Text, primary_key=True),  # of results that differ between files; which one counts is open
    sqlite_with_rowid=False,
)

sums = Table(
    "deid_sums",
    metadata,
    Column("kind", Text, primary_key=True),  # `file_sums`
    Column("name", Text, primary_key=True),
    Column("rule", Text, primary_key=True, server_default=""),
    Column("files", BigInteger, nullable=False),
    Column("delivered", BigInteger, nullable=False, server_default="0"),
    Column("instances", BigInteger, nullable=False, server_default="0"),
    Column("quarantined", BigInteger, nullable=False, server_default="0"),
    Column("failed", BigInteger, nullable=False, server_default="0"),
    Column("bytes", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)


@dataclass(frozen=True, slots=True)
class FileRow:
    """A file that has come to an end; the columns of `deid_files`."""

    id: bytes
    state: State
    rule: str = ""
    reason: str = ""
    profile: str = ""
    sop_class: str = ""
    patient_id: str = ""
    study: str = ""
    series: str = ""
    sop_instance: str = ""
    size: int = 0
    seconds: float = 0.0
    mapped: bool = False


_COLUMNS = tuple(column.name for column in files.c)
_CELLS = attrgetter(*("state.value" if name == "state" else name for name in _COLUMNS))
# In SQLite's own words: there is a row for every file, and SQLAlchemy would take as long as all else about it.
_REPLACE = (
    f"INSERT OR REPLACE INTO {files.name} ({', '.join(_COLUMNS)}) VALUES ({', '.join('?' * len(_COLUMNS))})"  # noqa: S608
)


class KnownFile(NamedTuple):
    """What is known of a file that is met again."""

    id: bytes
    state: str
    rule: str
    reason: str
    patient_id: str
    study: str
    series: str
    sop_instance: str
    mapped: bool


@dataclass(slots=True)
class RecordBatch:
    """What is written together: rows, counts to be added by (kind, name), and pairs by (kind, old).

    `contested` are names of results that are to be settled, `settled` those that have been.
    """

    rows: list[FileRow] = field(default_factory=list)
    tallies: dict[tuple[str, str], int] = field(default_factory=dict)
    mapping: dict[tuple[str, str], str] = field(default_factory=dict)
    conflicts: set[str] = field(default_factory=set)
    resolved: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class GroupCounts:
    """Counts of one study, or of one SOP class; `files` that were delivered are `instances` without duplicates."""

    name: str
    files: int
    delivered: int
    instances: int
    quarantined: int
    failed: int
    bytes: int


def write_batch(connection: Connection, batch: RecordBatch) -> None:
    """Write a batch within a transaction."""
    if batch.rows:
        connection.execute(delete(sums))  # no longer true
        connection.exec_driver_sql(_REPLACE, [_CELLS(row) for row in batch.rows])
    if batch.tallies:
        counted = [{"kind": kind, "name": name, "count": n} for (kind, name), n in batch.tallies.items()]
        counting = insert(connection, tallies)
        more = {"count": tallies.c.count + counting.excluded["count"]}
        keys = [tallies.c.kind, tallies.c.name]
        connection.execute(counting.on_conflict_do_update(index_elements=keys, set_=more), counted)
    if batch.mapping:
        pairs = [{"kind": kind, "id_old": old, "id_new": new} for (kind, old), new in batch.mapping.items()]
        connection.execute(insert(connection, mapping).on_conflict_do_nothing(), pairs)
    if batch.conflicts:
        named = [{"name": name} for name in batch.conflicts]
        connection.execute(insert(connection, conflicts).on_conflict_do_nothing(), named)
    if batch.resolved:
        gone = delete(conflicts).where(conflicts.c.name == bindparam("settled"))
        connection.execute(gone, [{"settled": name} for name in batch.resolved])
    intake.put_meta(connection, UNREPORTED, "yes")
