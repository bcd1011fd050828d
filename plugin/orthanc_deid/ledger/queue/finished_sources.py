"""Source instances that every store has confirmed, for the setting `DeleteSource`.

A delivered row keeps the MD5 of the processed bytes until its source was deleted, or until it is known to stay.
"""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import Connection, select, update

from orthanc_deid.ledger.queue.intake import batches
from orthanc_deid.ledger.schema import task_table
from orthanc_deid.pipeline.tasks import SENT, WITHDRAWN, State


def candidates(connection: Connection, after: int, limit: int) -> list[tuple[int, str]]:
    """Return (row id, instance) of delivered rows whose source is still to be considered, by ascending row id."""
    statement = select(task_table.c.id, task_table.c.instance).where(
        task_table.c.source_md5 != "", task_table.c.id > after
    )
    return [
        (row.id, row.instance) for row in connection.execute(statement.order_by(task_table.c.id).limit(limit))
    ]


def deletable(connection: Connection, instances: Collection[str]) -> dict[str, str]:
    """Return those of these instances that are delivered to every store, with the MD5 of the processed bytes.

    All tasks of the newest Seq count, those of jobs too. At least one must come from the routing rules, and all must
    have processed the same bytes.
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
                if row.instance == instance and row.seq == newest and State(row.state) not in WITHDRAWN
            ]
            sums = {row.source_md5 for row in current}
            sent = all(State(row.state) in SENT for row in current)
            if sent and len(sums) == 1 and "" not in sums and any(not row.job for row in current):
                found[instance] = sums.pop()
    return found


def forget(connection: Connection, instances: Collection[str]) -> None:
    """Record that the sources of these instances need no further consideration."""
    for batch in batches(instances):
        which = (task_table.c.instance.in_(batch), task_table.c.source_md5 != "")
        connection.execute(update(task_table).where(*which).values(source_md5=""))
