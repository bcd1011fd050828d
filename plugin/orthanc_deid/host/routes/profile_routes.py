"""Routes of profiles: list and show profiles, validate the text of a profile."""

from __future__ import annotations

from http import HTTPStatus
from pathlib import PurePath
from typing import Any

from orthanc_deid.host.context import Context
from orthanc_deid.host.http import Request, Response, Route, RouteError
from orthanc_deid.profile.entry_conflicts import route_faults, routes
from orthanc_deid.profile.faults import Fault
from orthanc_deid.profile.load import builtin_names
from orthanc_deid.profile.model import Profile
from orthanc_deid.profile.toml_document import TomlDocument

LARGEST = 1_000_000
"""Bytes of the text of a profile."""


class ProfileRoutes:
    """The routes of profiles."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def table(self) -> list[Route]:
        """Return the routes."""
        return [
            Route("/deidentify/profiles", {"GET": self.index}),
            Route("/deidentify/profiles/validate", {"POST": self.validate}),
            Route("/deidentify/profiles/{name}", {"GET": self.show}),
        ]

    def index(self, _request: Request) -> Response:
        """List the profiles."""
        return Response([self._content(profile) for profile in self._context.profiles.values()])

    def show(self, request: Request) -> Response:
        """Show one profile with its rules, as JSON of its model."""
        profile = self._context.profiles.get(request.groups[0])
        if profile is None:
            accepted = ", ".join(self._context.profiles)
            raise RouteError(HTTPStatus.NOT_FOUND, f"there is no such profile; there are: {accepted}")
        rules = profile.model_dump(mode="json", by_alias=True, exclude_none=True)
        return Response({**self._content(profile), "Rules": rules})

    def validate(self, request: Request) -> Response:
        """Validate the TOML text of a profile as at the start of Orthanc; nothing is stored."""
        if len(request.body) > LARGEST:
            raise RouteError(HTTPStatus.BAD_REQUEST, f"the body must be a TOML text of up to {LARGEST} bytes")
        try:
            text = request.body.decode("utf-8")
        except UnicodeDecodeError:
            return Response({"Valid": False, "Faults": ["not UTF-8; accepted: a TOML text in UTF-8"]})
        faults = self._faults(text)
        return Response({"Valid": not faults, "Faults": faults})

    def _content(self, profile: Profile) -> dict[str, Any]:
        return {
            "Name": profile.name,
            "Description": profile.description,
            "Fingerprint": profile.fingerprint(),
            "Stores": self._context.stores_for(profile.name),
            "Default": profile.name == self._context.settings.profile,
        }

    def _faults(self, text: str) -> list[str]:
        document = TomlDocument("profile", text, None)
        named = document.data.get("pseudonyms")
        file = named.get("patients") if isinstance(named, dict) else None
        # Only a file in the folder of profiles is read: a request must not name other paths.
        if isinstance(file, str) and file and PurePath(file).name == file and self._context.settings.profiles:
            document = TomlDocument("profile", text, self._context.settings.profiles)
        if document.name in builtin_names():
            document.faults.append(
                Fault(("name",), f"{document.name} is the name of a built-in profile; accepted: another")
            )
        known = {
            name: tuple((("instances",), each) for each in profile.routed)
            for name, profile in self._context.profiles.items()
        }
        document.faults += route_faults(document.name, {**known, document.name: tuple(routes(document.data))})
        return document.report()
