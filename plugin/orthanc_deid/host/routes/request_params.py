"""Parameters of requests: JSON body and query, checked key by key; an error 400 names the wrong key."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from orthanc_deid.host.context import Context
from orthanc_deid.host.http import Request, RouteError

PRIORITIES = (-1000, 1000)
ASKED_FOR = 1
"""The priority of requested tasks: above those of received instances."""

JOB_KEYS = ("Profile", "Store", "Stores", "Synchronous", "Asynchronous", "Priority")
"""Keys of a request that starts a job."""

RETRY_KEYS = ("State", "Rule", "Store")
"""Keys of a request that retries tasks that are held back."""

RELEASE_KEYS = ("Profile", "Store")
"""Keys of a request that releases a quarantined instance by another profile."""

ANONYMIZE_KEYS = ("Synchronous", "Asynchronous", "Priority")
"""Keys of Orthanc's own anonymize routes that have an effect."""

UNHEEDED_KEYS = (
    "DicomVersion",
    "Force",
    "Keep",
    "KeepLabels",
    "KeepSource",
    "Permissive",
    "PrivateCreator",
    "Remove",
    "RemovePrivateTags",
    "Replace",
    "Transcode",
)
"""Keys of those routes that are accepted without effect, so that existing callers need no change."""

BULK_KEY = "Resources"
"""The key of the bulk route that lists what is to be de-identified."""

MOST_ROWS = 1000
"""Rows that one response lists at most."""


@dataclass(frozen=True, slots=True)
class JobParams:
    """The parameters of a job. `stores` is empty if none is named, `synchronous` None if the request does not say."""

    profile: str
    stores: tuple[str, ...]
    synchronous: bool | None
    priority: int


def bad(message: str) -> RouteError:
    """Return the error 400 for a request."""
    return RouteError(HTTPStatus.BAD_REQUEST, message)


def body_of(request: Request, accepted: Collection[str]) -> Mapping[str, Any]:
    """Return the body, a JSON object with accepted keys only; an empty body is an empty object."""
    if not request.body.strip():
        return {}
    try:
        parsed = json.loads(request.body)
    except (ValueError, RecursionError):
        parsed = None
    if not isinstance(parsed, dict):
        raise bad(f"the body must be a JSON object; accepted: {', '.join(accepted)}")
    for key in parsed:
        if key not in accepted:
            raise bad(f"unknown key {key}; accepted: {', '.join(accepted)}")
    return parsed


def job_params(context: Context, request: Request) -> JobParams:
    """Return the job that the body describes; RouteError 403 if a store does not admit the profile."""
    body = body_of(request, JOB_KEYS)
    profile = choice(body, "Profile", context.profiles, context.settings.profile)
    stores = _stores(body, context.settings.stores)
    context.must_admit(stores, profile)
    return JobParams(profile, stores, synchronous(body), priority(body))


def choice(body: Mapping[str, Any], key: str, accepted: Collection[str], default: str | None) -> str:
    """Return the value of `key` in the body, which must be among `accepted`."""
    chosen = body.get(key, default)
    if not isinstance(chosen, str) or chosen not in accepted:
        raise bad(f"{key}: accepted: {', '.join(accepted)}")
    return chosen


def _stores(body: Mapping[str, Any], accepted: Collection[str]) -> tuple[str, ...]:
    if "Store" in body and "Stores" in body:
        raise bad("Stores: accepted: Store or Stores, not both")
    if "Stores" not in body:
        return (choice(body, "Store", accepted, None),) if "Store" in body else ()
    named = body["Stores"]
    if not isinstance(named, list) or not named or any(one not in accepted for one in map(str, named)):
        raise bad(f"Stores: accepted: a list of {', '.join(accepted)}")
    return tuple(dict.fromkeys(map(str, named)))


def synchronous(body: Mapping[str, Any]) -> bool | None:
    """Return the value of Synchronous, or the opposite of Asynchronous; None if the body has neither."""
    said = {}
    for key in ("Synchronous", "Asynchronous"):
        if key in body:
            if not isinstance(body[key], bool):
                raise bad(f"{key}: accepted: true, false")
            said[key] = body[key] is (key == "Synchronous")
    if len(set(said.values())) > 1:
        raise bad("Asynchronous: accepted: the opposite of Synchronous")
    return next(iter(said.values()), None)


def priority(body: Mapping[str, Any]) -> int:
    """Return the priority in the body."""
    number = body.get("Priority", ASKED_FOR)
    least, most = PRIORITIES
    if isinstance(number, bool) or not isinstance(number, int) or not least <= number <= most:
        raise bad(f"Priority: accepted: a whole number from {least} to {most}")
    return number


def flag(request: Request, key: str) -> bool:
    """Return a flag from the query, false by default."""
    text = request.query.get(key) or "false"
    if text not in ("true", "false"):
        raise bad(f"{key}: accepted: true, false")
    return text == "true"


def number_of(request: Request, key: str, default: int | None, least: int = 0) -> int | None:
    """Return a whole number from the query."""
    text = request.query.get(key)
    if text is None or not text:
        return default
    if not text.isascii() or not text.isdigit() or len(text) > 18 or int(text) < least:
        raise bad(f"{key}: accepted: a whole number, {least} or more")
    return int(text)


def limit_of(request: Request) -> int:
    """Return the number of rows that the query asks for."""
    return min(number_of(request, "limit", 100, least=1) or 100, MOST_ROWS)
