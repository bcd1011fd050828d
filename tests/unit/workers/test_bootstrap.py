"""The start of a worker process: signals, output, priority, garbage collection, and its end with the parent."""

from __future__ import annotations

import gc
import logging
import multiprocessing
import os
import signal
import warnings
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from multiprocessing.connection import Connection
from typing import Any

import pytest

from orthanc_deid.workers.bootstrap import start_worker
from orthanc_deid.workers.runner import call

SPAWN = multiprocessing.get_context("spawn")


@dataclass(frozen=True)
class NamedSetup:
    """The setup of a runner that is only a name."""

    name: str

    def open(self) -> str:
        return self.name


@dataclass(frozen=True)
class Prepared:
    """The state of a worker process."""

    runner: str
    ignores_interrupts: bool
    logs: bool
    warns: bool
    frozen_objects: int
    young_objects: int
    niceness: int


def prepared(runner: str) -> Prepared:
    with warnings.catch_warnings(record=True) as caught:
        warnings.warn("Invalid value DOE^JOHN", stacklevel=1)
    return Prepared(
        runner,
        signal.getsignal(signal.SIGINT) == signal.SIG_IGN,
        logging.getLogger().isEnabledFor(logging.CRITICAL),
        bool(caught),
        gc.get_freeze_count(),
        gc.get_threshold()[0],
        os.nice(0),
    )


def started(*, low_priority: bool) -> Prepared:
    start = partial(start_worker, low_priority=low_priority)
    with ProcessPoolExecutor(1, SPAWN, start, (NamedSetup("ours"),)) as pool:
        return pool.submit(call, prepared).result(60)


def test_a_worker_is_silent_ignores_ctrl_c_and_collects_garbage_less_often() -> None:
    found = started(low_priority=True)
    assert found.runner == "ours"
    assert found.ignores_interrupts
    assert not found.logs
    assert not found.warns
    assert found.frozen_objects > 1000
    assert found.young_objects >= 10_000


@pytest.mark.skipif(not hasattr(os, "nice"), reason="needs a niceness")
def test_only_a_worker_of_low_priority_gives_way_to_others() -> None:
    assert started(low_priority=False).niceness == os.nice(0)
    assert started(low_priority=True).niceness >= 15


def wait_for_ever(receiver: Connection[Any, Any], ready: Connection[Any, Any]) -> None:
    start_worker(NamedSetup("ours"), receiver, low_priority=False)
    ready.send("ready")
    signal.pause()


@pytest.mark.skipif(not hasattr(signal, "pause"), reason="needs signal.pause")
def test_a_worker_ends_when_the_parent_closes_its_end_of_the_pipe() -> None:
    receiver, sender = SPAWN.Pipe(duplex=False)
    ready, child_ready = SPAWN.Pipe(duplex=False)
    process = SPAWN.Process(target=wait_for_ever, args=(receiver, child_ready))
    process.start()
    try:
        assert ready.poll(60)
        assert ready.recv() == "ready"
        assert process.is_alive()
        sender.close()
        process.join(10)
        assert process.exitcode == 1
    finally:
        process.kill()
        process.join()
