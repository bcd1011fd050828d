"""The periodic thread: runs at once, when woken, and again after a failure, which it reports without values."""

from __future__ import annotations

from collections.abc import Callable
from threading import Event

import pytest
from sqlalchemy.exc import OperationalError

from orthanc_deid.errors import SourceError
from orthanc_deid.host import periodic
from orthanc_deid.host.periodic import Periodic

LIMIT = 10.0


def test_it_runs_at_once_and_whenever_it_is_woken() -> None:
    ran = Event()
    thread = Periodic("test", ran.set, 3600.0, lambda _sentence: None)
    thread.start()
    assert ran.wait(LIMIT)
    ran.clear()
    thread.wake()
    assert ran.wait(LIMIT)
    thread.stop(LIMIT)
    assert thread.stopping


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (SourceError("Orthanc answered 503"), "test: Orthanc answered 503; trying again"),
        (
            OperationalError("SELECT", {}, Exception("DOE")),
            "test: the ledger failed (OperationalError); trying again",
        ),
        (KeyError("DOE^JOHN"), "test: KeyError; trying again"),
    ],
)
def test_a_failure_is_reported_without_values_and_the_action_repeated(
    monkeypatch: pytest.MonkeyPatch, error: Exception, sentence: str
) -> None:
    monkeypatch.setattr(periodic, "AFTER_ERROR", 0.01)
    reported: list[str] = []
    again = Event()

    def fail_once() -> None:
        if not reported:
            raise error
        again.set()

    report: Callable[[str], None] = reported.append
    thread = Periodic("test", fail_once, 3600.0, report)
    thread.start()
    assert again.wait(LIMIT)
    thread.stop(LIMIT)
    assert reported == [sentence]


def test_a_thread_that_was_not_started_can_be_stopped() -> None:
    Periodic("test", lambda: None, 3600.0, lambda _sentence: None).stop(0.0)
