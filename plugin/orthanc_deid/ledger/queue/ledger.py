"""The ledger as the rest of the house sees it: each method is one transaction. Safe from several threads and nodes.

`now` is always an argument, in seconds since the epoch. Every method may raise `sqlalchemy.exc.DBAPIError`
while the database is away; nothing is half done then.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

from sqlalchemy import ColumnElement, Connection, and_, false, or_, select

from orthanc_deid.errors import ConfigError
from orthanc_deid.ledger.database import Database
from orthanc_deid.ledger.queue import claims, finished_sources, intake, queries
from orthanc_deid.ledger.queue.views import HourCount, Job, QueueCounts, ReasonCount, TaskRow
from orthanc_deid.ledger.schema import jobs, task_table
from orthanc_deid.pipeline.tasks import FINAL, NewTask, Outcome, Output, OwnOutput, RetryPolicy, State, Task


class Ledger:
    """The durable record of work."""

    def __init__(self, database: Database, retry: RetryPolicy) -> None:
        """For `open`, which is how a ledger is made."""
        self._database = database
        self._retry = retry

    @classmethod
    def open(cls, url: str, key_fingerprint: str, retry: RetryPolicy | None = None) -> Ledger:
        """Open the ledger, making it if there is none.

        `url` is SQLAlchemy's: `sqlite:////absolute/path.db`, `postgresql+psycopg://...` (`postgresql://` is
        taken for that). Raises ConfigError: bad URL, folder missing, other schema, or another key's ledger.
        """
        database = Database(url)
        try:
            database.ready(key_fingerprint)
        except ConfigError:
            database.dispose()
            raise
        return cls(database, retry or RetryPolicy())

    def close_database(self) -> None:
        """Let go of all connections."""
        self._database.dispose()

    # --- the change feed

    def cursor(self) -> int | None:
        """Return the change cursor, or None before the first."""
        value = self.marker("cursor")
        return None if value is None else int(value)

    def set_cursor(self, cursor: int) -> None:
        """Set the cursor, also backwards: at installation, or after Orthanc's index was restored."""
        self.set_marker("cursor", str(cursor))

    def marker(self, name: str) -> str | None:
        """Return a small durable note of the host's, for instance the installation marker."""
        return self._database.read(lambda c: intake.get_meta(c, name))

    def set_marker(self, name: str, value: str) -> None:
        """Set such a note. `schema` and `key` are the ledger's own: ValueError."""
        if name in {"schema", "key"}:
            raise ValueError(f"{name} is the ledger's own")
        self._database.write(lambda c: intake.put_meta(c, name, value))

    def record(self, tasks: Iterable[NewTask], cursor: int | None, now: float) -> int:
        """Insert the works that are not known yet and move the cursor forward (never back), in one transaction.

        A higher `seq` of an instance supersedes what is open, quarantined or failed under lower ones; a lower
        one that comes late is dropped. Returns how many rows were inserted.
        """
        wanted = list(tasks)
        return self._database.write(lambda c: intake.record(c, wanted, cursor, now))

    def unknown(self, instances: Collection[str]) -> set[str]:
        """Return those instances for which the ledger holds no row at all (for the slow reconciliation)."""
        return self._database.read(lambda c: intake.unknown(c, instances))

    def known_outputs(self, orthanc_ids: Collection[str]) -> Mapping[str, frozenset[OwnOutput]]:
        """Return, for those Orthanc ids that one of our outputs would have, these outputs.

        Nobody needs to ask this to be safe from our own output coming back: a claim carries the answer (`Work.own`)
        and the pipeline acts on it.
        """
        return self._database.read(lambda c: intake.known_outputs(c, orthanc_ids))

    def is_output(self, sop_instance_uid: str) -> bool:
        """Whether one of our outputs has this SOP Instance UID."""
        return self._database.read(lambda c: intake.is_output(c, sop_instance_uid))

    def note_output(self, output: Output, source: str, profile: str) -> None:
        """Record an output that was handed out without a store, so that it is known when it comes back."""
        self._database.write(lambda c: claims.note_outputs(c, {output: (source, profile)}))

    # --- jobs

    def add_job(
        self,
        level: str,
        resource: str,
        profile: str,
        stores: Sequence[str],
        instances: Iterable[tuple[str, int]],
        now: float,
        priority: int = 0,
    ) -> Job:
        """Record a job and its works, one per (instance id, seq) and store; returns it with its new id.

        Its works are rows of their own, beside what was received: the job's counts are of what it did itself.
        """
        job = intake.new_job(level, resource, profile, stores, now)
        wanted = dict(instances).items()

        def add(connection: Connection) -> Job | None:
            intake.add_job(connection, job, wanted, priority, now)
            return queries.job(connection, job.id)

        return self._database.write(add) or job

    def job(self, job_id: str) -> Job | None:
        """Return a job with its counts, or None."""
        return self._database.read(lambda c: queries.job(c, job_id))

    def jobs(self, limit: int = 100, before: int | None = None) -> list[Job]:
        """Return jobs, newest first; `before` is the `number` to go on from."""
        return self._database.read(lambda c: queries.job_list(c, limit, before))

    def cancel_job(self, job_id: str, now: float) -> Job | None:
        """Cancel what is pending of a job; what is claimed is finished. None: unknown job."""

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
        """Claim up to `limit` due works for `lease` seconds, but none for the stores in `exclude`."""
        return self._database.write(lambda c: claims.claim(c, owner, limit, lease, now, exclude))

    def close(self, outcomes: Sequence[Outcome], now: float) -> int:
        """Close claims by their outcomes, in one transaction; a claim that is no longer held does not count.

        Returns how many counted.
        """
        return self._database.write(lambda c: claims.close(c, outcomes, self._retry, now))

    def renew(self, owner: str, lease: float, now: float) -> int:
        """Prolong all leases of an owner; returns how many."""
        return self._database.write(lambda c: claims.renew(c, owner, lease, now))

    def release(self, owner: str, now: float) -> int:
        """Return all claims of an owner to the queue: at its start (what it held when it died) and its stop."""
        return self._database.write(lambda c: claims.give_back(c, task_table.c.owner == owner, now))

    def release_expired(self, now: float) -> int:
        """Return claims whose lease has run out, whoever held them; returns how many."""
        return self._database.write(lambda c: claims.give_back(c, task_table.c.lease_until < now, now))

    def retry(
        self,
        now: float,
        states: Collection[State] = (State.FAILED,),
        ids: Collection[int] | None = None,
        job_id: str | None = None,
        store: str | None = None,
        rule: str | None = None,
        admitted: Mapping[str, Collection[str]] | None = None,
    ) -> int:
        """Return rows in these final states to the queue, with their attempts forgotten; returns how many.

        `admitted` names the profiles that each store admits now; rows of other combinations stay as they are.
        ValueError for a state that is not final, or that names no work (`ignored`, `superseded`).
        """
        if set(states) - (FINAL - {State.IGNORED, State.SUPERSEDED}):
            raise ValueError("only finished work can be tried again")
        which: list[ColumnElement[bool]] = []
        if ids is not None:
            which.append(task_table.c.id.in_(ids))
        if store is not None:
            which.append(task_table.c.store == store)
        if rule is not None:
            which.append(task_table.c.rule == rule)
        if admitted is not None:
            which.append(
                or_(
                    false(),
                    *(
                        and_(task_table.c.store == name, task_table.c.profile.in_(admits))
                        for name, admits in admitted.items()
                    ),
                )
            )
        if job_id is not None:
            which.append(
                task_table.c.job == select(jobs.c.number).where(jobs.c.id == job_id).scalar_subquery()
            )
        return self._database.write(lambda c: claims.retry(c, states, which, now))

    # --- sources to be deleted

    def sources(self, after: int = 0, limit: int = 500) -> list[tuple[int, str]]:
        """Return (row, instance) of deliveries whose source may still have to be deleted, by ascending row."""
        return self._database.read(lambda c: finished_sources.sources(c, after, limit))

    def deletable(self, instances: Collection[str]) -> Mapping[str, str]:
        """Return those of these instances that every store has, with the MD5 of what was processed."""
        return self._database.read(lambda c: finished_sources.deletable(c, instances))

    def forget_sources(self, instances: Collection[str]) -> None:
        """Note that nothing is left to be deleted of these instances."""
        self._database.write(lambda c: finished_sources.forget(c, instances))

    # --- answers

    def counts(self) -> QueueCounts:
        """Return the counts; the cost does not depend on the number of rows."""
        return self._database.read(queries.counts)

    def oldest_pending_seconds(self, now: float) -> float | None:
        """Return the age in seconds of the oldest open row, or None."""
        created = self._database.read(queries.oldest_open)
        return None if created is None else max(0.0, now - created)

    def rows_of(self, instances: Collection[str]) -> list[TaskRow]:
        """Return the rows of these instances, newest last."""
        return self._database.read(lambda c: queries.rows_of(c, instances))

    def rows_of_job(self, job: Job, limit: int = 100, after: int = 0) -> list[TaskRow]:
        """Return a job's rows by ascending id; `after` is the id to go on from."""
        return self._database.read(lambda c: queries.rows_of_job(c, job.number, limit, after))

    def rows(self, state: State, limit: int = 100, after: int = 0, rule: str | None = None) -> list[TaskRow]:
        """Return rows in a state (and by a rule) by ascending id; `after` is the id to go on from."""
        return self._database.read(lambda c: queries.rows_in(c, state, limit, after, rule))

    def row(self, row_id: int) -> TaskRow | None:
        """Return one row, or None."""
        return self._database.read(lambda c: queries.row(c, row_id))

    def hours(self, first: int) -> list[HourCount]:
        """Return what was finished in each hour from `first` (whole hours since the epoch) on."""
        return self._database.read(lambda c: queries.hours_since(c, first))

    def rules(self, state: State) -> Mapping[str, int]:
        """Return how many rows in a final state there are by rule."""
        return self._database.read(lambda c: queries.rules(c, state))

    def held(self, *states: State, most: int, job: Job | None = None) -> list[ReasonCount]:
        """Return why works are in these states, of a job or of all: counts by reason, the highest first.

        At most so many works are looked at, so that the answer stays cheap however many there are.
        """
        return self._database.read(
            lambda c: queries.held(c, states, most, None if job is None else job.number)
        )
