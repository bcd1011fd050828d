"""Our own worker processes: what they survive, when they end, and their priority."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import BrokenExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest

from orthanc_deid.pipeline.tasks import Task
from orthanc_deid.workers.pool import RestartablePool, WorkerPool, process_pool
from orthanc_deid.workers.runner import call, process_id, run_chunk
from support.pipeline_parts import fill, pipeline_setup
from support.waiting import wait_until


@contextmanager
def pool(tmp_path: Path, count: int = 1) -> Iterator[WorkerPool]:
    made = WorkerPool(pipeline_setup(tmp_path), count)
    try:
        yield made
    finally:
        made.end()


def is_running(pid: int) -> bool:
    """Whether the process runs: one that ended and that nobody has waited for yet does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def niceness() -> int:
    return os.nice(0)


def test_a_worker_gives_way_to_receipt(tmp_path: Path) -> None:
    with pool(tmp_path) as workers:
        assert workers.submit(niceness).result(30) >= 15


def held_signals() -> set[int]:
    return set(signal.pthread_sigmask(signal.SIG_BLOCK, ()))


def test_ctrl_c_is_the_parents_also_while_a_worker_is_only_starting(tmp_path: Path) -> None:
    before = held_signals()
    with pool(tmp_path, 2) as made:
        found = [each.result() for each in [made.submit(held_signals), made.submit(held_signals)]]
    assert all(signal.SIGINT in each for each in found)
    assert signal.SIGINT not in held_signals()
    assert held_signals() == before


def test_workers_end_at_once_even_in_the_middle_of_an_instance(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "slow").write_text("wait 600")
    with pool(tmp_path) as workers:
        pid = workers.submit(process_id).result(30)
        future = workers.submit(call, run_chunk, [Task(1, 1, "slow", 1, "neutral", "folder")])
        wait_until(future.running)
        workers.end()
        wait_until(lambda: not is_running(pid), 5)
        with pytest.raises(BrokenExecutor):
            future.result(5)


def test_no_worker_outlives_a_parent_that_is_killed(tmp_path: Path) -> None:
    program = (
        "import sys, time\n"
        f"sys.path[:0] = {sys.path!r}\n"
        "from pathlib import Path\n"
        "from unit_workers import setup\n"
        "from orthanc_deid.workers.pool import WorkerPool\n"
        "from orthanc_deid.workers.runner import process_id\n"
        "if __name__ == '__main__':\n"
        f"    pool = WorkerPool(setup(Path({str(tmp_path)!r})), 1)\n"
        "    print(pool.submit(process_id).result(), flush=True)\n"
        "    time.sleep(600)\n"
    )
    script = tmp_path / "parent.py"
    script.write_text(program)
    (tmp_path / "unit_workers.py").write_text(
        "from support.pipeline_parts import KEY, PROFILE, FolderOfBytes, turned\n"
        "from orthanc_deid.pipeline.pipeline_setup import PipelineSetup\n"
        "def setup(path):\n"
        "    return PipelineSetup(FolderOfBytes(path), (), (PROFILE,), KEY, processes=turned)\n"
    )
    parent = subprocess.Popen([sys.executable, script], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    try:
        worker = int(parent.stdout.readline())
        assert is_running(worker)
    finally:
        parent.kill()
        parent.wait()
        parent.stdout.close()
    wait_until(lambda: not is_running(worker), 5)


def test_a_pool_makes_a_new_executor_after_its_end(tmp_path: Path) -> None:
    fill(tmp_path / "in", 1)
    restartable = RestartablePool(pipeline_setup(tmp_path), 1, process_pool)
    task = Task(1, 1, "i000", 1, "neutral", "folder")
    try:
        assert len(restartable.submit([task]).result(30)) == 1
        restartable.end()
        assert len(restartable.submit([task]).result(30)) == 1
    finally:
        restartable.end()
