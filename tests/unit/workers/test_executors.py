"""Any `concurrent.futures.Executor` runs tasks: threads, or plain processes without the start of our own."""

from __future__ import annotations

import gc
import logging
import multiprocessing
import signal
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from pathlib import Path

import pytest

from orthanc_deid.ledger.queue.ledger import Ledger
from orthanc_deid.pipeline.retry_policy import RetryPolicy
from orthanc_deid.pipeline.tasks import OPEN, NewTask, State, Task
from orthanc_deid.workers.pool import ExecutorFactory
from orthanc_deid.workers.runner import RunnerSetup, call, open_runner, run_chunk
from orthanc_deid.workers.scheduler import Scheduler, SchedulerSettings
from support.folders.runs import Trial
from support.folders.trees import fill as fill_tree
from support.pipeline_parts import fill, pipeline_setup
from support.waiting import wait_until


def threads(setup: RunnerSetup[object], count: int) -> Executor:
    return ThreadPoolExecutor(count, initializer=open_runner, initargs=(setup,))


def plain_processes(setup: RunnerSetup[object], count: int) -> Executor:
    context = multiprocessing.get_context("spawn")
    return ProcessPoolExecutor(count, mp_context=context, initializer=open_runner, initargs=(setup,))


EXECUTORS = pytest.mark.parametrize("factory", [threads, plain_processes])


@EXECUTORS
def test_the_scheduler_delivers_on_any_executor(tmp_path: Path, factory: ExecutorFactory) -> None:
    names = fill(tmp_path / "in", 20)
    (tmp_path / "in" / names[3]).write_text("refuse")
    ledger = Ledger.open(f"sqlite:///{tmp_path / 'ledger.db'}", "fp", RetryPolicy(0.01, 0.02, 3))
    ledger.record([NewTask(name, n, "neutral", "folder") for n, name in enumerate(names, 1)], 20, 0.0)
    errors: list[str] = []
    settings = SchedulerSettings(owner="node", workers=2, idle=0.05)
    scheduler = Scheduler(ledger, pipeline_setup(tmp_path), settings, factory, on_error=errors.append)
    scheduler.start()
    try:
        wait_until(lambda: not any(ledger.counts()[state] for state in OPEN))
    finally:
        scheduler.stop()
    assert ledger.counts().states == {State.DELIVERED: 19, State.QUARANTINED: 1}
    assert len(list((tmp_path / "out").rglob("*.dcm"))) == 19
    assert errors == []
    ledger.close_database()


@EXECUTORS
def test_a_folder_run_leaves_the_same_on_any_executor(
    tmp_path: Path, source: Path, factory: ExecutorFactory
) -> None:
    fill_tree(source, 5)
    elsewhere = Trial(source, tmp_path / "elsewhere", factory, 2).run()
    assert elsewhere.end() == Trial(source, tmp_path / "here").run().end()
    assert elsewhere.end()["stored"] == 5


def test_a_task_that_crashes_a_plain_process_is_isolated(tmp_path: Path) -> None:
    names = fill(tmp_path / "in", 12)
    (tmp_path / "in" / names[5]).write_text("die")
    ledger = Ledger.open(f"sqlite:///{tmp_path / 'ledger.db'}", "fp", RetryPolicy(0.01, 0.02, 3))
    ledger.record([NewTask(name, n, "neutral", "folder") for n, name in enumerate(names, 1)], 12, 0.0)
    settings = SchedulerSettings(owner="node", workers=1, idle=0.05)
    scheduler = Scheduler(ledger, pipeline_setup(tmp_path), settings, plain_processes)
    scheduler.start()
    try:
        wait_until(lambda: not any(ledger.counts()[state] for state in OPEN))
    finally:
        scheduler.stop()
    assert ledger.counts().states == {State.DELIVERED: 11, State.QUARANTINED: 1}
    ledger.close_database()


def test_a_runner_changes_nothing_in_the_process_that_it_runs_in(tmp_path: Path) -> None:
    def state() -> tuple[object, ...]:
        return signal.getsignal(signal.SIGINT), logging.root.manager.disable, gc.get_threshold()

    fill(tmp_path / "in", 1)
    before = state()
    with threads(pipeline_setup(tmp_path), 1) as executor:
        [outcome] = executor.submit(call, run_chunk, [Task(1, 1, "i000", 1, "neutral", "folder")]).result(30)
    assert outcome.output is not None
    assert state() == before


def test_a_worker_in_which_no_runner_was_opened_says_so() -> None:
    with ThreadPoolExecutor(1) as executor, pytest.raises(RuntimeError, match="open_runner"):
        executor.submit(call, run_chunk, []).result(30)
