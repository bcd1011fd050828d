"""The benchmarks of servers measure what they say; what they find is no matter here."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks import groups

pytestmark = pytest.mark.integration

TINY = groups.Sizes(received=20, study=10, uploads=20, rounds=1, large_rounds=1)


@pytest.mark.parametrize(("name", "budgets"), [("receipt", 3), ("study", 0), ("hanging", 0)])
def test_every_group_of_servers_runs(name: str, budgets: int, tmp_path: Path) -> None:
    assert name in groups.ON_DISK
    group = groups.GROUPS[name](TINY, tmp_path)
    assert group.claims
    assert all(claim.value is not None for claim in group.claims)
    assert all(figure.seconds > 0 for figure in group.figures)
    assert sum("processor time per instance: Orthanc" in note for note in group.notes) == budgets
