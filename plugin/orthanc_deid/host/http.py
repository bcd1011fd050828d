"""Requests and responses of routes, and the callback that connects routes to Orthanc.

Errors have the JSON form of Orthanc. No callback raises: Orthanc would write the text of the exception to its log.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any
from urllib.parse import unquote_plus

from sqlalchemy.exc import SQLAlchemyError

from orthanc_deid.host.gateway import Gateway, RestCallback, RestOutput, send_status

# Status -> (OrthancStatus, OrthancError), from the enumeration of error codes of Orthanc.
ORTHANC_ERRORS = {
    HTTPStatus.BAD_REQUEST: (8, "Bad request"),
    HTTPStatus.FORBIDDEN: (46, "Not allowed"),
    HTTPStatus.NOT_FOUND: (17, "Unknown resource"),
    HTTPStatus.CONFLICT: (6, "Bad sequence of calls"),
    HTTPStatus.UNPROCESSABLE_ENTITY: (46, "Not allowed"),
    HTTPStatus.GATEWAY_TIMEOUT: (10, "Timeout"),
    HTTPStatus.INTERNAL_SERVER_ERROR: (0, "Internal error"),
    HTTPStatus.SERVICE_UNAVAILABLE: (11, "Database error"),
}


@dataclass(frozen=True, slots=True)
class Request:
    """A request to a route. `groups` are the captured groups of the route's pattern."""

    method: str
    uri: str
    groups: tuple[str, ...] = ()
    query: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)  # names in lower case


@dataclass(frozen=True, slots=True)
class Response:
    """The response of a route: a JSON value, or bytes or text of another `media_type`."""

    content: Any
    status: HTTPStatus = HTTPStatus.OK
    media_type: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)


class RouteError(Exception):
    """An error response; `message` names keys and accepted values, never a value of a patient."""

    def __init__(self, status: HTTPStatus, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message


Handler = Callable[[Request], Response]


LEVEL_PATHS = ("patients", "studies", "series", "instances")

_PARAMETERS = {"level": f"({'|'.join(LEVEL_PATHS)})", "row": "([0-9]{1,18})"}
"""Patterns of path parameters that are more specific than one segment."""


@dataclass(frozen=True, slots=True)
class Route:
    """The handlers of one path by method. Parameters are written as in OpenAPI: `/{level}/{id}`."""

    path: str
    handlers: Mapping[str, Handler]

    @property
    def pattern(self) -> str:
        """The regular expression of the route for Orthanc."""
        return re.sub(r"\{(\w+)\}", lambda name: _PARAMETERS.get(name[1], "([^/]+)"), self.path)

    def register(self, gateway: Gateway) -> None:
        """Register the route with Orthanc; of two that match, the one registered first answers."""
        gateway.register_route(self.pattern, callback(self.handlers, gateway.log_error))


def callback(handlers: Mapping[str, Handler], log_error: Callable[[str], None]) -> RestCallback:
    """Return a callback for Orthanc that never raises."""

    def answer(output: RestOutput, uri: str, **given: Any) -> None:
        request = Request(
            method=given["method"],
            uri=uri,
            groups=tuple(given.get("groups") or ()),
            # Orthanc passes the query percent-encoded.
            query={name: unquote_plus(value) for name, value in (given.get("get") or {}).items()},
            body=given.get("body") or b"",
            headers=given.get("headers") or {},
        )
        handler = handlers.get(request.method)
        if handler is None:
            output.SendMethodNotAllowed(",".join(handlers))
            return
        try:
            result = handler(request)
        except RouteError as error:
            result = error_response(request, error.status, error.message)
        except SQLAlchemyError as error:
            log_error(f"{request.method} {uri}: the ledger failed ({type(error).__name__})")
            result = error_response(request, HTTPStatus.SERVICE_UNAVAILABLE, "the ledger does not answer")
        except Exception as error:  # noqa: BLE001 - Orthanc would print the text, which may hold a value
            log_error(f"{request.method} {uri}: {type(error).__name__}")
            result = error_response(request, HTTPStatus.INTERNAL_SERVER_ERROR, "internal error")
        send(output, result)

    return answer


def error_response(request: Request, status: HTTPStatus, message: str) -> Response:
    """Return an error in the form of Orthanc."""
    code, name = ORTHANC_ERRORS[status]
    content = {
        "HttpError": status.phrase,
        "HttpStatus": status.value,
        "Message": name,
        "Method": request.method,
        "OrthancError": name,
        "OrthancStatus": code,
        "Uri": request.uri,
        "Details": message,
    }
    return Response(content, status)


def send(output: RestOutput, response: Response) -> None:
    """Send a response; by default browsers must not cache it: states change, and a preview holds values."""
    for name, value in {"Cache-Control": "no-store", **response.headers}.items():
        output.SetHttpHeader(name, value)
    content = response.content
    if response.media_type == "application/json":
        content = json.dumps(content, indent=2) + "\n"
    if response.status == HTTPStatus.OK:
        output.AnswerBuffer(content, response.media_type)
    else:
        send_status(output, response.status.value, content)
