"""The folder run: walk the tree, hand files to workers in chunks, record their outcomes in the ledger.

A chunk is delivered and synced before its outcomes are recorded. A run that is killed at any moment therefore
continues where it was, and at worst repeats the last files. Files whose results have one name and different bytes
are resolved at the end (`conflict_resolution`).
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from orthanc_deid.cli.run import conflict_resolution
from orthanc_deid.cli.run.conflict_resolution import ContestedFile
from orthanc_deid.cli.run.existing_outputs import ExistingOutputs
from orthanc_deid.cli.run.mixed_patients import MixedPatients
from orthanc_deid.cli.run.output_stores import REPLACING_STORE, STORE, WITHDRAWING_STORE
from orthanc_deid.cli.run.quarantine_csv import QuarantineCsv
from orthanc_deid.cli.run.recorder import Recorder, name_of
from orthanc_deid.errors import UNEXPECTED, StoreError
from orthanc_deid.ledger.folder_run.file_ledger import FileLedger
from orthanc_deid.ledger.folder_run.file_rows import KnownFile
from orthanc_deid.pipeline.tasks import CONFLICT, MIXED_PATIENTS, SENT, Outcome, Result, State, Task
from orthanc_deid.sources.folder_source import FileIds, FoundFile, Skipped, walk
from orthanc_deid.workers.batch_runner import BatchRunner, NoWorkersError, chunked
from orthanc_deid.workers.crash_isolation import CRASHED
from orthanc_deid.workers.pool import RestartablePool

LOOKUP_SIZE = 500
"""Files that are looked up in the ledger with one query."""

MOST_FAILED_CHUNKS = 3
"""Chunks in a row of which the output folder took no file, after which the run stops."""


class StoppedError(Exception):
    """The run cannot continue; the text gives the reason and what to do."""


@dataclass(slots=True)
class Progress:
    """Counts of this run so far, in files; `done_before` were finished by an earlier run. `size` in bytes."""

    found: int = 0
    done_before: int = 0
    counts: dict[State, int] = field(default_factory=dict)
    skipped: int = 0
    failed_folders: int = 0
    size: int = 0

    @property
    def done(self) -> int:
        """The number of files with an outcome in this run."""
        return sum(self.counts.values())

    def add(self, state: State) -> None:
        """Count a file."""
        self.counts[state] = self.counts.get(state, 0) + 1


@dataclass(frozen=True, slots=True)
class FolderRunSettings:
    """Folders (absolute, resolved), profile and options of a run.

    `existing`: results in `output` when it began. `holds_mixed_studies`: studies under two PatientIDs.
    """

    root: Path
    output: Path
    profile: str
    want_mapping: bool = False
    existing: ExistingOutputs = field(default_factory=ExistingOutputs)
    holds_mixed_studies: bool = False


class FolderRun:
    """One run. `progress` may be read at any time."""

    def __init__(
        self,
        settings: FolderRunSettings,
        ids: FileIds,
        ledger: FileLedger,
        pool: RestartablePool,
        workers: int,
        quarantine: QuarantineCsv,
    ) -> None:
        self.progress = Progress()
        self._settings = settings
        self._above = os.path.join(settings.output, "")  # noqa: PTH118 - made once, for every file
        self._ids = ids
        self._ledger = ledger
        self._runner = BatchRunner(pool, workers)
        self._quarantine = quarantine
        self._recorder = Recorder(ledger, quarantine, settings.want_mapping)
        self._files: dict[int, tuple[bytes, FoundFile]] = {}  # of the tasks in flight and waiting
        self._contested: dict[int, ContestedFile] = {}  # likewise, while conflicts are resolved
        self._numbers = 0
        self._failed_chunks = 0

    def steps(self) -> Iterator[None]:
        """Run; after every step of the iterator the progress may be shown.

        Raises StoppedError where the run cannot continue. Outcomes recorded by then stay.
        """
        try:
            for outcomes in self._runner.run(chunked(self._tasks())):
                self._take(outcomes)
                yield
            self._recorder.write()
            while names := frozenset(self._ledger.conflicts(conflict_resolution.NAMES_AT_ONCE)):
                yield from self._resolve_conflicts(names)
            yield from self._withdraw_mixed_patients()
        except NoWorkersError as error:
            raise StoppedError(str(error)) from None
        except StoreError as error:
            raise StoppedError(f"{error}; run the same command again to go on") from None
        except OSError as error:
            raise StoppedError(f"the report folder failed: {error.strerror}") from None

    def save(self) -> None:
        """Record outcomes that are not recorded yet: for a run that is interrupted."""
        self._recorder.write()

    def _withdraw_mixed_patients(self) -> Iterator[None]:
        """Withdraw the results of instances, or whole studies, that were delivered under another PatientID."""
        if self._ledger.is_reported():
            return
        settings = self._settings
        found = MixedPatients(settings.root, self._ids, self._ledger, studies=settings.holds_mixed_studies)
        tasks = ((self._withdrawing_task(file, known), file.size) for file, known in found.files())
        for outcomes in self._runner.run(chunked(tasks)):
            self._take(outcomes)
            yield
        self._recorder.write()

    def _resolve_conflicts(self, names: frozenset[str]) -> Iterator[None]:
        """Deliver the first file of each name, and then the others, which are duplicates of it or in conflict."""
        found = conflict_resolution.ConflictResolution(self._settings.root, self._ids, self._ledger, names)
        for first in (True, False):
            tasks = (
                (self._repeat_task(contested), contested.file.size)
                for contested in found.contested_files(first)
            )
            for outcomes in self._runner.run(chunked(tasks)):
                self._take(outcomes)
                yield
        self._recorder.resolve(names)

    # --- tasks

    def _tasks(self) -> Iterator[tuple[Task, int] | None]:
        """Yield tasks with the sizes of their files; None after each query of the ledger."""
        found = walk(self._settings.root)
        while batch := list(islice(found, LOOKUP_SIZE)):
            files = {}
            for each in batch:
                if isinstance(each, Skipped):
                    self._skip(each)
                else:
                    files[self._ids.of(each)] = each
            self.progress.found += len(files)
            known = self._ledger.known(tuple(files))
            for file_id, file in files.items():
                before = known.get(file_id)
                if before is None or not self._is_finished(before):
                    yield self._task(file_id, file), file.size
                else:
                    self._keep(before, file)
            yield None

    def _task(self, file_id: bytes, file: FoundFile, store: str = STORE) -> Task:
        self._numbers += 1
        self._files[self._numbers] = file_id, file
        return Task(self._numbers, 0, file.path, file.modified, self._settings.profile, store)

    def _repeat_task(self, contested: ContestedFile) -> Task:
        task = self._task(contested.known.id, contested.file, REPLACING_STORE if contested.first else STORE)
        self._contested[task.id] = contested
        return task

    def _withdrawing_task(self, file: FoundFile, known: KnownFile) -> Task:
        task = self._task(known.id, file, WITHDRAWING_STORE)
        self._contested[task.id] = ContestedFile(file, known, first=False)
        return task

    def _skip(self, skipped: Skipped) -> None:
        self.progress.skipped += 1
        self.progress.failed_folders += skipped.failed
        self._quarantine.add_skipped(skipped)

    def _is_finished(self, known: KnownFile) -> bool:
        """Whether repeating the file would change nothing; an output that no longer exists is made again."""
        state = known.state
        if state in SENT:
            return self._is_there(known) and (known.mapped or not self._settings.want_mapping)
        if state == State.QUARANTINED:
            if known.rule == CONFLICT:
                return self._is_there(known)
            if known.rule == MIXED_PATIENTS:
                return self._settings.holds_mixed_studies
            return known.rule != CRASHED and not known.rule.startswith(UNEXPECTED)
        return bool(state == State.IGNORED)

    def _is_there(self, known: KnownFile) -> bool:
        name = name_of(known)
        return name in self._settings.existing or os.path.lexists(self._above + name)

    def _keep(self, known: KnownFile, file: FoundFile) -> None:
        self.progress.done_before += 1
        if known.state not in SENT:
            self._quarantine.add(known.id, file.path, State(known.state), known.rule, known.reason)

    # --- outcomes

    def _take(self, outcomes: Sequence[Outcome]) -> None:
        """Count and record outcomes; raises StoppedError where the output folder takes no files any more."""
        stored = failed = 0
        for outcome in outcomes:
            file_id, file = self._files.pop(outcome.task.id)
            contested = self._contested.pop(outcome.task.id, None)
            if contested is None:
                state = self._recorder.add(file_id, file, outcome)
                self.progress.add(state)
                self.progress.size += file.size
            else:
                self._recorder.correct(contested.known, file, outcome)
            stored += outcome.result in (Result.DELIVERED, Result.DUPLICATE)
            failed += outcome.result is Result.RETRY_STORE
        if failed:
            self._failed_chunks = 0 if stored else self._failed_chunks + 1
        elif stored:
            self._failed_chunks = 0
        self._recorder.write_if_due(time.monotonic())
        if self._failed_chunks >= MOST_FAILED_CHUNKS:
            reason = next(o.reason for o in outcomes if o.result is Result.RETRY_STORE)
            self._recorder.write()
            raise StoppedError(
                f"{reason}; make the output folder usable and run the same command again to go on"
            )
