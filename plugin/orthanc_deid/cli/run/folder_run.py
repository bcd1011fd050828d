"""The folder run: the tree is the queue, workers do the files by chunks, the ledger takes them when they are done.

Nothing is written of a file before it is done with, and a chunk is delivered, synced and only then recorded: a run
that is killed at any moment goes on where it was, and at worst does once more what it did last. Files whose results
turned out to have one name and other bytes are settled at the end (`settling`).
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from orthanc_deid.cli.run import conflict_resolution
from orthanc_deid.cli.run.conflict_resolution import Rival
from orthanc_deid.cli.run.existing_outputs import Present
from orthanc_deid.cli.run.output_stores import FIRST, STORE
from orthanc_deid.cli.run.quarantine_csv import Listing
from orthanc_deid.cli.run.recorder import Recorder, name_of
from orthanc_deid.errors import StoreError
from orthanc_deid.ledger.folder_run.file_ledger import FileLedger
from orthanc_deid.ledger.folder_run.file_rows import KnownFile
from orthanc_deid.pipeline.tasks import CONFLICT, SENT, Outcome, Result, State, Task
from orthanc_deid.sources.folder_source import FileIds, FoundFile, Passed, walk
from orthanc_deid.workers.batch_runner import BatchRunner, NoWorkersError, chunked
from orthanc_deid.workers.crash_isolation import CRASHED
from orthanc_deid.workers.pool import RestartablePool

LOOKED_UP = 500
"""Files that the ledger is asked about at once."""

GIVE_UP_AFTER = 3
"""Chunks in a row of which the output folder took nothing."""


class StoppedError(Exception):
    """The run cannot go on; the text says why and what to do."""


@dataclass(slots=True)
class Progress:
    """Counts of this run so far, in files; `done_before` were finished by an earlier one. `size` in bytes."""

    found: int = 0
    done_before: int = 0
    counts: dict[State, int] = field(default_factory=dict)
    passed: int = 0
    failed_folders: int = 0
    size: int = 0

    @property
    def done(self) -> int:
        """How many files have come to an end in this run."""
        return sum(self.counts.values())

    def add(self, state: State) -> None:
        """Count a file."""
        self.counts[state] = self.counts.get(state, 0) + 1


@dataclass(frozen=True, slots=True)
class RunFolders:
    """Where a run reads and writes: absolute, resolved. `present`: what lay in `output` when it began."""

    root: Path
    output: Path
    profile: str
    want_mapping: bool = False
    present: Present = field(default_factory=Present)


class FolderRun:
    """One run. `progress` may be read at any time by whoever shows it."""

    def __init__(
        self,
        folders: RunFolders,
        ids: FileIds,
        ledger: FileLedger,
        pool: RestartablePool,
        workers: int,
        listing: Listing,
    ) -> None:
        self.progress = Progress()
        self._folders = folders
        self._above = os.path.join(folders.output, "")  # noqa: PTH118 - a text, once: it is asked for each file
        self._ids = ids
        self._ledger = ledger
        self._runner = BatchRunner(pool, workers)
        self._listing = listing
        self._recorder = Recorder(ledger, listing, folders.want_mapping)
        self._files: dict[int, tuple[bytes, FoundFile]] = {}  # of the works in flight and waiting
        self._rivals: dict[int, Rival] = {}  # likewise, while it is settled which of them counts
        self._numbers = 0
        self._in_vain = 0

    def turns(self) -> Iterator[None]:
        """Run; every step of the iterator is a moment at which the progress may be shown.

        Raises StoppedError where it cannot go on. What is recorded by then is safe, and stays.
        """
        try:
            for outcomes in self._runner.run(chunked(self._tasks())):
                self._take(outcomes)
                yield
            self._recorder.write()
            while names := frozenset(self._ledger.conflicts(conflict_resolution.AT_ONCE)):
                yield from self._settle(names)
        except NoWorkersError as error:
            raise StoppedError(str(error)) from None
        except StoreError as error:
            raise StoppedError(f"{error}; run the same command again to go on") from None
        except OSError as error:
            raise StoppedError(f"the report folder failed: {error.strerror}") from None

    def save(self) -> None:
        """Record what has come to an end but was not recorded yet: for a run that is interrupted."""
        self._recorder.write()

    def _settle(self, names: frozenset[str]) -> Iterator[None]:
        """Find out which files' results have these names; the first ones must be there before the others come."""
        found = conflict_resolution.Settling(self._folders.root, self._ids, self._ledger, names)
        for first in (True, False):
            tasks = ((self._again(rival), rival.file.size) for rival in found.rivals(first))
            for outcomes in self._runner.run(chunked(tasks)):
                self._take(outcomes)
                yield
        self._recorder.settle(names)

    # --- what is to be done

    def _tasks(self) -> Iterator[tuple[Task, int] | None]:
        """Yield what is to be done, with the files' sizes; None after each look into the ledger."""
        found = walk(self._folders.root)
        while batch := list(islice(found, LOOKED_UP)):
            files = {}
            for each in batch:
                if isinstance(each, Passed):
                    self._pass(each)
                else:
                    files[self._ids.of(each)] = each
            self.progress.found += len(files)
            known = self._ledger.known(tuple(files))
            for file_id, file in files.items():
                before = known.get(file_id)
                if before is None or not self._is_finished(before):
                    yield self._task(file_id, file), file.size
                else:
                    self._skip(before, file)
            yield None

    def _task(self, file_id: bytes, file: FoundFile, store: str = STORE) -> Task:
        self._numbers += 1
        self._files[self._numbers] = file_id, file
        return Task(self._numbers, 0, file.path, file.modified, self._folders.profile, store)

    def _again(self, rival: Rival) -> Task:
        task = self._task(rival.known.id, rival.file, FIRST if rival.first else STORE)
        self._rivals[task.id] = rival
        return task

    def _pass(self, passed: Passed) -> None:
        self.progress.passed += 1
        self.progress.failed_folders += passed.failed
        self._listing.add_passed(passed)

    def _is_finished(self, known: KnownFile) -> bool:
        """Whether nothing would come of doing it again; an output that is no longer there is made again."""
        state = known.state
        if state in SENT:
            return self._is_there(known) and (known.mapped or not self._folders.want_mapping)
        if state == State.QUARANTINED:
            if known.rule == CONFLICT:
                return self._is_there(known)
            return known.rule != CRASHED and not known.rule.startswith("unexpected")
        return bool(state == State.IGNORED)

    def _is_there(self, known: KnownFile) -> bool:
        name = name_of(known)
        return name in self._folders.present or os.path.lexists(self._above + name)

    def _skip(self, known: KnownFile, file: FoundFile) -> None:
        self.progress.done_before += 1
        if known.state not in SENT:
            self._listing.add(known.id, file.path, State(known.state), known.rule, known.reason)

    # --- what became of it

    def _take(self, outcomes: Sequence[Outcome]) -> None:
        """Count and record outcomes; StoppedError where the output folder takes nothing any more."""
        stored = failed = 0
        for outcome in outcomes:
            file_id, file = self._files.pop(outcome.task.id)
            rival = self._rivals.pop(outcome.task.id, None)
            if rival is None:
                state = self._recorder.add(file_id, file, outcome)
                self.progress.add(state)
                self.progress.size += file.size
            else:
                self._recorder.correct(rival.known, file, outcome)
            stored += outcome.result in (Result.DELIVERED, Result.DUPLICATE)
            failed += outcome.result is Result.RETRY_STORE
        if failed:
            self._in_vain = 0 if stored else self._in_vain + 1
        elif stored:
            self._in_vain = 0
        self._recorder.write_if_due(time.monotonic())
        if self._in_vain >= GIVE_UP_AFTER:
            reason = next(o.reason for o in outcomes if o.result is Result.RETRY_STORE)
            self._recorder.write()
            raise StoppedError(
                f"{reason}; make the output folder usable and run the same command again to go on"
            )
