"""Sources whose every delivery is confirmed: what `DeleteSource` may delete, kept in the rows until it is done.

The MD5 of the processed bytes stands in a delivered row only until its source was deleted, or is to stay.
"""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import Connection, select, update

from orthanc_deid.ledger.queue.intake import batches
from orthanc_deid.ledger.schema import task_table
from orthanc_deid.pipeline.tasks import SENT, State

_PAST = frozenset({State.SUPERSEDED, State.CANCELLED})


def sources(connection: Connection, after: int, limit: int) -> list[tuple[int, str]]:
    """Return (row, instance) of deliveries whose source may still have to be deleted, by ascending row."""
    statement = select(task_table.c.id, task_table.c.instance).where(
        task_table.c.source_md5 != "", task_table.c.id > after
    )
    return [
        (row.id, row.instance) for row in connection.execute(statement.order_by(task_table.c.id).limit(limit))
    ]


def deletable(connection: Connection, instances: Collection[str]) -> dict[str, str]:
    """Return, of these instances, those that are delivered everywhere, with the MD5 of what was processed.

    All works under the newest Seq count, those that a job asked for too; one at least must be of the receipt's own
    rules, and all must have processed the same bytes.
    """
    found: dict[str, str] = {}
    columns = (
        task_table.c.instance,
        task_table.c.seq,
        task_table.c.job,
        task_table.c.state,
        task_table.c.source_md5,
    )
    for batch in batches(instances):
        rows = connection.execute(select(*columns).where(task_table.c.instance.in_(batch))).all()
        for instance in {row.instance for row in rows}:
            newest = max(row.seq for row in rows if row.instance == instance)
            current = [
                row
                for row in rows
                if row.instance == instance and row.seq == newest and State(row.state) not in _PAST
            ]
            sums = {row.source_md5 for row in current}
            sent = all(State(row.state) in SENT for row in current)
            if sent and len(sums) == 1 and "" not in sums and any(not row.job for row in current):
                found[instance] = sums.pop()
    return found


def forget(connection: Connection, instances: Collection[str]) -> None:
    """Note that nothing is left to be deleted of these instances."""
    for batch in batches(instances):
        which = (task_table.c.instance.in_(batch), task_table.c.source_md5 != "")
        connection.execute(update(task_table).where(*which).values(source_md5=""))
