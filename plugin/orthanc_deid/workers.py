"""Which processes run the pipeline: a pool of spawned ones here, any `concurrent.futures.Executor` elsewhere."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass

from orthanc_deid.key import Key
from orthanc_deid.profile.model import Profile
from orthanc_deid.sources.base import SourceSetup
from orthanc_deid.stores.base import StoreSetup

CHUNK = 8


@dataclass(frozen=True, slots=True)
class WorkerSetup:
    """All that a worker needs, picklable. `want_source_md5`: outcomes carry the MD5 of the fetched bytes."""

    source: SourceSetup
    stores: tuple[StoreSetup, ...]
    profiles: tuple[Profile, ...]
    key: Key
    want_source_md5: bool = False


ExecutorFactory = Callable[[WorkerSetup, int], Executor]
"""Makes an executor of so many workers, each of which has run `start_worker(setup)`."""


def process_pool(setup: WorkerSetup, count: int, python: str | None = None) -> Executor:
    """Return a pool of spawned processes; `python` names a real interpreter where we are embedded in Orthanc."""
    raise NotImplementedError


def start_worker(setup: WorkerSetup) -> None:
    """Ready this worker process: low priority, end with the parent, open source and stores, compile profiles."""
    raise NotImplementedError
