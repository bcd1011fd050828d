"""Requests and answers as values, and the one place where they meet Orthanc's callbacks.

Errors have Orthanc's own JSON form. No callback ever raises: Orthanc would print the exception's text in its log.
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

# Orthanc's own error for a status: (OrthancStatus, OrthancError), as in its enumeration of error codes.
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
    """A request to one of our routes. `groups` are what the route's pattern captured."""

    method: str
    uri: str
    groups: tuple[str, ...] = ()
    query: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)  # names in lower case


@dataclass(frozen=True, slots=True)
class Response:
    """An answer and its status: a JSON value, or bytes or text of another `media_type`; with further headers."""

    content: Any
    status: HTTPStatus = HTTPStatus.OK
    media_type: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)


class RouteError(Exception):
    """An answer that is an error; `message` names keys and what is accepted, never a patient's value."""

    def __init__(self, status: HTTPStatus, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message


Handler = Callable[[Request], Response]


LEVELS = ("patients", "studies", "series", "instances")

_PLACES = {"level": f"({'|'.join(LEVELS)})", "row": "([0-9]{1,18})"}
"""What a place in a path may be, where that is not any one segment."""


@dataclass(frozen=True, slots=True)
class Route:
    """The handlers of one path by method. A place in it is written as OpenAPI writes it: `/{level}/{id}`."""

    path: str
    handlers: Mapping[str, Handler]

    @property
    def pattern(self) -> str:
        """The regular expression by which Orthanc finds the route."""
        return re.sub(r"\{(\w+)\}", lambda place: _PLACES.get(place[1], "([^/]+)"), self.path)

    def register(self, gateway: Gateway) -> None:
        """Hang the route into Orthanc's REST API; of two that match, the one registered first answers."""
        gateway.register_route(self.pattern, callback(self.handlers, gateway.log_error))


def callback(handlers: Mapping[str, Handler], log_error: Callable[[str], None]) -> RestCallback:
    """Return a callback for Orthanc that never raises."""

    def answer(output: RestOutput, uri: str, **given: Any) -> None:
        request = Request(
            method=given["method"],
            uri=uri,
            groups=tuple(given.get("groups") or ()),
            # Orthanc hands the query over as it came, percent signs and all.
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
            log_error(f"{request.method} {uri}: the ledger answers {type(error).__name__}")
            result = error_response(request, HTTPStatus.SERVICE_UNAVAILABLE, "the ledger does not answer")
        except Exception as error:  # noqa: BLE001 - Orthanc would print the text, which may hold a value
            log_error(f"{request.method} {uri}: {type(error).__name__}")
            result = error_response(request, HTTPStatus.INTERNAL_SERVER_ERROR, "internal error")
        send(output, result)

    return answer


def error_response(request: Request, status: HTTPStatus, message: str) -> Response:
    """Return an error in Orthanc's form."""
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


def send(output: RestOutput, answer: Response) -> None:
    """Send an answer. Where it does not say otherwise, no browser keeps it: states change, a preview holds values."""
    for name, value in {"Cache-Control": "no-store", **answer.headers}.items():
        output.SetHttpHeader(name, value)
    content = answer.content
    if answer.media_type == "application/json":
        content = json.dumps(content, indent=2) + "\n"
    if answer.status == HTTPStatus.OK:
        output.AnswerBuffer(content, answer.media_type)
    else:
        send_status(output, answer.status.value, content)
