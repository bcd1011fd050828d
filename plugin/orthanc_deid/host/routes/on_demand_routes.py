"""Routes that answer with a result made on demand: a de-identified instance, previews, an analysis of attributes."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import BrokenExecutor
from http import HTTPStatus
from typing import ParamSpec, TypeVar

from orthanc_deid.host.context import Context
from orthanc_deid.host.http import Request, Response, Route, RouteError
from orthanc_deid.host.resources import first_of_each_series
from orthanc_deid.host.routes.request_params import bad, flag
from orthanc_deid.workers.on_demand_client import OnDemandClient

T = TypeVar("T")
P = ParamSpec("P")

MOST_SERIES = 20
"""Series of which a preview shows an instance."""
MOST_INSTANCES = 200
"""Instances that an analysis reads."""


class OnDemandRoutes:
    """Answers with results, previews and analyses, which the on-demand worker makes."""

    def __init__(self, context: Context, client: OnDemandClient) -> None:
        self._context = context
        self._client = client

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
        found = self._ask(self._client.result, instance, profile)
        if found.lost:
            raise RouteError(HTTPStatus.NOT_FOUND, "Orthanc no longer holds this instance")
        if found.output is None:
            raise RouteError(HTTPStatus.UNPROCESSABLE_ENTITY, f"nothing is released: {found.reason}")
        self._context.ledger.note_output(found.output, instance, profile)
        return Response(found.data, media_type="application/dicom")

    def preview(self, request: Request) -> Response:
        """Show, for one instance of each series, what a profile would change, element by element, with values."""
        level, resource = request.groups
        profile = request.query.get("profile") or self._context.settings.profile
        if profile not in self._context.profiles:
            raise bad(f"profile: accepted: {', '.join(self._context.profiles)}")
        instances = first_of_each_series(self._context.gateway, level, resource, MOST_SERIES)
        if instances is None:
            raise RouteError(HTTPStatus.NOT_FOUND, f"Orthanc holds no such resource among its {level}")
        shown = [self._ask(self._client.preview, instance, profile) for instance in instances]
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
        """Show which tags of a resource can carry identity, in instances spread evenly over it; never a value.

        With `?drawing=true` the response holds the tables and the chart as HTML too, for the page.
        """
        level, resource = request.groups
        drawing = flag(request, "drawing")
        instances = self._context.instances(level, resource)
        step = -(-len(instances) // MOST_INSTANCES) or 1
        found = self._ask(self._client.analysis, instances[::step], drawing=drawing)
        return Response({"Resource": f"/{level}/{resource}", "Total": len(instances), **found})

    def _ask(self, ask: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Ask the worker; 504 where it takes too long, 422 where the worker died of the instance."""
        try:
            return ask(*args, **kwargs)
        except TimeoutError:
            raise RouteError(HTTPStatus.GATEWAY_TIMEOUT, "it takes too long; start a job instead") from None
        except BrokenExecutor:
            raise RouteError(
                HTTPStatus.UNPROCESSABLE_ENTITY, "nothing is released: the instance crashed its worker"
            ) from None
