"""Routes of jobs: start a job for a resource, show, list, cancel and retry jobs."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from orthanc_deid.host.context import Context
from orthanc_deid.host.http import Request, Response, Route, RouteError
from orthanc_deid.host.routes.on_demand_routes import OnDemandRoutes
from orthanc_deid.host.routes.quarantine_reasons import MOST_REASONS, TASKS_EXAMINED, reasons_content
from orthanc_deid.host.routes.request_params import JobParams, bad, job_params, limit_of, number_of
from orthanc_deid.host.routes.serializers import JOBS, job_content
from orthanc_deid.ledger.queue.requests import JobRequest, TaskFilter
from orthanc_deid.ledger.queue.views import Job
from orthanc_deid.pipeline.tasks import HELD_BACK, State

SYNCHRONOUS_SECONDS = 60.0
"""Seconds that a synchronous request waits at most; then it answers the progress of the job."""

_POLL_SECONDS = 0.05


class JobRoutes:
    """The routes of jobs. `one` makes results that are returned in the response."""

    def __init__(
        self, context: Context, one: OnDemandRoutes, wait_seconds: float = SYNCHRONOUS_SECONDS
    ) -> None:
        self._context = context
        self._one = one
        self._wait_seconds = wait_seconds

    def table(self) -> list[Route]:
        """Return the routes."""
        return [
            Route("/{level}/{id}/deidentify", {"POST": self.start}),
            Route(JOBS, {"GET": self.index}),
            Route(f"{JOBS}/{{id}}", {"GET": self.show}),
            Route(f"{JOBS}/{{id}}/cancel", {"POST": self.cancel}),
            Route(f"{JOBS}/{{id}}/retry", {"POST": self.retry}),
        ]

    def start(self, request: Request) -> Response:
        """De-identify a resource into stores; or an instance without a store, with the result as the response."""
        level, resource = request.groups
        wanted = job_params(self._context, request)
        if level == "instances" and not wanted.stores and wanted.synchronous is not False:
            self._context.instances(level, resource)
            return self._one.result(resource, wanted.profile)
        stores = wanted.stores or self._only_store(wanted.profile)
        instances = self._context.instances(level, resource)
        job = self.add(level, resource, instances, wanted, stores)
        return self.answer(job, bool(wanted.synchronous))

    def add(
        self, level: str, resource: str, instances: Sequence[str], wanted: JobParams, stores: Sequence[str]
    ) -> Job:
        """Record a job for these instances, each under its latest Seq."""
        return self.add_received(level, resource, self._context.seqs(instances), wanted, stores)

    def add_received(
        self, level: str, resource: str, seqs: Mapping[str, int], wanted: JobParams, stores: Sequence[str]
    ) -> Job:
        """Record a job for instances and their Seqs."""
        request = JobRequest(level, resource, wanted.profile, stores, wanted.priority)
        job = self._context.ledger.add_job(request, seqs.items(), time.time())
        self._context.wake_scheduler()
        return job

    def answer(self, job: Job, wait: bool) -> Response:
        """Respond with the path of the job, or wait for its end and respond with the job."""
        if not wait:
            return Response({"ID": job.id, "Path": f"{JOBS}/{job.id}"})
        deadline = time.monotonic() + self._wait_seconds
        while job.open and time.monotonic() < deadline:
            time.sleep(_POLL_SECONDS)
            job = self._context.ledger.job(job.id) or job
        return Response(self._content(job))

    def index(self, request: Request) -> Response:
        """List jobs, newest first; `since` is the Number of the last job of the previous page."""
        before = number_of(request, "since", None)
        return Response([job_content(job) for job in self._context.ledger.jobs(limit_of(request), before)])

    def show(self, request: Request) -> Response:
        """Show the progress of a job, and its most frequent reasons for holding back instances."""
        return Response(self._content(self._job(request)))

    def cancel(self, request: Request) -> Response:
        """Cancel the waiting tasks of a job; running ones are finished."""
        job = self._context.ledger.cancel_job(self._job(request).id, time.time())
        return Response({} if job is None else self._content(job))

    def retry(self, request: Request) -> Response:
        """Retry the quarantined, failed, lost and cancelled tasks of a job."""
        job = self._job(request)
        for store in job.stores:
            self._context.must_admit([store], job.profile)
        states = [*HELD_BACK, State.CANCELLED]
        self._context.ledger.retry(time.time(), states, TaskFilter(job_id=job.id))
        self._context.wake_scheduler()
        return Response(self._content(self._job(request)))

    def _content(self, job: Job) -> dict[str, Any]:
        """Return a job as its route shows it: as in the list, with its most frequent reasons."""
        held = []
        if any(job.counts.get(state) for state in HELD_BACK):
            held = self._context.ledger.held_back(*HELD_BACK, most=TASKS_EXAMINED, job=job)
        return {**job_content(job), "Reasons": reasons_content(held[:MOST_REASONS])}

    def _job(self, request: Request) -> Job:
        job = self._context.ledger.job(request.groups[0])
        if job is None:
            raise RouteError(HTTPStatus.NOT_FOUND, "there is no such job")
        return job

    def _only_store(self, profile: str) -> tuple[str, ...]:
        stores = tuple(self._context.settings.stores)
        if len(stores) > 1:
            raise bad(f"Store: there are several; accepted: {', '.join(stores)}")
        self._context.must_admit(stores, profile)
        return stores
