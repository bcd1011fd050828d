"""Stores that fail are given a pause as a whole, so that they hold up neither workers nor other stores.

A store's first failure pauses it; when the pause is over, one small batch probes it, and the outcome ends the
pause or makes the next one longer.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import Connection, Row, delete, select, update

from orthanc_deid.ledger.database import insert
from orthanc_deid.ledger.schema import pauses
from orthanc_deid.pipeline.tasks import Outcome, Result, RetryPolicy

PROBE = 8
"""Works that probe a store."""

_ANSWERED = frozenset({Result.DELIVERED, Result.DUPLICATE})


def held(connection: Connection) -> dict[str, Row[Any]]:
    """Return the stores that have failed and not answered since; `until` may be over."""
    return {row.store: row for row in connection.execute(select(pauses))}


def begin_probe(connection: Connection, store: str, now: float, lease: float) -> bool:
    """Take the right to probe a store whose pause is over; false where another node was faster."""
    statement = update(pauses).where(pauses.c.store == store, pauses.c.until <= now)
    return connection.execute(statement.values(until=now + lease, probing=True)).rowcount == 1


def learn(connection: Connection, outcomes: Sequence[Outcome], policy: RetryPolicy, now: float) -> None:
    """Pause, probe on or release the stores by what these outcomes tell of them."""
    results: dict[str, set[Result]] = {}
    for outcome in outcomes:
        results.setdefault(outcome.task.store, set()).add(outcome.result)
    paused = held(connection) if results else {}
    for store in sorted(results):
        if results[store] & _ANSWERED:
            if store in paused:
                forget(connection, {store})
        elif Result.RETRY_STORE in results[store]:
            _lengthen(connection, store, paused.get(store), policy, now)
        elif store in paused and paused[store].probing:
            # The probe never got as far as the store: another one at once.
            _set(connection, store, paused[store].failures, now)


def _lengthen(
    connection: Connection, store: str, row: Row[Any] | None, policy: RetryPolicy, now: float
) -> None:
    if row is not None and row.until > now and not row.probing:
        return  # another batch of the same moment has paused it already
    failures = 1 if row is None else row.failures + 1
    _set(connection, store, failures, now + policy.pause(failures))


def _set(connection: Connection, store: str, failures: int, until: float) -> None:
    values = {"failures": failures, "until": until, "probing": False}
    statement = insert(connection, pauses).values(store=store, **values)
    connection.execute(statement.on_conflict_do_update(index_elements=[pauses.c.store], set_=values))


def forget(connection: Connection, stores: Collection[str]) -> None:
    """End the pauses of these stores."""
    if stores:
        connection.execute(delete(pauses).where(pauses.c.store.in_(sorted(stores))))
