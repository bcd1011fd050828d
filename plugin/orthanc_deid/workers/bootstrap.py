"""The start of a worker process of our own: signals, silence, priority, end with the parent, garbage collection.

Executors of others have workers of their own kind, in which none of this runs (`runner`).
"""

from __future__ import annotations

import gc
import logging
import multiprocessing
import os
import signal
import warnings
from multiprocessing.connection import Connection, wait
from threading import Thread
from typing import Any

from orthanc_deid.system import lower_priority
from orthanc_deid.workers.runner import RunnerSetup, open_runner

_YOUNG_OBJECTS = 20_000  # Python's own threshold is 700


def start_worker(
    setup: RunnerSetup[object], parent_pipe: Connection[Any, Any] | None = None, *, low_priority: bool = True
) -> None:
    """Prepare this worker process and make its runner.

    The process prints nothing, since warnings of pydicom may hold values. It ends with its parent, and as soon as
    the parent closes the other end of `parent_pipe`. With `low_priority` it leaves the processor to receipt.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent handles Ctrl-C in a terminal
    warnings.simplefilter("ignore")
    logging.disable(logging.CRITICAL)
    if low_priority:
        lower_priority()
    watched: list[Any] = [] if parent_pipe is None else [parent_pipe]
    if (parent := multiprocessing.parent_process()) is not None:
        watched.append(parent.sentinel)
    if watched:
        Thread(target=_end_with, args=(watched,), name="deidentify-parent", daemon=True).start()
    open_runner(setup)
    freeze_gc()


def freeze_gc() -> None:
    """Exclude everything loaded so far from garbage collection, and collect less often.

    A large instance is many objects that live as long as it does. Searching them for cycles again and again, with
    all that was imported, took a tenth of the time.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(_YOUNG_OBJECTS)


def _end_with(watched: list[Any]) -> None:
    """End this process as soon as one of these is readable or closed: the parent died, or closed the pipe.

    PR_SET_PDEATHSIG would fire with the parent's thread that spawned us, not with the parent.
    """
    wait(watched)
    os._exit(1)
