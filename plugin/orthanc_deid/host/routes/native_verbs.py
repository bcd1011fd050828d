"""Orthanc's native anonymize routes, answered by this engine, so that no button bypasses the site's profile.

Only the default profile applies. Keys of a request that would keep, remove or replace attributes have no effect, and
the response lists them. Results go to the store that the settings name; for an instance the response is DICOM.
"""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from orthanc_deid.host.context import Context
from orthanc_deid.host.http import LEVEL_PATHS, Request, Response, Route, RouteError
from orthanc_deid.host.resources import instances_of
from orthanc_deid.host.routes.job_routes import JobRoutes
from orthanc_deid.host.routes.on_demand_routes import OnDemandRoutes
from orthanc_deid.host.routes.request_params import (
    ANONYMIZE_KEYS,
    BULK_KEY,
    UNHEEDED_KEYS,
    JobParams,
    bad,
    body_of,
    priority,
    synchronous,
)
from orthanc_deid.ledger.queue.views import Job


class NativeVerbs:
    """The routes that replace those of Orthanc."""

    def __init__(self, context: Context, jobs: JobRoutes, one: OnDemandRoutes) -> None:
        self._context = context
        self._jobs = jobs
        self._one = one
        self._store = context.settings.anonymize_store()

    def table(self) -> list[Route]:
        """Return the routes."""
        return [
            Route("/{level}/{id}/anonymize", {"POST": self.anonymize}),
            Route("/tools/bulk-anonymize", {"POST": self.bulk}),
        ]

    def anonymize(self, request: Request) -> Response:
        """De-identify one resource: an instance into the response, other levels by a job into the store."""
        level, resource = request.groups
        body = body_of(request, (*ANONYMIZE_KEYS, *UNHEEDED_KEYS))
        instances = self._context.instances(level, resource)
        if level == "instances":
            return self._one.result(resource, self._context.settings.profile)
        wanted = self._wanted(body)
        return self._answer(self._jobs.add(level, resource, instances, wanted, [self._store]), wanted, body)

    def bulk(self, request: Request) -> Response:
        """De-identify several resources of any level by one job."""
        body = body_of(request, (BULK_KEY, *ANONYMIZE_KEYS, *UNHEEDED_KEYS))
        resources = body.get(BULK_KEY)
        if not isinstance(resources, list) or not all(isinstance(each, str) for each in resources):
            raise bad(f"{BULK_KEY}: accepted: a list of Orthanc's identifiers")
        instances = {instance: None for each in resources for instance in self._instances(each)}
        wanted = self._wanted(body)
        job = self._jobs.add("tools", "bulk-anonymize", list(instances), wanted, [self._store])
        return self._answer(job, wanted, body)

    def _instances(self, resource: str) -> list[str]:
        for level in LEVEL_PATHS:
            found = instances_of(self._context.gateway, level, resource)
            if found is not None:
                return found
        raise RouteError(HTTPStatus.NOT_FOUND, "Orthanc does not hold one of these resources")

    def _wanted(self, body: Mapping[str, Any]) -> JobParams:
        # The native routes are synchronous by default.
        wait = synchronous(body)
        return JobParams(self._context.settings.profile, (self._store,), wait is not False, priority(body))

    def _answer(self, job: Job, wanted: JobParams, body: Mapping[str, Any]) -> Response:
        answer = self._jobs.answer(job, bool(wanted.synchronous))
        unheeded = [key for key in body if key in UNHEEDED_KEYS]
        return Response({**answer.content, "Unheeded": unheeded} if unheeded else answer.content)
