"""Record outcomes: rows, counts and mapping pairs of many files, written in one transaction."""

from __future__ import annotations

from orthanc_deid.cli.run.quarantine_csv import QuarantineCsv
from orthanc_deid.ledger.folder_run.file_ledger import FileLedger
from orthanc_deid.ledger.folder_run.file_rows import FileRow, KnownFile, RecordBatch
from orthanc_deid.pipeline.facts import Facts
from orthanc_deid.pipeline.tasks import CONFLICT, SENT, Outcome, Output, State, state_of
from orthanc_deid.sources.folder_source import FoundFile
from orthanc_deid.stores.output_names import output_name

AT_LEAST = 256
"""Files that are recorded without waiting for more."""

AT_LATEST = 1.0
"""Seconds after which outcomes are recorded at the latest: the work that is repeated after a kill -9."""

_SEPARATOR = "\t"  # between the parts of a tally's name; no rule contains it


def name_of(result: Output | KnownFile | FileRow) -> str:
    """Return the name under which the output folder holds a result."""
    if isinstance(result, Output):
        identifiers = (result.study_instance_uid, result.series_instance_uid, result.sop_instance_uid)
        return output_name(result.patient_id, *identifiers)
    return output_name(result.patient_id, result.study, result.series, result.sop_instance)


class Recorder:
    """Gathers outcomes and writes them to the ledger, and those not delivered to quarantine.csv."""

    def __init__(self, ledger: FileLedger, quarantine: QuarantineCsv, want_mapping: bool) -> None:
        self._ledger = ledger
        self._quarantine = quarantine
        self._want_mapping = want_mapping
        self._batch = RecordBatch()
        self._since: float | None = None

    def add(self, file_id: bytes, file: FoundFile, outcome: Outcome) -> State:
        """Add one outcome; returns the state that it leads to."""
        state = state_of(outcome.result)
        facts = outcome.facts or Facts()
        self._batch.rows.append(self._row(file_id, file, outcome, state, facts))
        if state in SENT:
            self._tally(facts)
            if self._want_mapping:
                self._map(facts)
        else:
            for line in facts.findings:
                self._count("finding", line)
            self._quarantine.add(file_id, file.path, state, outcome.rule, outcome.reason)
        if outcome.rule == CONFLICT and outcome.output is not None:
            self._batch.conflicts.add(name_of(outcome.output))
        return state

    def correct(self, before: KnownFile, file: FoundFile, outcome: Outcome) -> None:
        """Replace the record of a file by the outcome of its repeated delivery."""
        state = state_of(outcome.result)
        facts = outcome.facts or Facts()
        self._batch.rows.append(self._row(before.id, file, outcome, state, facts))
        was, now = before.state in SENT, state in SENT
        if now and not was:
            self._tally(facts)
            if self._want_mapping:
                self._map(facts)
        if was and not now:
            self._tally(facts, -1)
        if not was and (now or before.rule != outcome.rule):
            self._quarantine.retract(before.id)
        if not now and (was or before.rule != outcome.rule):
            self._quarantine.add(before.id, file.path, state, outcome.rule, outcome.reason)

    def resolve(self, names: frozenset[str]) -> None:
        """Note that the conflicts over these names are resolved, and write everything."""
        self._batch.resolved = names
        self.write()

    def _row(self, file_id: bytes, file: FoundFile, outcome: Outcome, state: State, facts: Facts) -> FileRow:
        output = outcome.output
        return FileRow(
            id=file_id,
            state=state,
            rule=outcome.rule,
            reason=outcome.reason,
            profile=facts.profile,
            sop_class=facts.sop_class,
            patient_id=output.patient_id if output else "",
            study=output.study_instance_uid if output else facts.study,
            series=output.series_instance_uid if output else "",
            sop_instance=output.sop_instance_uid if output else "",
            size=file.size,
            seconds=outcome.seconds,
            mapped=self._want_mapping and state in SENT,
        )

    def _tally(self, facts: Facts, times: int = 1) -> None:
        for (action, rule), number in facts.actions:
            self._count("action", f"{action}{_SEPARATOR}{rule}", number * times)
        for code in facts.codes:
            self._count("code", code, times)
        for note in facts.notes:
            self._count("note", note, times)
        for kind, number in facts.left_out:
            self._count("left out", kind, number * times)

    def _count(self, kind: str, name: str, number: int = 1) -> None:
        tallies = self._batch.tallies
        tallies[kind, name] = tallies.get((kind, name), 0) + number

    def _map(self, facts: Facts) -> None:
        for old, new in facts.uids:
            self._batch.mapping["uid", old] = new
        if facts.patient is not None:
            self._batch.mapping["patient", facts.patient[0]] = facts.patient[1]

    def write_if_due(self, now: float) -> None:
        """Write if there are enough outcomes, or old enough ones; `now` in seconds of a monotonic clock."""
        if self._since is None:
            self._since = now
        if len(self._batch.rows) >= AT_LEAST or now - self._since >= AT_LATEST:
            self.write()

    def write(self) -> None:
        """Write everything gathered; raises StoreError if the ledger fails."""
        if self._batch.rows or self._batch.resolved:
            self._ledger.write(self._batch)
        self._batch = RecordBatch()
        self._since = None
