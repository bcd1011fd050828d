"""A thread that does one thing every so often, or when it is rung for, until it is stopped."""

from __future__ import annotations

from collections.abc import Callable
from threading import Event, Thread

from sqlalchemy.exc import SQLAlchemyError

from orthanc_deid.errors import SourceError

AFTER_ERROR = 5.0
"""Seconds after which a turn that failed is tried again."""


class Periodic:
    """`on_error` is told, as a sentence without values, what failed; the next turn tries again."""

    def __init__(
        self, name: str, run_once: Callable[[], None], seconds: float, on_error: Callable[[str], None]
    ) -> None:
        self._name = name
        self._turn = run_once
        self._seconds = seconds
        self._pause = min(seconds, AFTER_ERROR)
        self._on_error = on_error
        self._wake_event = Event()
        self._stopping = Event()
        self._thread = Thread(target=self._run, name=f"deidentify-{name}", daemon=True)

    def start(self) -> None:
        """Start the thread; its first turn is at once."""
        self._thread.start()

    def wake(self) -> None:
        """Have a turn soon: cheap, from any thread."""
        self._wake_event.set()

    @property
    def stopping(self) -> bool:
        """Whether a turn should end early."""
        return self._stopping.is_set()

    def stop(self, timeout: float) -> None:
        """End the thread, and wait for it for so many seconds."""
        self._stopping.set()
        self._wake_event.set()
        if self._thread.is_alive():
            self._thread.join(timeout)

    def _run(self) -> None:
        while not self._stopping.is_set():
            self._wake_event.clear()
            retry_seconds = self._pause
            try:
                self._turn()
                retry_seconds = self._seconds
            except SourceError as error:
                self._on_error(f"{self._name}: {error}; trying again")
            except SQLAlchemyError as error:
                self._on_error(f"{self._name}: the ledger answers {type(error).__name__}; trying again")
            except Exception as error:  # noqa: BLE001 - a thread that died would stop for good without a word
                self._on_error(f"{self._name}: {type(error).__name__}; trying again")
            self._wake_event.wait(retry_seconds)
