"""What is made while somebody waits: one instance's de-identified file, previews, an analysis of the tags.

One worker process makes all of it; it is started by the first request and ends with Orthanc.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import BrokenExecutor, Executor
from functools import partial
from http import HTTPStatus
from threading import Lock
from typing import ParamSpec, TypeVar

from orthanc_deid.host.context import Context
from orthanc_deid.host.http import Request, Response, Route, RouteError
from orthanc_deid.host.resources import first_of_each_series
from orthanc_deid.host.routes.request_params import bad
from orthanc_deid.workers.on_demand import Made, SingleSetup, make_analysis, make_preview, make_result
from orthanc_deid.workers.pool import WorkerPool

T = TypeVar("T")
P = ParamSpec("P")

WAIT_SECONDS = 120.0
MOST_SERIES = 20
"""Series of which a preview shows an instance."""
MOST_INSTANCES = 200
"""Instances that an analysis looks at."""


class OneInstance:
    """Makes results, previews and analyses. `python` names the worker's interpreter."""

    def __init__(self, context: Context, setup: SingleSetup, python: str) -> None:
        self._context = context
        self._make_pool: Callable[[], Executor] = partial(WorkerPool, setup, 1, python)
        self._pool: Executor | None = None
        self._lock = Lock()

    def table(self) -> list[Route]:
        """Return the routes of the preview and of the analysis."""
        return [
            Route("/{level}/{id}/deidentify-preview", {"GET": self.preview}),
            Route("/{level}/{id}/deidentify-analysis", {"GET": self.analysis}),
        ]

    def result(self, instance: str, profile: str) -> Response:
        """Answer the de-identified, verified file; 403 where no store admits the profile, 422 where it is refused."""
        if not self._context.stores_for(profile):
            raise RouteError(HTTPStatus.FORBIDDEN, f"no store admits {profile}")
        made: Made = self._made(make_result, instance, profile)
        if made.lost:
            raise RouteError(HTTPStatus.NOT_FOUND, "Orthanc no longer holds this instance")
        if made.output is None:
            raise RouteError(HTTPStatus.UNPROCESSABLE_ENTITY, f"nothing is released: {made.reason}")
        self._context.ledger.note_output(made.output, instance, profile)
        return Response(made.data, media_type="application/dicom")

    def preview(self, request: Request) -> Response:
        """Show, for one instance of each series, what a profile would change, element by element, with values."""
        level, resource = request.groups
        profile = request.query.get("profile") or self._context.settings.profile
        if profile not in self._context.profiles:
            raise bad(f"profile: accepted: {', '.join(self._context.profiles)}")
        instances = first_of_each_series(self._context.gateway, level, resource, MOST_SERIES)
        if instances is None:
            raise RouteError(HTTPStatus.NOT_FOUND, f"Orthanc holds no such resource among its {level}")
        shown = [self._made(make_preview, instance, profile) for instance in instances]
        return Response(
            {
                "Resource": f"/{level}/{resource}",
                "Profile": profile,
                "Fingerprint": self._context.profiles[profile].fingerprint(),
                "Stores": self._context.stores_for(profile),
                "Instances": [each for each in shown if each is not None],
            }
        )

    def analysis(self, request: Request) -> Response:
        """Show which tags of a resource can carry identity, in instances spread evenly over it; never a value."""
        level, resource = request.groups
        instances = self._context.instances(level, resource)
        step = -(-len(instances) // MOST_INSTANCES) or 1
        found = self._made(make_analysis, instances[::step])
        return Response({"Resource": f"/{level}/{resource}", "Total": len(instances), **found})

    def end(self) -> None:
        """End the worker at once."""
        with self._lock:
            pool, self._pool = self._pool, None
        if isinstance(pool, WorkerPool):
            pool.end()

    def _made(self, make: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        with self._lock:
            if self._pool is None:
                self._pool = self._make_pool()
            pool = self._pool
        try:
            return pool.submit(make, *args, **kwargs).result(WAIT_SECONDS)
        except TimeoutError:
            self.end()  # whatever it is at would keep the next ones waiting
            raise RouteError(HTTPStatus.GATEWAY_TIMEOUT, "it takes too long; start a job instead") from None
        except BrokenExecutor:
            self.end()
            raise RouteError(
                HTTPStatus.UNPROCESSABLE_ENTITY, "nothing is released: a worker died of it"
            ) from None
