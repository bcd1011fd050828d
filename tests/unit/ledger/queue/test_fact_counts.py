"""Sums of facts: counted once per delivery, in the transaction that closes it."""

from __future__ import annotations

from typing import Any

from sqlalchemy import event

from orthanc_deid.ledger.queue.ledger import Ledger
from orthanc_deid.ledger.queue.views import FactCounts
from orthanc_deid.pipeline.facts import Facts
from orthanc_deid.pipeline.tasks import Result
from support.ledger_tasks import ended, received

CT = Facts(
    actions=((("X", "Basic Profile"), 30), (("U", "Basic Profile"), 4)),
    codes=("113100", "113107"),
    left_out=(("short", 2),),
    notes=("no IOD",),
)
DX = Facts(actions=((("X", "Basic Profile"), 5),), codes=("113100",))


def test_a_ledger_without_deliveries_has_no_facts(ledger: Ledger) -> None:
    assert ledger.facts() == FactCounts({}, {}, {}, {})


def test_facts_of_deliveries_are_summed_up(ledger: Ledger) -> None:
    ledger.record(received(1, 2, 3), 3, 0.0)
    first, second, third = ledger.claim("me", 3, 60, 0.0)
    ledger.close([ended(first, facts=CT), ended(second, Result.DUPLICATE, facts=DX)], 1.0)
    ledger.close([ended(third, facts=DX)], 2.0)
    assert ledger.facts() == FactCounts(
        actions={("X", "Basic Profile"): 40, ("U", "Basic Profile"): 4},
        codes={"113100": 3, "113107": 1},
        notes={"no IOD": 1},
        left_out={"short": 2},
    )


def test_only_deliveries_whose_claim_is_held_count(ledger: Ledger) -> None:
    ledger.record(received(1, 2, 3), 3, 0.0)
    first, second, third = ledger.claim("me", 3, 60, 0.0)
    ledger.close([ended(first, Result.QUARANTINED, facts=CT), ended(second, Result.RETRY, facts=CT)], 1.0)
    ledger.close([ended(third)], 1.0)  # a delivery without facts
    ledger.close([ended(third, facts=CT)], 2.0)  # closed before
    assert ledger.facts() == FactCounts({}, {}, {}, {})


def test_a_batch_costs_one_more_statement(ledger: Ledger) -> None:
    ledger.record(received(*range(1, 65)), 64, 0.0)
    tasks = ledger.claim("me", 64, 60, 0.0)
    asked: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        asked.append(statement)

    event.listen(ledger._database._engine, "before_cursor_execute", note)
    ledger.close([ended(task, facts=CT) for task in tasks], 1.0)
    assert len([statement for statement in asked if "deid_fact_counts" in statement]) == 1
