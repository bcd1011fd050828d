"""Which processes run the pipeline: a pool of spawned ones here, any `concurrent.futures.Executor` elsewhere.

A worker gives way to receipt (its priority is lowered), prints nothing (what pydicom warns of may hold values),
and ends when its parent dies or ends it.
"""

from __future__ import annotations

import gc
import logging
import multiprocessing
import os
import signal
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from multiprocessing.connection import Connection, wait
from threading import Thread
from typing import TYPE_CHECKING, Any, ParamSpec, Protocol, TypeVar

from orthanc_deid.pipeline.tasks import Outcome, Task
from orthanc_deid.system import interrupts_held, lower_priority

if (
    TYPE_CHECKING
):  # who only hands out works loads neither the engine nor, in a worker of a folder run, the ledger
    from orthanc_deid.config.key import Key
    from orthanc_deid.pipeline.pipeline import Pipeline
    from orthanc_deid.pipeline.process import Process
    from orthanc_deid.profile.model import Profile
    from orthanc_deid.sources.source import SourceSetup
    from orthanc_deid.stores.store import StoreSetup

_P = ParamSpec("_P")
_T = TypeVar("_T")

CHUNK = 8
"""Works handed to a worker at once; its stores are synced once per chunk."""

_PING_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class WorkerSetup:
    """All that a worker needs, picklable. `want_source_md5`: outcomes carry the MD5 of the fetched bytes.

    `admitted` names the profiles that each store admits (None: all). `ledger` is the URL of the ledger that knows our
    outputs; it is asked for instances that have a SOP Instance UID of our form, and opened for the first of them.
    `processes` makes the process of a profile; the default is `Deidentification`.
    """

    source: SourceSetup
    stores: tuple[StoreSetup, ...]
    profiles: tuple[Profile, ...]
    key: Key
    want_source_md5: bool = False
    admitted: Mapping[str, tuple[str, ...]] | None = None
    ledger: str | None = field(default=None, repr=False)
    processes: Callable[[Profile, Key], Process] | None = None

    def pipeline(self) -> Pipeline:
        """Return the pipeline of one worker; nothing is opened or compiled before it is needed."""
        from orthanc_deid.ledger.queue.known_uids import KnownUids
        from orthanc_deid.pipeline.pipeline import Pipeline, PipelineOptions

        make = self.processes or default_process
        makers = {profile.name: partial(make, profile, self.key) for profile in self.profiles}
        known = None if self.ledger is None else KnownUids(self.ledger)
        options = PipelineOptions(self.want_source_md5, admitted=self.admitted, own_uid=known)
        return Pipeline(self.source, self.stores, makers, options)


def default_process(profile: Profile, key: Key) -> Process:
    """Return the process that de-identifies and verifies by a profile."""
    # Imported where it is used: the host never needs the engine in its own process.
    from orthanc_deid.pipeline.deidentification import Deidentification

    return Deidentification(profile, key)


class Runner(Protocol):
    """What a worker runs works with: a `Pipeline`, or something around one."""

    def run(self, tasks: Sequence[Task]) -> list[Outcome]:
        """Run works; one outcome each, in their order."""


class Setup(Protocol):
    """All that a worker needs, picklable. With `gives_way = False` it does not lower its priority for receipt."""

    def pipeline(self) -> Any:
        """Return what this worker works with: a `Runner`, where `run_chunk` is what it is asked for."""


ExecutorFactory = Callable[[Setup, int], Executor]
"""Makes an executor of so many workers, each of which has run `start_worker(setup)` before it runs a chunk."""


class WorkerPool(ProcessPoolExecutor):
    """A pool of spawned processes that can be ended at once.

    Spawn works inside Orthanc and on Windows, where fork does not. `python` names a real interpreter where this
    process is none (inside Orthanc, `sys.executable` is Orthanc itself).
    """

    def __init__(self, setup: Setup, count: int, python: str | None = None) -> None:
        context = multiprocessing.get_context("spawn")
        if python is not None:
            context.set_executable(python)
        # Nothing is ever sent: each worker sees the end of it when this process closes its side.
        receiver, self._leash = context.Pipe(duplex=False)
        self._receiver = receiver  # kept open: workers are spawned when they are first needed
        super().__init__(count, mp_context=context, initializer=start_worker, initargs=(setup, receiver))

    def submit(self, fn: Callable[_P, _T], /, *args: _P.args, **kwargs: _P.kwargs) -> Future[_T]:
        """Submit as any executor does; a worker that this starts never meets a Ctrl-C, not even while it imports."""
        with interrupts_held():
            return super().submit(fn, *args, **kwargs)

    def end(self) -> None:
        """End every worker now, whatever it is doing, and cancel what waits; returns at once."""
        self._leash.close()
        self.shutdown(wait=False, cancel_futures=True)


def process_pool(setup: Setup, count: int, python: str | None = None) -> Executor:
    """Return a pool of spawned processes; `python` names a real interpreter where we are embedded in Orthanc."""
    return WorkerPool(setup, count, python)


_YOUNG_OBJECTS = 20_000  # Python's own is 700
_pipeline: Any = None
"""This worker's own; set once by `start_worker`."""


def start_worker(setup: Setup, leash: Connection[Any, Any] | None = None) -> None:
    """Ready this worker process: low priority, silent, ending with its parent; then make its pipeline."""
    global _pipeline  # noqa: PLW0603 - a process pool leaves a worker no other place
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C in a terminal is the parent's to act on
    warnings.simplefilter("ignore")
    logging.disable(logging.CRITICAL)
    if getattr(setup, "gives_way", True):
        lower_priority()
    watch: list[Any] = [] if leash is None else [leash]
    if (parent := multiprocessing.parent_process()) is not None:
        watch.append(parent.sentinel)
    if watch:
        Thread(target=_end_with, args=(watch,), name="deidentify-leash", daemon=True).start()
    _pipeline = setup.pipeline()
    spare_what_is_loaded()


def spare_what_is_loaded() -> None:
    """Keep the garbage collector away from what is loaded, which stays, and let it come less often.

    A large instance is many objects that live as long as it does: to search them again and again for cycles, and
    all that was imported with them, took a tenth of the time.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(_YOUNG_OBJECTS)


def _end_with(watch: list[Any]) -> None:
    """End this process as soon as one of these is readable or gone: the parent died, or let go of the leash.

    PR_SET_PDEATHSIG would fire with the parent's thread that spawned us, not with the parent.
    """
    wait(watch)
    os._exit(1)


def run_chunk(tasks: Sequence[Task]) -> list[Outcome]:
    """Run works in this worker; one outcome each, in their order."""
    runner: Runner = worker()
    return runner.run(tasks)


def worker() -> Any:
    """Return what this worker process was started with."""
    if _pipeline is None:
        raise RuntimeError("start_worker has not run in this process")
    return _pipeline


def alive() -> int:
    """Return this worker's process id: that a pool answers this shows that it works at all."""
    return os.getpid()


class Crew:
    """An executor that is made when it is needed, and made anew after `end`, for instance when it broke."""

    def __init__(self, setup: Setup, count: int, factory: ExecutorFactory) -> None:
        self._setup = setup
        self._count = count
        self._factory = factory
        self._executor: Executor | None = None

    def submit(self, tasks: Sequence[Task]) -> Future[list[Outcome]]:
        """Hand works to a worker.

        A new executor has to show first that it can run anything at all: only so is a worker that dies later the
        fault of what it was given, and not of a broken installation. Raises OSError or BrokenExecutor if it cannot.
        """
        if self._executor is None:
            self._executor = self._factory(self._setup, self._count)
            self._executor.submit(alive).result(timeout=_PING_SECONDS)
        return self._executor.submit(run_chunk, tasks)

    def end(self) -> None:
        """End the executor, and its workers at once where they are ours; the next `submit` makes another."""
        executor, self._executor = self._executor, None
        if isinstance(executor, WorkerPool):
            executor.end()
        elif executor is not None:
            executor.shutdown(wait=False, cancel_futures=True)


def chunks(tasks: Sequence[Task], size: int) -> Iterator[Sequence[Task]]:
    """Yield the works by chunks of up to `size`; works of one instance and profile stay together if they fit."""
    start = 0
    while start < len(tasks):
        stop = min(start + size, len(tasks))
        same = stop
        while start < same < len(tasks) and _same(tasks[same - 1], tasks[same]):
            same -= 1
        stop = same if same > start else stop
        yield tasks[start:stop]
        start = stop


def _same(one: Task, other: Task) -> bool:
    return (one.instance, one.seq, one.profile) == (other.instance, other.seq, other.profile)
