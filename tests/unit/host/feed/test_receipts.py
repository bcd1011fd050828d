"""Receipts that Orthanc announced: those that the change feed does not show are overdue, and no others."""

from __future__ import annotations

from itertools import count

import pytest

from orthanc_deid.host.feed import receipts
from orthanc_deid.host.feed.receipts import Receipts


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def found(clock: Clock) -> Receipts:
    return Receipts(3.0, clock)


def test_a_receipt_that_no_change_shows_is_overdue_once(found: Receipts, clock: Clock) -> None:
    found.announce("a")
    clock.now = 3.0
    assert found.overdue() == []
    clock.now = 3.1
    assert found.overdue() == ["a"]
    clock.now = 99.0
    assert found.overdue() == []


@pytest.mark.parametrize("first", ["announced", "read"])
def test_a_receipt_that_a_change_shows_is_never_overdue(found: Receipts, clock: Clock, first: str) -> None:
    if first == "announced":
        found.announce("a")
        found.read(["a"])
    else:
        found.read(["a"])
        found.announce("a")
    clock.now = 1000.0
    assert found.overdue() == []


def test_each_receipt_of_an_overwritten_instance_counts(found: Receipts, clock: Clock) -> None:
    found.announce("a")
    found.announce("a")
    found.read(["a"])
    clock.now = 4.0
    assert found.overdue() == ["a"]


def test_a_change_that_is_never_announced_hides_no_later_receipt(found: Receipts, clock: Clock) -> None:
    found.read(["a"])  # another Orthanc of the same database received it
    clock.now = 100.0
    assert found.overdue() == []
    found.announce("a")
    clock.now = 200.0
    assert found.overdue() == ["a"]


def test_too_many_outstanding_receipts_are_not_named(
    found: Receipts, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(receipts, "MOST", 10)
    for number, _ in zip(count(), range(11), strict=False):
        found.announce(str(number))
    clock.now = 4.0
    assert found.overdue() is None
    assert found.overdue() == []
