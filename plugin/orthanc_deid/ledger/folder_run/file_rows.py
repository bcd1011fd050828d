"""The tables of a folder run's ledger, and the rows that are written to them and read from them.

They hold no path: a file goes by its id (`FileIds`), a result by its new identifiers.
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
"""The name in `deid_meta` of "yes" or "no": whether rows were written since the last report."""

metadata = MetaData()

files = Table(
    "deid_files",
    metadata,
    Column("id", LargeBinary, primary_key=True),  # `FileIds`: from path, size and modification time
    Column("state", Text, nullable=False),
    Column("rule", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("profile", Text, nullable=False),
    Column("sop_class", Text, nullable=False),
    Column("patient_id", Text, nullable=False),  # all identifiers are those of the output
    Column("study", Text, nullable=False),
    Column("series", Text, nullable=False),
    Column("sop_instance", Text, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("seconds", Float, nullable=False),
    Column("mapped", Boolean, nullable=False),  # whether `deid_mapping` has its identifiers
    sqlite_with_rowid=False,  # rows are stored by id, and ids follow folders: locality of writes
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
    # The name of a result for which files gave different bytes, not yet resolved.
    Column("name", Text, primary_key=True),
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
    """A finished file; the fields are the columns of `deid_files`."""

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
# Plain SQL: with a row for every file, SQLAlchemy would double the cost of the ledger.
_REPLACE = (
    f"INSERT OR REPLACE INTO {files.name} ({', '.join(_COLUMNS)}) VALUES ({', '.join('?' * len(_COLUMNS))})"  # noqa: S608
)


class KnownFile(NamedTuple):
    """The row of a file that an earlier run, or an earlier pass, has finished."""

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
    """Rows to write in one transaction, with counts to add by (kind, name) and mapped pairs by (kind, old).

    `conflicts` are names of results that became conflicts, `resolved` those whose conflict was resolved.
    """

    rows: list[FileRow] = field(default_factory=list)
    tallies: dict[tuple[str, str], int] = field(default_factory=dict)
    mapping: dict[tuple[str, str], str] = field(default_factory=dict)
    conflicts: set[str] = field(default_factory=set)
    resolved: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class GroupCounts:
    """Counts of one study or SOP class; `instances` are the delivered files without duplicates."""

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
        connection.execute(delete(sums))  # out of date now
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
        removal = delete(conflicts).where(conflicts.c.name == bindparam("settled"))
        connection.execute(removal, [{"settled": name} for name in batch.resolved])
    intake.put_meta(connection, UNREPORTED, "yes")
