"""Routes of tasks that are held back: list them, retry them, release them by another profile."""

from __future__ import annotations

import time
from http import HTTPStatus
from typing import Any

from orthanc_deid.host.context import Context
from orthanc_deid.host.http import Request, Response, Route, RouteError
from orthanc_deid.host.routes.job_routes import JobRoutes
from orthanc_deid.host.routes.request_params import (
    ASKED_FOR,
    RELEASE_KEYS,
    RETRY_KEYS,
    JobParams,
    bad,
    body_of,
    choice,
    limit_of,
    number_of,
)
from orthanc_deid.host.routes.serializers import HELD_BACK_SHOWN, key, row_content
from orthanc_deid.ledger.queue.requests import TaskFilter
from orthanc_deid.ledger.queue.views import TaskRow
from orthanc_deid.pipeline.tasks import HELD_BACK, State

STATES = {key(state): state for state in HELD_BACK_SHOWN}
BASE = "/deidentify/quarantine"


class QuarantineRoutes:
    """The routes of tasks that are held back."""

    def __init__(self, context: Context, jobs: JobRoutes) -> None:
        self._context = context
        self._jobs = jobs

    def table(self) -> list[Route]:
        """Return the routes."""
        return [
            Route(BASE, {"GET": self.index}),
            Route(f"{BASE}/retry", {"POST": self.retry_all}),
            Route(f"{BASE}/{{row}}", {"GET": self.show}),
            Route(f"{BASE}/{{row}}/retry", {"POST": self.retry_one}),
            Route(f"{BASE}/{{row}}/release", {"POST": self.release}),
        ]

    def index(self, request: Request) -> Response:
        """List tasks that are held back, by ascending Row; `since` is the last Row of the previous page."""
        state = STATES[choice(request.query, "state", STATES, key(State.QUARANTINED))]
        limit, since = limit_of(request), number_of(request, "since", 0) or 0
        rule = request.query.get("rule") or None
        return Response([_content(row) for row in self._context.ledger.rows(state, limit, since, rule)])

    def show(self, request: Request) -> Response:
        """Show one task that is held back."""
        return Response(_content(self._row(request)))

    def retry_all(self, request: Request) -> Response:
        """Retry all tasks of a state (by default Failed), optionally of one rule and one store."""
        body = body_of(request, RETRY_KEYS)
        state = STATES[choice(body, "State", STATES, key(State.FAILED))]
        store = choice(body, "Store", self._context.settings.stores, None) if "Store" in body else None
        rule = body.get("Rule")
        if rule is not None and not isinstance(rule, str):
            raise bad("Rule: accepted: a rule's text, as the list shows it")
        count = self._context.ledger.retry(
            time.time(), [state], TaskFilter(store=store, rule=rule, admitted=self._context.admitted())
        )
        self._context.wake_scheduler()
        return Response({"Retried": count})

    def retry_one(self, request: Request) -> Response:
        """Retry one task; none if it is open or delivered meanwhile, as after a repeated request."""
        row = self._known(request)
        count = 0
        if row.state in HELD_BACK:
            self._context.must_admit([row.store], row.profile)
            count = self._context.ledger.retry(time.time(), HELD_BACK, TaskFilter(ids=[row.id]))
        self._context.wake_scheduler()
        return Response({"Retried": count})

    def release(self, request: Request) -> Response:
        """Start a job for a quarantined instance by another profile, by default into the same store."""
        row = self._row(request)
        if row.state is not State.QUARANTINED:
            raise RouteError(
                HTTPStatus.CONFLICT, "only what is quarantined can be released by another profile"
            )
        body = body_of(request, RELEASE_KEYS)
        profile = choice(body, "Profile", self._context.profiles, None)
        store = choice(body, "Store", self._context.settings.stores, row.store)
        self._context.must_admit([store], profile)
        self._context.instances("instances", row.instance)
        seqs = self._context.seqs([row.instance])
        wanted = JobParams(profile, (store,), synchronous=False, priority=ASKED_FOR)
        job = self._jobs.add_received("instances", row.instance, seqs, wanted, [store])
        return self._jobs.answer(job, wait=False)

    def _row(self, request: Request) -> TaskRow:
        row = self._known(request)
        if row.state not in HELD_BACK:
            raise RouteError(HTTPStatus.NOT_FOUND, "nothing is held back under this number")
        return row

    def _known(self, request: Request) -> TaskRow:
        row = self._context.ledger.row(int(request.groups[0]))
        if row is None:
            raise RouteError(HTTPStatus.NOT_FOUND, "there is no task of this number")
        return row


def _content(row: TaskRow) -> dict[str, Any]:
    return {**row_content(row), "Path": f"{BASE}/{row.id}", "Resource": f"/instances/{row.instance}"}
