"""What a folder run's record sums up to: counts of files by outcome, by study and by SOP class.

They are kept in a table of their own, which `write_batch` empties in the transaction that makes them untrue: where
it holds anything it is right, and a run that adds nothing need not go through all files to tell what there is.
"""

from __future__ import annotations

from sqlalchemy import ColumnElement, Connection, Insert, case, func, insert, literal, select

from orthanc_deid.ledger.folder_run.file_rows import files, sums
from orthanc_deid.pipeline.tasks import State

OUTCOME, STUDY, SOP_CLASS = "outcome", "study", "sop_class"
"""Kinds of sums. The name of an outcome is its state, and its rule stands beside it; the others go by a column."""


def are_summed_up(connection: Connection) -> bool:
    """Whether the table of sums holds what there is."""
    return connection.execute(select(sums.c.kind).limit(1)).first() is not None


def sum_up(connection: Connection) -> None:
    """Fill the table of sums, which is empty, within a transaction."""
    connection.execute(_outcomes())
    for kind in (STUDY, SOP_CLASS):
        connection.execute(_groups(kind))


def _outcomes() -> Insert:
    """Return what counts all files, with those that are no instances."""
    outcome = (files.c.state, files.c.rule)
    counted = select(literal(OUTCOME), *outcome, func.count(), func.sum(files.c.size)).group_by(*outcome)
    return insert(sums).from_select(["kind", "name", "rule", "files", "bytes"], counted)


def _groups(column: str) -> Insert:
    """Return what counts instances by a column."""
    name, state = files.c[column], files.c.state
    delivered = state.in_([State.DELIVERED.value, State.DUPLICATE.value])
    counts = {
        "files": func.count(),
        "delivered": func.sum(_one(delivered)),
        "instances": func.count(case((delivered, files.c.sop_instance)).distinct()),
        "quarantined": func.sum(_one(state == State.QUARANTINED.value)),
        "failed": func.sum(_one(state == State.FAILED.value)),
        "bytes": func.sum(files.c.size),
    }
    counted = select(literal(column), name, *counts.values()).where(state != State.IGNORED.value)
    return insert(sums).from_select(["kind", "name", *counts], counted.group_by(name))


def _one(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return case((condition, 1), else_=0)
