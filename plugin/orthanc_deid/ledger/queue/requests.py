"""Arguments of the ledger's methods: a job to record, and a selection of tasks to retry."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, false, or_, select

from orthanc_deid.ledger.schema import jobs, task_table


@dataclass(frozen=True, slots=True)
class JobRequest:
    """A job to record: the resource it is for, the profile and the stores. Higher priorities are claimed first."""

    level: str
    resource: str
    profile: str
    stores: Sequence[str]
    priority: int = 0


@dataclass(frozen=True, slots=True)
class TaskFilter:
    """A selection of tasks; each field that is not None restricts it.

    `ids` are row ids, `job_id` is the public id of a job. `admitted` names the profiles that each store admits now:
    tasks of other combinations are left out.
    """

    ids: Collection[int] | None = None
    job_id: str | None = None
    store: str | None = None
    rule: str | None = None
    admitted: Mapping[str, Collection[str]] | None = None

    def conditions(self) -> list[ColumnElement[bool]]:
        """Return the conditions of a WHERE clause over the table of tasks."""
        columns = task_table.c
        found: list[ColumnElement[bool]] = []
        if self.ids is not None:
            found.append(columns.id.in_(self.ids))
        if self.store is not None:
            found.append(columns.store == self.store)
        if self.rule is not None:
            found.append(columns.rule == self.rule)
        if self.admitted is not None:
            pairs = (
                and_(columns.store == store, columns.profile.in_(profiles))
                for store, profiles in self.admitted.items()
            )
            found.append(or_(false(), *pairs))
        if self.job_id is not None:
            found.append(
                columns.job == select(jobs.c.number).where(jobs.c.id == self.job_id).scalar_subquery()
            )
        return found
