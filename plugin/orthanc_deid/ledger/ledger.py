"""The ledger as the rest of the house sees it: each method is one transaction. Safe from several threads and nodes.

`now` is always an argument, in seconds since the epoch. Every method may raise `sqlalchemy.exc.OperationalError`
while the database is away; nothing is half done then.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

from orthanc_deid.ledger.views import Counts, Job, Row
from orthanc_deid.work import NewWork, Outcome, RetryPolicy, State, Work


def stored_fingerprint(url: str) -> str | None:
    """Return the key fingerprint of the ledger at `url`, or None where no ledger exists yet; creates nothing."""
    raise NotImplementedError


class Ledger:
    """The durable record of work."""

    @classmethod
    def open(cls, url: str, key_fingerprint: str, retry: RetryPolicy | None = None) -> Ledger:
        """Open the ledger, making it if there is none.

        `url` is SQLAlchemy's: `sqlite:////absolute/path.db`, `postgresql+psycopg://...` (`postgresql://` is
        taken for that). Raises ConfigError: bad URL, folder missing, newer schema, or another key's ledger.
        """
        raise NotImplementedError

    def close_database(self) -> None:
        """Let go of all connections."""
        raise NotImplementedError

    # --- the change feed
    def cursor(self) -> int | None:
        """Return the change cursor, or None before the first."""
        raise NotImplementedError

    def set_cursor(self, cursor: int) -> None:
        """Set the cursor, also backwards: at installation, or after Orthanc's index was restored."""
        raise NotImplementedError

    def marker(self, name: str) -> str | None:
        """Return a small durable note of the host's, for instance the installation marker."""
        raise NotImplementedError

    def set_marker(self, name: str, value: str) -> None:
        raise NotImplementedError

    def record(self, works: Iterable[NewWork], cursor: int | None, now: float) -> int:
        """Insert the works that are not known yet and move the cursor forward (never back), in one transaction.

        A higher `seq` of an instance supersedes what is open, quarantined or failed under lower ones.
        Returns how many rows were inserted.
        """
        raise NotImplementedError

    def unknown(self, instances: Collection[str]) -> set[str]:
        """Return those instances for which the ledger holds no row at all (for the slow reconciliation)."""
        raise NotImplementedError

    def known_outputs(self, orthanc_ids: Collection[str]) -> Mapping[str, frozenset[str]]:
        """Return, for those Orthanc ids that one of our outputs would have, the MD5s of these outputs."""
        raise NotImplementedError

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
        """Record a job and its works: one per (instance id, seq) and store. Returns it with its new id."""
        raise NotImplementedError

    def job(self, job_id: str) -> Job | None:
        raise NotImplementedError

    def jobs(self, limit: int = 100, before: int | None = None) -> list[Job]:
        """Return jobs, newest first; `before` is the `number` to go on from."""
        raise NotImplementedError

    def cancel_job(self, job_id: str, now: float) -> Job | None:
        """Cancel what is pending of a job; what is claimed is finished. None: unknown job."""
        raise NotImplementedError

    # --- the queue
    def claim(
        self, owner: str, limit: int, lease: float, now: float, exclude: Collection[str] = ()
    ) -> list[Work]:
        """Claim up to `limit` due works for `lease` seconds, but none for the stores in `exclude`."""
        raise NotImplementedError

    def close(self, outcomes: Sequence[Outcome], now: float) -> int:
        """Close claims by their outcomes, in one transaction; a claim that is no longer held does not count.

        Returns how many counted.
        """
        raise NotImplementedError

    def renew(self, owner: str, lease: float, now: float) -> int:
        """Prolong all leases of an owner."""
        raise NotImplementedError

    def release(self, owner: str, now: float) -> int:
        """Return all claims of an owner to the queue: at its start (what it held when it died) and its stop."""
        raise NotImplementedError

    def release_expired(self, now: float) -> int:
        """Return claims whose lease has run out, whoever held them."""
        raise NotImplementedError

    def retry(
        self,
        now: float,
        states: Collection[State] = (State.FAILED,),
        ids: Collection[int] | None = None,
        job_id: str | None = None,
        store: str | None = None,
    ) -> int:
        """Return rows in these final states to the queue, with their attempts forgotten."""
        raise NotImplementedError

    # --- answers
    def counts(self) -> Counts:
        """Return the counts; the cost does not depend on the number of rows."""
        raise NotImplementedError

    def oldest_pending_seconds(self, now: float) -> float | None:
        """Return the age in seconds of the oldest open row, or None."""
        raise NotImplementedError

    def rows_of(self, instances: Collection[str]) -> list[Row]:
        """Return the rows of these instances, newest last."""
        raise NotImplementedError

    def rows(self, state: State, limit: int = 100, after: int = 0) -> list[Row]:
        """Return rows in a state by ascending id; `after` is the id to go on from."""
        raise NotImplementedError

    def rules(self, state: State) -> Mapping[str, int]:
        """Return how many rows in a final state there are by rule."""
        raise NotImplementedError

    def next_retry(self, now: float) -> float | None:
        """Return in how many seconds the next pending row becomes due (0: now), or None if nothing is pending."""
        raise NotImplementedError
