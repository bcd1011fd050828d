"""Health: the current problem for the healthcheck, and one line in the log per problem."""

from __future__ import annotations

from orthanc_deid.host.health import LASTING, Health


class HealthWithClock:
    """Health with a clock that only the test moves."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.log: list[str] = []
        self.health = Health(self.log.append, self.log.append, lambda: self.now)


def test_there_is_no_problem_at_first() -> None:
    assert HealthWithClock().health.current() is None


def test_a_failure_is_current_until_it_was_not_reported_for_a_while() -> None:
    used = HealthWithClock()
    used.health.report_failure("the ledger failed")
    used.now += LASTING - 1
    assert used.health.current() == "the ledger failed"
    used.now += 1
    assert used.health.current() is None


def test_a_failure_that_goes_on_is_logged_once() -> None:
    used = HealthWithClock()
    for _ in range(100):
        used.health.report_failure("the ledger failed")
        used.now += 1
    assert used.log == ["the ledger failed"]
    used.now += LASTING
    used.health.report_failure("the ledger failed")
    assert len(used.log) == 2


def test_a_problem_of_the_feeder_is_current_until_the_feeder_goes_on() -> None:
    used = HealthWithClock()
    used.health.report_feeder("the feeder waits")
    used.now += 10 * LASTING
    assert used.health.current() == "the feeder waits"
    used.health.report_feeder(None)
    assert used.health.current() is None
    assert used.log == ["the feeder waits", "the feeder goes on"]
