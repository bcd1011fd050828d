"""Health: the current problem for the healthcheck, and one line in the log per problem."""

from __future__ import annotations

from orthanc_deid.host.health import LASTING, Health


class Teller:
    """Health with a clock that only the test moves."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.log: list[str] = []
        self.troubles = Health(self.log.append, self.log.append, lambda: self.now)


def test_nothing_hinders_at_first() -> None:
    assert Teller().troubles.current() is None


def test_a_failure_counts_until_it_has_not_been_told_for_a_while() -> None:
    teller = Teller()
    teller.troubles.report_failure("the ledger failed")
    teller.now += LASTING - 1
    assert teller.troubles.current() == "the ledger failed"
    teller.now += 1
    assert teller.troubles.current() is None


def test_a_failure_that_goes_on_is_logged_once() -> None:
    teller = Teller()
    for _ in range(100):
        teller.troubles.report_failure("the ledger failed")
        teller.now += 1
    assert teller.log == ["the ledger failed"]
    teller.now += LASTING
    teller.troubles.report_failure("the ledger failed")
    assert len(teller.log) == 2


def test_the_feeder_hinders_until_it_goes_on() -> None:
    teller = Teller()
    teller.troubles.report_feeder("the feeder waits")
    teller.now += 10 * LASTING
    assert teller.troubles.current() == "the feeder waits"
    teller.troubles.report_feeder(None)
    assert teller.troubles.current() is None
    assert teller.log == ["the feeder waits", "the feeder goes on"]
