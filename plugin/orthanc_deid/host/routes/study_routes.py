"""The route of a study: the state of each instance, its new identifiers, and the location of the results."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from orthanc_deid.host.context import Context, newest_seqs
from orthanc_deid.host.http import Request, Response, Route
from orthanc_deid.host.routes.serializers import key, row_content, study_state
from orthanc_deid.ledger.queue.views import TaskRow
from orthanc_deid.pipeline.tasks import SENT, WITHDRAWN, State
from orthanc_deid.stores.registry import ConfiguredStore


class StudyRoutes:
    """The route of a study."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def table(self) -> list[Route]:
        """Return the route."""
        return [Route("/deidentify/studies/{id}", {"GET": self.show})]

    def show(self, request: Request) -> Response:
        """Show the tasks of each instance that Orthanc holds of a study."""
        study = request.groups[0]
        instances = self._context.instances("studies", study)
        rows = current(self._context.ledger.rows_of(instances))
        seen = {row.instance for row in rows}
        states = [row.state for row in rows]
        unknown = len(set(instances) - seen)
        overall = study_state(states)
        if unknown and overall == "Delivered":
            overall = "Partial"
        return Response(
            {
                "ID": study,
                "Path": f"/studies/{study}",
                "State": overall,
                "Instances": len(instances),
                "Unknown": unknown,
                "Counts": {key(state): count for state, count in sorted(Counter(states).items())},
                "Results": _results(rows, self._context.stores),
                "Works": [self._task(row) for row in rows],
            }
        )

    def _task(self, row: TaskRow) -> dict[str, Any]:
        content = row_content(row)
        if row.output is not None:
            content["Output"] = {
                "PatientID": row.output.patient_id,
                "StudyInstanceUID": row.output.study_instance_uid,
                "SeriesInstanceUID": row.output.series_instance_uid,
                "SOPInstanceUID": row.output.sop_instance_uid,
            }
            if (store := self._context.stores.get(row.store)) is not None:
                content["Output"] |= store.result_location(row.output)
        return content


def current(rows: Iterable[TaskRow]) -> list[TaskRow]:
    """Return the current task of each instance, store and profile: the delivered one, or else the newest.

    Tasks of overwritten instances and cancelled tasks are left out. If an instance was delivered to a store, by any
    profile, its tasks that were held back for the same store are left out as well.
    """
    found = [row for row in rows if row.state not in WITHDRAWN]
    newest = newest_seqs({row.instance for row in found}, found)
    chosen: dict[tuple[str, str, str], TaskRow] = {}
    sent: set[tuple[str, str]] = set()
    for row in sorted(found, key=lambda each: each.id):
        if row.seq != newest[row.instance]:
            continue
        target = (row.instance, row.store, row.profile)
        if row.state in SENT or target not in chosen or chosen[target].state not in SENT:
            chosen[target] = row
        if row.state in SENT:
            sent.add((row.instance, row.store))
    return [
        row
        for row in chosen.values()
        if row.state in SENT or row.state is State.IGNORED or (row.instance, row.store) not in sent
    ]


def _results(rows: Iterable[TaskRow], stores: Mapping[str, ConfiguredStore]) -> list[dict[str, Any]]:
    """Return the resulting studies: store, profile, new identifiers, location in the store.

    A store that the settings no longer name has no location.
    """
    found: dict[tuple[str, str, str, str], int] = Counter()
    for row in rows:
        if row.state in SENT and row.output is not None:
            output = row.output
            found[row.store, row.profile, output.patient_id, output.study_instance_uid] += 1
    return [
        {
            "Store": store,
            "Profile": profile,
            "PatientID": patient,
            "StudyInstanceUID": study,
            "Instances": count,
            **(stores[store].study_location(patient, study).content() if store in stores else {}),
        }
        for (store, profile, patient, study), count in found.items()
    ]
