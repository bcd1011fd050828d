"""The folder run: the tree is the queue, workers do the files by chunks, the ledger takes them when they are done.

Nothing is written of a file before it is done with, and a chunk is delivered, synced and only then recorded: a run
that is killed at any moment goes on where it was, and at worst does once more what it did last.
"""

from __future__ import annotations

import os
import time
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, CancelledError, Future, wait
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import islice
from pathlib import Path

from orthanc_deid.cli.listing import Listing
from orthanc_deid.cli.records import Recorder
from orthanc_deid.cli.worker_setup import STORE
from orthanc_deid.errors import StoreError
from orthanc_deid.ledger.files import FileLedger, Known
from orthanc_deid.sources.folder import FileIds, FoundFile, Passed, walk
from orthanc_deid.stores.names import component
from orthanc_deid.work import Outcome, Result, State, Work
from orthanc_deid.workers import Crew

CHUNK_FILES = 32
CHUNK_BYTES = 64 << 20
CHUNKS_PER_WORKER = 2
"""In flight: the one that a worker has, and the one it goes on with."""

LOOKED_UP = 500
"""Files that the ledger is asked about at once."""

GIVE_UP_AFTER = 3
"""Chunks in a row of which the output folder took nothing."""

_DIED = "a worker died of it"
_STORE_FAILED = "store"


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
    """Where a run reads and writes: absolute, resolved."""

    root: Path
    output: Path
    profile: str
    want_mapping: bool = False


@lru_cache(maxsize=64)
def _folder_of(output: Path, *identifiers: str) -> str:
    return os.path.join(output, *map(component, identifiers), "")  # noqa: PTH118 - hot


class FolderRun:
    """One run. `progress` may be read at any time by whoever shows it."""

    def __init__(
        self,
        folders: RunFolders,
        ids: FileIds,
        ledger: FileLedger,
        crew: Crew,
        workers: int,
        listing: Listing,
    ) -> None:
        self.progress = Progress()
        self._folders = folders
        self._ids = ids
        self._ledger = ledger
        self._crew = crew
        self._most = workers * CHUNKS_PER_WORKER
        self._listing = listing
        self._recorder = Recorder(ledger, listing, folders.want_mapping)
        self._flying: dict[Future[list[Outcome]], Sequence[Work]] = {}
        self._files: dict[int, tuple[bytes, FoundFile]] = {}  # of the works in flight and waiting
        self._numbers = 0
        self._suspects: deque[Work] = deque()
        self._in_vain = 0

    def turns(self) -> Iterator[None]:
        """Run; every step of the iterator is a moment at which the progress may be shown.

        Raises StoppedError where it cannot go on. What is recorded by then is safe, and stays.
        """
        try:
            for work in self._chunks():
                if work is not None:
                    yield from self._until_room()
                    self._fly(work)
                yield
            while self._flying or self._suspects:
                yield from self._collect()
            self._recorder.write()
        except StoreError as error:
            raise StoppedError(f"{error}; run the same command again to go on") from None
        except OSError as error:
            raise StoppedError(f"the report folder failed: {error.strerror}") from None
        finally:
            self._crew.end()

    def save(self) -> None:
        """Record what has come to an end but was not recorded yet: for a run that is interrupted."""
        self._recorder.write()

    # --- what is to be done

    def _chunks(self) -> Iterator[list[Work] | None]:
        """Yield chunks of works; None where files were found that need no work."""
        chunk: list[Work] = []
        size = 0
        for wanted in self._wanted():
            if wanted is None:
                yield None
                continue
            file_id, file = wanted
            if chunk and (len(chunk) >= CHUNK_FILES or size + file.size > CHUNK_BYTES):
                yield chunk
                chunk, size = [], 0
            chunk.append(self._work(file_id, file))
            size += file.size
        if chunk:
            yield chunk

    def _work(self, file_id: bytes, file: FoundFile) -> Work:
        self._numbers += 1
        self._files[self._numbers] = file_id, file
        return Work(self._numbers, 0, file.path, file.modified, self._folders.profile, STORE)

    def _wanted(self) -> Iterator[tuple[bytes, FoundFile] | None]:
        """Yield the files that are not finished; None after each look into the ledger."""
        found = walk(self._folders.root)
        while batch := list(islice(found, LOOKED_UP)):
            files = [(self._ids.of(each), each) for each in batch if isinstance(each, FoundFile)]
            for each in batch:
                if isinstance(each, Passed):
                    self._pass(each)
            self.progress.found += len(files)
            known = self._ledger.known([file_id for file_id, _ in files])
            for file_id, file in files:
                before = known.get(file_id)
                if before is None or not self._is_finished(before):
                    yield file_id, file
                else:
                    self._skip(before, file)
            yield None

    def _pass(self, passed: Passed) -> None:
        self.progress.passed += 1
        self.progress.failed_folders += passed.failed
        self._listing.add_passed(passed)

    def _is_finished(self, known: Known) -> bool:
        """Whether nothing would come of doing it again; an output that is no longer there is made again."""
        state = known.state
        if state == State.QUARANTINED:
            return known.rule != _DIED and not known.rule.startswith("unexpected")
        if state in (State.DELIVERED, State.DUPLICATE):
            return self._is_there(known) and (known.mapped or not self._folders.want_mapping)
        return bool(state == State.IGNORED)

    def _is_there(self, known: Known) -> bool:
        folder = _folder_of(self._folders.output, known.patient_id, known.study, known.series)
        return os.path.lexists(f"{folder}{component(known.sop_instance)}.dcm")

    def _skip(self, known: Known, file: FoundFile) -> None:
        self.progress.done_before += 1
        if known.state not in (State.DELIVERED, State.DUPLICATE):
            self._listing.add(known.id, file.path, State(known.state), known.rule, known.reason)

    # --- workers

    def _until_room(self) -> Iterator[None]:
        while len(self._flying) >= self._most or self._suspects:
            yield from self._collect()

    def _fly(self, works: Sequence[Work]) -> None:
        try:
            future = self._crew.submit(works)
        except (OSError, BrokenExecutor) as error:
            if not self._flying:
                raise StoppedError(f"no worker can be started ({type(error).__name__})") from None
            self._suspects.extend(works)
            return
        self._flying[future] = works

    def _collect(self) -> Iterator[None]:
        """Take what has ended; if a worker died, try what was in flight once more, file by file."""
        ended, _ = wait(self._flying, timeout=0.2, return_when=FIRST_COMPLETED)
        for future in ended:
            works = self._flying.pop(future)
            try:
                self._take(future.result())
            except (BrokenExecutor, CancelledError):
                self._suspects.extend(works)
        yield
        if self._suspects and not self._flying:
            yield from self._one_by_one()

    def _one_by_one(self) -> Iterator[None]:
        self._crew.end()
        while self._suspects:
            work = self._suspects.popleft()
            self._fly([work])
            if not self._flying:
                continue
            future = next(iter(self._flying))
            while not wait([future], timeout=0.2).done:
                yield
            del self._flying[future]
            try:
                self._take(future.result())
            except (BrokenExecutor, CancelledError):
                self._crew.end()
                self._take([Outcome(work, Result.QUARANTINED, _DIED, _DIED)])
            yield

    def _take(self, outcomes: Sequence[Outcome]) -> None:
        """Count and record outcomes; StoppedError where the output folder takes nothing any more."""
        stored = failed = 0
        for outcome in outcomes:
            file_id, file = self._files.pop(outcome.work.id)
            state = self._recorder.add(file_id, file, outcome)
            self.progress.add(state)
            self.progress.size += file.size
            stored += state in (State.DELIVERED, State.DUPLICATE)
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
