"""What is asked of us over HTTP, in Orthanc's manner: state, a job's start, a job's state."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping, Sequence
from http import HTTPStatus
from typing import Any

from orthanc_deid.config import Settings
from orthanc_deid.host.answers import Answer, Request, RouteError, route
from orthanc_deid.host.gateway import Gateway
from orthanc_deid.host.resources import instances_of
from orthanc_deid.ledger.ledger import Ledger
from orthanc_deid.ledger.views import Job, JobState
from orthanc_deid.version import __version__
from orthanc_deid.work import State

JOBS = "/deidentify/jobs"
LEVELS = ("patients", "studies", "series", "instances")
BODY_KEYS = ("Profile", "Store")

SENT = (State.DELIVERED, State.DUPLICATE)
HELD_BACK = (State.QUARANTINED, State.FAILED, State.LOST)
ASKED_FOR = 1
"""The priority of work that somebody asked for: before what was merely received."""


class Routes:
    """The routes.

    `catch_up` waits until the ledger knows what Orthanc has received, `ring` says that there is new work, and
    `trouble` says what is wrong at this moment, or None.
    """

    def __init__(
        self,
        gateway: Gateway,
        settings: Settings,
        profiles: Mapping[str, str],
        ledger: Ledger,
        catch_up: Callable[[], None],
        ring: Callable[[], None],
        trouble: Callable[[], str | None],
    ) -> None:
        self._gateway = gateway
        self._settings = settings
        self._profiles = profiles
        self._ledger = ledger
        self._catch_up = catch_up
        self._ring = ring
        self._trouble = trouble

    def register(self) -> None:
        """Hang the routes into Orthanc's REST API."""
        route(self._gateway, "/deidentify", {"GET": self.status})
        route(self._gateway, f"/({'|'.join(LEVELS)})/([^/]+)/deidentify", {"POST": self.start_job})
        route(self._gateway, f"{JOBS}/([^/]+)", {"GET": self.job})

    def status(self, _request: Request) -> Answer:
        """Say what there is and how far the work is: 503 while work cannot go on, for the healthcheck."""
        trouble = self._trouble()
        counts = self._ledger.counts()
        content = {
            "Version": __version__,
            "State": "Impaired" if trouble else "Running",
            "Trouble": trouble,
            "DefaultProfile": self._settings.profile,
            "Profiles": dict(self._profiles),
            "Stores": {
                name: {"Type": store.type, "Profiles": list(self._settings.admitted(name))}
                for name, store in self._settings.stores.items()
            },
            "Pending": counts[State.PENDING] + counts[State.CLAIMED],
            "OldestPendingSeconds": self._ledger.oldest_pending_seconds(time.time()),
            **{_key(state): counts[state] for state in (*SENT, *HELD_BACK, State.IGNORED)},
        }
        return Answer(content, HTTPStatus.SERVICE_UNAVAILABLE if trouble else HTTPStatus.OK)

    def start_job(self, request: Request) -> Answer:
        """Record a job for a resource, and answer where its state can be read."""
        level, resource = request.groups
        profile, store = self._wanted(_body(request.body))
        instances = instances_of(self._gateway, level, resource)
        if instances is None:
            raise RouteError(HTTPStatus.NOT_FOUND, f"Orthanc holds no such resource among its {level}")
        seqs = self._seqs(instances)
        job = self._ledger.add_job(level, resource, profile, [store], seqs.items(), time.time(), ASKED_FOR)
        self._ring()
        return Answer({"ID": job.id, "Path": f"{JOBS}/{job.id}"})

    def job(self, request: Request) -> Answer:
        """Say how far a job is."""
        job = self._ledger.job(request.groups[0])
        if job is None:
            raise RouteError(HTTPStatus.NOT_FOUND, "there is no such job")
        return Answer(job_content(job))

    def _seqs(self, instances: Sequence[str]) -> dict[str, int]:
        """Return under which Seq each instance was received last; 0 where that was before our time.

        What was received just now is waited for: under an unknown Seq it would be done once more when the feed
        brings it.
        """
        if self._ledger.unknown(instances):
            self._catch_up()
        seqs = dict.fromkeys(instances, 0)
        for row in self._ledger.rows_of(instances):
            seqs[row.instance] = max(seqs[row.instance], row.seq)
        return seqs

    def _wanted(self, body: Mapping[str, Any]) -> tuple[str, str]:
        """Return profile and store; 400 naming the key, or 403 where the store does not admit the profile."""
        for key in body:
            if key not in BODY_KEYS:
                raise RouteError(
                    HTTPStatus.BAD_REQUEST, f"unknown key {key}; accepted: {', '.join(BODY_KEYS)}"
                )
        profile = _choice(body, "Profile", self._profiles, self._settings.profile)
        stores = self._settings.stores
        store = _choice(body, "Store", stores, next(iter(stores)) if len(stores) == 1 else None)
        admitted = self._settings.admitted(store)
        if profile not in admitted:
            raise RouteError(
                HTTPStatus.FORBIDDEN,
                f"the store {store} does not admit {profile}; it admits: {', '.join(admitted)}",
            )
        return profile, store


def job_content(job: Job) -> dict[str, Any]:
    """Return a job as its route shows it."""
    return {
        "ID": job.id,
        "Path": f"{JOBS}/{job.id}",
        "State": job_state(job),
        "Progress": job.progress,
        "Resource": f"/{job.level}/{job.resource}",
        "Profile": job.profile,
        "Stores": list(job.stores),
        "CreationTime": _iso(job.created),
        "CompletionTime": None if job.finished is None else _iso(job.finished),
        "Total": job.total,
        "Pending": job.open,
        **{
            _key(state): job.counts.get(state, 0)
            for state in (*SENT, *HELD_BACK, State.CANCELLED, State.SUPERSEDED)
        },
    }


def job_state(job: Job) -> str:
    """Return Orthanc's word for a job's state, or `Partial` where something of it was not delivered (design D6)."""
    if job.state is JobState.CANCELLED:
        return "Cancelled"
    if job.open:
        return "Running" if job.open < job.total or job.counts.get(State.CLAIMED) else "Pending"
    if not any(job.counts.get(state) for state in HELD_BACK):
        return "Success"
    return "Partial" if any(job.counts.get(state) for state in SENT) else "Failure"


def _body(body: bytes) -> Mapping[str, Any]:
    if not body.strip():
        return {}
    try:
        parsed = json.loads(body)
    except ValueError:
        parsed = None
    if not isinstance(parsed, dict):
        raise RouteError(
            HTTPStatus.BAD_REQUEST, f"the body must be a JSON object; accepted: {', '.join(BODY_KEYS)}"
        )
    return parsed


def _choice(body: Mapping[str, Any], key: str, accepted: Mapping[str, object], default: str | None) -> str:
    chosen = body.get(key, default)
    if not isinstance(chosen, str) or chosen not in accepted:
        raise RouteError(HTTPStatus.BAD_REQUEST, f"{key}: accepted: {', '.join(accepted)}")
    return chosen


def _key(state: State) -> str:
    return state.value.capitalize()


def _iso(seconds: float) -> str:
    """Return a time as Orthanc's jobs show it: UTC, yyyymmddThhmmss."""
    return time.strftime("%Y%m%dT%H%M%S", time.gmtime(seconds))
