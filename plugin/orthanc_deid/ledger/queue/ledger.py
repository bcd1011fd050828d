"""The interface of the server's ledger: each method is one transaction. Several threads and nodes may use it.

`now` is always an argument, in seconds since the epoch. Every method may raise `sqlalchemy.exc.DBAPIError` while the
database does not answer; the transaction is then not applied.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

from sqlalchemy import Connection

from orthanc_deid.errors import ConfigError
from orthanc_deid.ledger.database import Database
from orthanc_deid.ledger.queue import claims, finished_sources, intake, queries
from orthanc_deid.ledger.queue.requests import JobRequest, TaskFilter
from orthanc_deid.ledger.queue.views import FactCounts, HeldBack, HourCount, Job, QueueCounts, TaskRow
from orthanc_deid.ledger.schema import task_table
from orthanc_deid.pipeline.retry_policy import RetryPolicy
from orthanc_deid.pipeline.tasks import FINAL, NewTask, Outcome, Output, OwnOutput, State, Task


class Ledger:
    """The durable queue of tasks."""

    def __init__(self, database: Database, retry: RetryPolicy) -> None:
        """Use `open`, which also creates the tables."""
        self._database = database
        self._retry = retry

    @classmethod
    def open(cls, url: str, key_fingerprint: str, retry: RetryPolicy | None = None) -> Ledger:
        """Open the ledger; create it if there is none.

        `url` is a URL of SQLAlchemy: `sqlite:////absolute/path.db`, or `postgresql+psycopg://...` (`postgresql://`
        means the same). Raises ConfigError: bad URL, missing folder, other schema version, or other key.
        """
        database = Database(url)
        try:
            database.ready(key_fingerprint)
        except ConfigError:
            database.dispose()
            raise
        return cls(database, retry or RetryPolicy())

    def close_database(self) -> None:
        """Close all connections."""
        self._database.dispose()

    # --- the change feed

    def cursor(self) -> int | None:
        """Return the cursor in the change feed, or None before the first."""
        value = self.marker("cursor")
        return None if value is None else int(value)

    def set_cursor(self, cursor: int) -> None:
        """Set the cursor, even backwards: at installation, or after the index of Orthanc was restored."""
        self.set_marker("cursor", str(cursor))

    def marker(self, name: str) -> str | None:
        """Return a durable marker of the host, such as the time of installation, or None."""
        return self._database.read(lambda c: intake.get_meta(c, name))

    def set_marker(self, name: str, value: str) -> None:
        """Set a marker; ValueError for `schema` and `key`, which are the ledger's own."""
        if name in {"schema", "key"}:
            raise ValueError(f"{name} is the ledger's own")
        self._database.write(lambda c: intake.put_meta(c, name, value))

    def record(self, tasks: Iterable[NewTask], cursor: int | None, now: float) -> int:
        """Insert tasks that are not known yet, and move the cursor forward (never back), in one transaction.

        A higher `seq` of an instance supersedes its open, quarantined and failed tasks under lower ones; a lower one
        that arrives late is dropped. Returns how many rows were inserted.
        """
        wanted = list(tasks)
        return self._database.write(lambda c: intake.record(c, wanted, cursor, now))

    def unknown(self, instances: Collection[str]) -> set[str]:
        """Return those instances for which the ledger has no row (for the reconciliation)."""
        return self._database.read(lambda c: intake.unknown(c, instances))

    def known_outputs(self, orthanc_ids: Collection[str]) -> Mapping[str, frozenset[OwnOutput]]:
        """Return our outputs that have one of these Orthanc ids.

        The guard against processing our own output does not depend on this call: each claimed task carries its
        outputs (`Task.own`), and the pipeline checks them.
        """
        return self._database.read(lambda c: intake.known_outputs(c, orthanc_ids))

    def is_output(self, sop_instance_uid: str) -> bool:
        """Whether one of our outputs has this SOP Instance UID."""
        return self._database.read(lambda c: intake.is_output(c, sop_instance_uid))

    def note_output(self, output: Output, source: str, profile: str) -> None:
        """Record an output that was answered without a store, so that it is recognized if it comes back."""
        self._database.write(lambda c: claims.insert_outputs(c, {output: (source, profile)}))

    # --- jobs

    def add_job(self, request: JobRequest, instances: Iterable[tuple[str, int]], now: float) -> Job:
        """Record a job and its tasks, one per (instance id, Seq) and store; returns it with its new id.

        Its tasks are rows of their own, beside those of the routing rules: a job counts only what it did itself.
        """
        job = intake.new_job(request, now)
        wanted = dict(instances).items()

        def add(connection: Connection) -> Job | None:
            intake.add_job(connection, job, wanted, request.priority, now)
            return queries.job(connection, job.id)

        return self._database.write(add) or job

    def job(self, job_id: str) -> Job | None:
        """Return a job with its counts, or None."""
        return self._database.read(lambda c: queries.job(c, job_id))

    def jobs(self, limit: int = 100, before: int | None = None) -> list[Job]:
        """Return jobs, newest first; `before` is the last `number` of the previous page."""
        return self._database.read(lambda c: queries.job_list(c, limit, before))

    def cancel_job(self, job_id: str, now: float) -> Job | None:
        """Cancel the pending tasks of a job; claimed ones are finished. Returns None for an unknown job."""

        def cancel(connection: Connection) -> Job | None:
            job = queries.job(connection, job_id)
            if job is not None:
                intake.cancel_job(connection, job.number, now)
            return queries.job(connection, job_id)

        return self._database.write(cancel)

    # --- the queue

    def claim(
        self, owner: str, limit: int, lease: float, now: float, exclude: Collection[str] = ()
    ) -> list[Task]:
        """Claim up to `limit` due tasks for `lease` seconds, but none for the stores in `exclude`."""
        return self._database.write(lambda c: claims.claim(c, owner, limit, lease, now, exclude))

    def close(self, outcomes: Sequence[Outcome], now: float) -> int:
        """Close claims by their outcomes; the outcome of a claim that is no longer held is ignored.

        Returns how many claims were closed.
        """
        return self._database.write(lambda c: claims.close(c, outcomes, self._retry, now))

    def renew(self, owner: str, lease: float, now: float) -> int:
        """Extend all leases of an owner; returns how many."""
        return self._database.write(lambda c: claims.renew(c, owner, lease, now))

    def release(self, owner: str, now: float) -> int:
        """Return all claims of an owner to the queue, at its start (after a crash) and at its stop."""
        return self._database.write(lambda c: claims.return_claims(c, task_table.c.owner == owner, now))

    def release_expired(self, now: float) -> int:
        """Return all claims to the queue whose lease has expired; returns how many."""
        return self._database.write(lambda c: claims.return_claims(c, task_table.c.lease_until < now, now))

    def retry(
        self, now: float, states: Collection[State] = (State.FAILED,), where: TaskFilter | None = None
    ) -> int:
        """Return rows in these final states to the queue, with no attempts counted; returns how many.

        ValueError for a state that is not final, or that is not retried (`ignored`, `superseded`).
        """
        if set(states) - (FINAL - {State.IGNORED, State.SUPERSEDED}):
            raise ValueError("only finished tasks can be retried")
        conditions = (where or TaskFilter()).conditions()
        return self._database.write(lambda c: claims.retry(c, states, conditions, now))

    # --- sources to delete

    def sources(self, after: int = 0, limit: int = 500) -> list[tuple[int, str]]:
        """Return (row id, instance) of delivered rows whose source is to be considered, by ascending row id."""
        return self._database.read(lambda c: finished_sources.candidates(c, after, limit))

    def deletable(self, instances: Collection[str]) -> Mapping[str, str]:
        """Return those of these instances that every store has, with the MD5 of the processed bytes."""
        return self._database.read(lambda c: finished_sources.deletable(c, instances))

    def forget_sources(self, instances: Collection[str]) -> None:
        """Record that the sources of these instances need no further consideration."""
        self._database.write(lambda c: finished_sources.forget(c, instances))

    # --- queries

    def counts(self) -> QueueCounts:
        """Return the counts of all tasks; the cost does not depend on their number."""
        return self._database.read(queries.counts)

    def oldest_pending_seconds(self, now: float) -> float | None:
        """Return the age in seconds of the oldest open row, or None."""
        created = self._database.read(queries.oldest_open)
        return None if created is None else max(0.0, now - created)

    def rows_of(self, instances: Collection[str]) -> list[TaskRow]:
        """Return the rows of these instances, newest last."""
        return self._database.read(lambda c: queries.rows_of(c, instances))

    def rows_of_job(self, job: Job, limit: int = 100, after: int = 0) -> list[TaskRow]:
        """Return the rows of a job by ascending id; `after` is the last id of the previous page."""
        return self._database.read(lambda c: queries.rows_of_job(c, job.number, limit, after))

    def rows(self, state: State, limit: int = 100, after: int = 0, rule: str | None = None) -> list[TaskRow]:
        """Return rows in a state (and with a rule) by ascending id; `after` is the last id of the previous page."""
        return self._database.read(lambda c: queries.rows_in(c, state, limit, after, rule))

    def row(self, row_id: int) -> TaskRow | None:
        """Return one row, or None."""
        return self._database.read(lambda c: queries.row(c, row_id))

    def hours(self, first: int) -> list[HourCount]:
        """Return the finished tasks of each hour from `first` on (whole hours since the epoch)."""
        return self._database.read(lambda c: queries.hours_since(c, first))

    def facts(self) -> FactCounts:
        """Return the sums of the facts of all deliveries."""
        return self._database.read(queries.facts)

    def rules(self, state: State) -> Mapping[str, int]:
        """Return the number of rows in a final state by rule."""
        return self._database.read(lambda c: queries.rules(c, state))

    def held_back(self, *states: State, most: int, job: Job | None = None) -> list[HeldBack]:
        """Return counts by reason of tasks in these states, of one job or of all, the highest first.

        At most `most` tasks are counted, which bounds the cost.
        """
        return self._database.read(
            lambda c: queries.held_back(c, states, most, None if job is None else job.number)
        )
