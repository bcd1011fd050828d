"""The route of the report: counts, reasons, actions, throughput, partial studies and losses; as JSON or a page."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

from orthanc_deid.host.context import Context
from orthanc_deid.host.http import Request, Response, Route
from orthanc_deid.host.resources import instances_of, study_of
from orthanc_deid.host.routes.quarantine_reasons import TASKS_EXAMINED, tags_content
from orthanc_deid.host.routes.request_params import number_of
from orthanc_deid.host.routes.serializers import (
    HELD_BACK_SHOWN,
    SENT_SHOWN,
    iso,
    key,
    row_content,
    study_state,
)
from orthanc_deid.host.routes.study_routes import current
from orthanc_deid.ledger.queue.views import FactCounts, HourCount, QueueCounts, TaskRow
from orthanc_deid.pipeline.tasks import HELD_BACK, State
from orthanc_deid.report.server.server_report_page import server_report_page
from orthanc_deid.version import __version__

K = TypeVar("K", str, tuple[str, str])

HOURS = 48
MOST_HOURS = 24 * 366
ROWS_EXAMINED = 500
"""Tasks of each state that are examined for the list of partial studies; the report says if there are more."""


class ReportRoutes:
    """The route of the report."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def table(self) -> list[Route]:
        """Return the route."""
        return [Route("/deidentify/report", {"GET": self.report})]

    def report(self, request: Request) -> Response:
        """Return the report over all tasks, with the throughput of the last `hours`."""
        now = time.time()
        hours = min(number_of(request, "hours", HOURS, least=1) or HOURS, MOST_HOURS)
        content = self.content(now, hours)
        if _wants_html(request.headers.get("accept", "")):
            return Response(server_report_page(content), media_type="text/html; charset=utf-8")
        return Response(content)

    def content(self, now: float, hours: int) -> dict[str, Any]:
        """Return the report as JSON shows it."""
        ledger = self._context.ledger
        counts = ledger.counts()
        held = {state: ledger.rows(state, ROWS_EXAMINED) for state in HELD_BACK_SHOWN}
        reasons = [each for state in HELD_BACK_SHOWN for each in ledger.held_back(state, most=TASKS_EXAMINED)]
        mean = counts.seconds_sum / counts.seconds_count if counts.seconds_count else None
        return {
            "Version": __version__,
            "Time": iso(now),
            "Trouble": self._context.trouble(),
            "Counts": _counts(counts.states),
            "Stores": {name: _counts(counts.stores.get(name, {})) for name in _names(self._context, counts)},
            "MeanSeconds": mean,
            "Rules": {key(state): dict(ledger.rules(state)) for state in HELD_BACK_SHOWN},
            "Tags": tags_content(reasons),
            "TagsComplete": all(counts[state] <= TASKS_EXAMINED for state in HELD_BACK_SHOWN),
            **_facts(ledger.facts()),
            "Hours": _hours(ledger.hours(int(now // 3600) - hours + 1)),
            "PartialStudies": self._partial(row for rows in held.values() for row in rows),
            "PartialStudiesComplete": all(len(rows) < ROWS_EXAMINED for rows in held.values()),
            "Lost": [row_content(row) for row in held[State.LOST]],
        }

    def _partial(self, held: Iterable[TaskRow]) -> list[dict[str, Any]]:
        """Return the studies with instances held back; instances that Orthanc no longer holds are left out."""
        studies: dict[str, None] = {}
        for instance in dict.fromkeys(row.instance for row in held):
            study = study_of(self._context.gateway, instance)
            if study is not None:
                studies[study] = None
        found = []
        for study in studies:
            instances = instances_of(self._context.gateway, "studies", study)
            if instances is None:
                continue  # deleted since
            rows = current(self._context.ledger.rows_of(instances))
            state = study_state(row.state for row in rows)
            if any(row.state in HELD_BACK for row in rows):
                found.append(
                    {"ID": study, "Path": f"/deidentify/studies/{study}", "State": state, **_sums(rows)}
                )
        return found


def _counts(states: Mapping[State, int]) -> dict[str, int]:
    waiting = states.get(State.PENDING, 0) + states.get(State.CLAIMED, 0)
    finished = {key(state): states.get(state, 0) for state in (*SENT_SHOWN, *HELD_BACK_SHOWN, State.IGNORED)}
    return {"Pending": waiting, **finished}


def _names(context: Context, counts: QueueCounts) -> list[str]:
    """Return the stores of the settings, and those of earlier settings that have tasks."""
    return sorted({*context.settings.stores, *counts.stores} - {""})


def _sums(rows: Iterable[TaskRow]) -> dict[str, int]:
    sums = {key(state): 0 for state in (*SENT_SHOWN, *HELD_BACK_SHOWN)}
    for row in rows:
        if key(row.state) in sums:
            sums[key(row.state)] += 1
    return sums


def _facts(facts: FactCounts) -> dict[str, Any]:
    """Return the sums of the facts of all deliveries, the highest counts first."""
    return {
        "Actions": [
            {"Action": action, "Rule": rule, "Count": count}
            for (action, rule), count in _highest_first(facts.actions)
        ],
        "Codes": _named_counts(facts.codes),
        "Notes": _named_counts(facts.notes),
        "LeftOut": _named_counts(facts.left_out),
    }


def _named_counts(counts: Mapping[str, int]) -> list[dict[str, Any]]:
    return [{"Name": name, "Count": count} for name, count in _highest_first(counts)]


def _highest_first(counts: Mapping[K, int]) -> list[tuple[K, int]]:
    return sorted(counts.items(), key=lambda item: (-item[1], item[0]))


def _hours(hours: Iterable[HourCount]) -> list[dict[str, Any]]:
    found: dict[int, dict[str, Any]] = {}
    for each in hours:
        row = found.setdefault(each.hour, {"Hour": iso(each.hour * 3600), "Seconds": 0.0})
        row[key(each.state)] = each.count
        row["Seconds"] = round(row["Seconds"] + each.seconds, 3)
    return list(found.values())


def _wants_html(accept: str) -> bool:
    """Whether the client prefers HTML: text/html is named, and JSON is not named before it."""
    named = [part.split(";")[0].strip().lower() for part in accept.split(",")]
    return "text/html" in named and "application/json" not in named[: named.index("text/html")]
