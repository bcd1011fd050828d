"""Sums over the ledger of a folder run: counts of files by outcome, by study and by SOP class.

They have a table of their own, which `write_batch` empties whenever it writes rows. So the table is right if it is
not empty, and a run that adds nothing does not read all rows to report.
"""

from __future__ import annotations

from sqlalchemy import ColumnElement, Connection, Insert, case, func, insert, literal, select

from orthanc_deid.ledger.folder_run.file_rows import files, sums
from orthanc_deid.pipeline.tasks import State

OUTCOME, STUDY, SOP_CLASS = "outcome", "study", "sop_class"
"""Kinds of sums. An outcome is named by its state, with its rule beside it; the others by the value of a column."""


def are_summed_up(connection: Connection) -> bool:
    """Whether the table of sums is filled."""
    return connection.execute(select(sums.c.kind).limit(1)).first() is not None


def sum_up(connection: Connection) -> None:
    """Fill the empty table of sums within a transaction."""
    connection.execute(_outcomes())
    for kind in (STUDY, SOP_CLASS):
        connection.execute(_groups(kind))


def _outcomes() -> Insert:
    """Return the statement that counts all files by outcome, those that are not DICOM included."""
    outcome = (files.c.state, files.c.rule)
    counted = select(literal(OUTCOME), *outcome, func.count(), func.sum(files.c.size)).group_by(*outcome)
    return insert(sums).from_select(["kind", "name", "rule", "files", "bytes"], counted)


def _groups(column: str) -> Insert:
    """Return the statement that counts instances by a column."""
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
