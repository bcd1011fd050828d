"""The table of all routes, and the status at `/deidentify`."""

from __future__ import annotations

import time
from http import HTTPStatus
from typing import Protocol

from orthanc_deid.host.context import Context
from orthanc_deid.host.http import Request, Response, Route
from orthanc_deid.host.routes.job_routes import JobRoutes
from orthanc_deid.host.routes.native_verbs import NativeVerbs
from orthanc_deid.host.routes.on_demand_routes import OnDemandRoutes
from orthanc_deid.host.routes.profile_routes import ProfileRoutes
from orthanc_deid.host.routes.quarantine_routes import QuarantineRoutes
from orthanc_deid.host.routes.report_routes import ReportRoutes
from orthanc_deid.host.routes.serializers import HELD_BACK_SHOWN, SENT_SHOWN, key
from orthanc_deid.host.routes.study_routes import StudyRoutes
from orthanc_deid.host.web.static_pages import PageRoutes
from orthanc_deid.pipeline.tasks import State
from orthanc_deid.version import __version__


class RouteGroup(Protocol):
    """A class of related routes."""

    def table(self) -> list[Route]:
        """Return the routes."""


class Routes:
    """All routes of the plugin."""

    def __init__(self, context: Context, one: OnDemandRoutes) -> None:
        self._context = context
        jobs = JobRoutes(context, one)
        self._groups: list[RouteGroup] = [
            jobs,
            ProfileRoutes(context),
            StudyRoutes(context),
            QuarantineRoutes(context, jobs),
            ReportRoutes(context),
            PageRoutes(),
            one,
        ]
        if context.settings.override_anonymize:
            self._groups.append(NativeVerbs(context, jobs, one))

    def table(self) -> list[Route]:
        """Return all routes; of two that match a path, the first one answers."""
        own = Route("/deidentify", {"GET": self.status})
        return [own, *(route for group in self._groups for route in group.table())]

    def register(self) -> None:
        """Register the routes with Orthanc."""
        for route in self.table():
            route.register(self._context.gateway)

    def status(self, _request: Request) -> Response:
        """Show version, profiles, stores and counts; status 503 while there is a problem, for the healthcheck."""
        context = self._context
        trouble = context.trouble()
        counts = context.ledger.counts()
        content = {
            "Version": __version__,
            "State": "Impaired" if trouble else "Running",
            "Trouble": trouble,
            "DefaultProfile": context.settings.profile,
            "Profiles": {name: profile.description for name, profile in context.profiles.items()},
            "Stores": {
                name: {"Type": store.type, "Profiles": list(context.settings.admitted(name))}
                for name, store in context.settings.stores.items()
            },
            "Pending": counts[State.PENDING] + counts[State.CLAIMED],
            "OldestPendingSeconds": context.ledger.oldest_pending_seconds(time.time()),
            **{key(state): counts[state] for state in (*SENT_SHOWN, *HELD_BACK_SHOWN, State.IGNORED)},
        }
        return Response(content, HTTPStatus.SERVICE_UNAVAILABLE if trouble else HTTPStatus.OK)
