"""Pauses of stores that fail, so that they delay neither workers nor other stores.

The first failure of a store pauses it. After the pause one small batch probes the store; its outcome ends the pause
or starts a longer one (`RetryPolicy.pause`).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import Connection, Row, delete, select, update

from orthanc_deid.ledger.database import insert
from orthanc_deid.ledger.schema import pauses
from orthanc_deid.pipeline.retry_policy import RetryPolicy
from orthanc_deid.pipeline.tasks import Outcome, Result

PROBE_SIZE = 8
"""Tasks that probe a store after a pause."""

_ANSWERED = frozenset({Result.DELIVERED, Result.DUPLICATE})


def paused_stores(connection: Connection) -> dict[str, Row[Any]]:
    """Return the rows of stores that failed and have not answered since; `until` may be in the past."""
    return {row.store: row for row in connection.execute(select(pauses))}


def begin_probe(connection: Connection, store: str, now: float, lease: float) -> bool:
    """Claim the probe of a store whose pause is over; false if another node was faster."""
    statement = update(pauses).where(pauses.c.store == store, pauses.c.until <= now)
    return connection.execute(statement.values(until=now + lease, probing=True)).rowcount == 1


def update_pauses(
    connection: Connection, outcomes: Sequence[Outcome], policy: RetryPolicy, now: float
) -> None:
    """Start, lengthen or end the pauses of the stores of these outcomes."""
    results: dict[str, set[Result]] = {}
    for outcome in outcomes:
        results.setdefault(outcome.task.store, set()).add(outcome.result)
    paused = paused_stores(connection) if results else {}
    for store in sorted(results):
        if results[store] & _ANSWERED:
            if store in paused:
                end_pauses(connection, {store})
        elif Result.RETRY_STORE in results[store]:
            _lengthen(connection, store, paused.get(store), policy, now)
        elif store in paused and paused[store].probing:
            # The probe never reached the store: allow another one at once.
            _set(connection, store, paused[store].failures, now)


def _lengthen(
    connection: Connection, store: str, row: Row[Any] | None, policy: RetryPolicy, now: float
) -> None:
    if row is not None and row.until > now and not row.probing:
        return  # another batch of the same moment has paused it
    failures = 1 if row is None else row.failures + 1
    _set(connection, store, failures, now + policy.pause(failures))


def _set(connection: Connection, store: str, failures: int, until: float) -> None:
    values = {"failures": failures, "until": until, "probing": False}
    statement = insert(connection, pauses).values(store=store, **values)
    connection.execute(statement.on_conflict_do_update(index_elements=[pauses.c.store], set_=values))


def end_pauses(connection: Connection, stores: Collection[str]) -> None:
    """End the pauses of these stores."""
    if stores:
        connection.execute(delete(pauses).where(pauses.c.store.in_(sorted(stores))))
