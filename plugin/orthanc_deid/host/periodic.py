"""A thread that runs an action at an interval, and whenever it is woken, until it is stopped."""

from __future__ import annotations

from collections.abc import Callable
from threading import Event, Thread

from sqlalchemy.exc import SQLAlchemyError

from orthanc_deid.errors import SourceError

AFTER_ERROR = 5.0
"""Seconds after which a failed action is retried."""


class Periodic:
    """Runs `action` every `seconds`. `on_error` receives a sentence without values for each failure."""

    def __init__(
        self, name: str, action: Callable[[], None], seconds: float, on_error: Callable[[str], None]
    ) -> None:
        self._name = name
        self._action = action
        self._seconds = seconds
        self._retry_seconds = min(seconds, AFTER_ERROR)
        self._on_error = on_error
        self._wake_event = Event()
        self._stopping = Event()
        self._thread = Thread(target=self._run, name=f"deidentify-{name}", daemon=True)

    def start(self) -> None:
        """Start the thread, which runs the action at once."""
        self._thread.start()

    def wake(self) -> None:
        """Run the action soon: cheap, from any thread."""
        self._wake_event.set()

    @property
    def stopping(self) -> bool:
        """Whether the action should end early."""
        return self._stopping.is_set()

    def stop(self, timeout: float) -> None:
        """End the thread, and wait for it at most `timeout` seconds."""
        self._stopping.set()
        self._wake_event.set()
        if self._thread.is_alive():
            self._thread.join(timeout)

    def _run(self) -> None:
        while not self._stopping.is_set():
            self._wake_event.clear()
            retry_seconds = self._retry_seconds
            try:
                self._action()
                retry_seconds = self._seconds
            except SourceError as error:
                self._on_error(f"{self._name}: {error}; trying again")
            except SQLAlchemyError as error:
                self._on_error(f"{self._name}: the ledger failed ({type(error).__name__}); trying again")
            except Exception as error:  # noqa: BLE001 - a thread that ended would stop silently
                self._on_error(f"{self._name}: {type(error).__name__}; trying again")
            self._wake_event.wait(retry_seconds)
