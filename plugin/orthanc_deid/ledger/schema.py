"""The tables of the server's ledger: one row per instance, store and profile, and counters beside them.

Nothing here identifies a patient: instances go by their Orthanc ids, outputs by their new identifiers, and reasons
name rule and tag. Times are seconds since the epoch.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ColumnElement,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    literal_column,
    or_,
)

from orthanc_deid.pipeline.tasks import HELD_BACK, OPEN, State

SCHEMA = "3"

metadata = MetaData()

_Number = BigInteger().with_variant(Integer, "sqlite")  # SQLite numbers rows only in an INTEGER PRIMARY KEY

meta = Table(
    "deid_meta",
    metadata,
    Column("name", Text, primary_key=True),  # schema, key, cursor, and markers of the host
    Column("value", Text, nullable=False),
)

outputs = Table(
    "deid_outputs",
    metadata,
    Column("id", _Number, primary_key=True, autoincrement=True),
    Column("orthanc_id", Text, nullable=False),  # the id that Orthanc would compute for this output
    Column("md5", Text, nullable=False),
    Column("patient_id", Text, nullable=False),
    Column("study_instance_uid", Text, nullable=False),
    Column("series_instance_uid", Text, nullable=False),
    Column("sop_instance_uid", Text, nullable=False, index=True),
    Column("source", Text, nullable=False),  # the first instance that gave this output, and the profile,
    Column("profile", Text, nullable=False),  # so that the output can be made again and compared
    UniqueConstraint("orthanc_id", "md5"),
)

jobs = Table(
    "deid_jobs",
    metadata,
    Column("number", _Number, primary_key=True, autoincrement=True),
    Column("id", Text, nullable=False, unique=True),
    Column("level", Text, nullable=False),
    Column("resource", Text, nullable=False),
    Column("profile", Text, nullable=False),
    Column("stores", Text, nullable=False),  # JSON list of names
    Column("created", Float, nullable=False),
    Column("finished", Float),
    Column("state", Text, nullable=False),
)

task_table = Table(
    "deid_tasks",
    metadata,
    Column("id", _Number, primary_key=True, autoincrement=True),
    Column("instance", Text, nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("profile", Text, nullable=False),
    Column("store", Text, nullable=False),
    Column("job", BigInteger, nullable=False),  # 0: created by a routing rule, not by a job
    Column("state", Text, nullable=False),
    Column("priority", Integer, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("claim", Integer, nullable=False),
    Column("owner", Text),
    Column("lease_until", Float),
    Column("retry_at", Float, nullable=False),
    Column("created", Float, nullable=False),
    Column("changed", Float, nullable=False),
    Column("rule", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("output", ForeignKey("deid_outputs.id")),
    # MD5 of the processed bytes, until the source is deleted
    Column("source_md5", Text, nullable=False, server_default=""),
    UniqueConstraint("instance", "seq", "profile", "store", "job"),
)

study_patients = Table(
    "deid_study_patients",
    metadata,
    Column("store", Text, primary_key=True),
    Column("profile", Text, primary_key=True),
    Column("study_instance_uid", Text, primary_key=True),  # the new one, as is the patient's
    Column("patient_id", Text, nullable=False),
)

counters = Table(
    "deid_counters",
    metadata,
    Column("job", BigInteger, primary_key=True, autoincrement=False),  # 0: all tasks, those of jobs included
    Column("store", Text, primary_key=True),
    Column("state", Text, primary_key=True),
    Column("count", BigInteger, nullable=False),
    Column("seconds", Float, nullable=False),
    Column("timed", BigInteger, nullable=False),
)

hours = Table(
    "deid_hours",
    metadata,
    Column("hour", BigInteger, primary_key=True, autoincrement=False),  # whole hours since the epoch
    Column("state", Text, primary_key=True),
    Column("count", BigInteger, nullable=False),
    Column("seconds", Float, nullable=False),
)

fact_counts = Table(
    "deid_fact_counts",
    metadata,
    Column("kind", Text, primary_key=True),  # action | code | note | left out
    Column("name", Text, primary_key=True),  # of an action its letter, else the text
    Column("rule", Text, primary_key=True),  # of actions only
    Column("count", BigInteger, nullable=False),
)

pauses = Table(
    "deid_pauses",
    metadata,
    Column("store", Text, primary_key=True),
    Column("failures", Integer, nullable=False),
    Column("until", Float, nullable=False),
    Column("probing", Boolean, nullable=False),
)


def in_state(*states: State) -> ColumnElement[bool]:
    """Return the condition with the states as literals: SQLite uses a partial index only for literals."""
    return or_(*(task_table.c.state == literal_column(f"'{state.value}'") for state in sorted(states)))


def _partial(name: str, columns: tuple[ColumnElement[object], ...], where: ColumnElement[bool]) -> Index:
    return Index(name, *columns, sqlite_where=where, postgresql_where=where)


_partial(
    "deid_tasks_due",
    (task_table.c.store, task_table.c.priority.desc(), task_table.c.retry_at, task_table.c.id),
    in_state(State.PENDING),
)
_partial("deid_tasks_leases", (task_table.c.owner, task_table.c.lease_until), in_state(State.CLAIMED))
_partial("deid_tasks_open", (task_table.c.created,), in_state(*OPEN))
_partial("deid_tasks_held_back", (task_table.c.state, task_table.c.id), in_state(*sorted(HELD_BACK)))
_partial("deid_tasks_rules", (task_table.c.state, task_table.c.rule), in_state(*sorted(HELD_BACK)))
_partial("deid_tasks_sources", (task_table.c.id,), task_table.c.source_md5 != literal_column("''"))
_partial("deid_tasks_jobs", (task_table.c.job, task_table.c.state), task_table.c.job > literal_column("0"))
