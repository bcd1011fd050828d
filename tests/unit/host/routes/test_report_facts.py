"""The report of the server sums up actions by rule, codes, notes and values that were not searched."""

from __future__ import annotations

from pathlib import Path

from orthanc_deid.pipeline.facts import Facts
from orthanc_deid.pipeline.tasks import NewTask, Outcome, Result
from support.servers.route_host import FIRST, SECOND, Host

FACTS = Facts(
    actions=((("U", "Basic Profile"), 4), (("X", "Basic Profile"), 30)),
    codes=("113100",),
    left_out=(("short", 2),),
    notes=("no IOD",),
)


def test_the_report_sums_up_what_was_done_with_the_highest_counts_first(tmp_path: Path) -> None:
    (tmp_path / "output").mkdir()
    host = Host(tmp_path, {"Stores": {"output": {"Type": "Folder", "Path": "output"}}})
    host.ledger.record([NewTask(each, 1, "neutral", "output") for each in (FIRST, SECOND)], 2, now=1e9)
    tasks = host.ledger.claim("test", 2, 60, now=2e9)
    host.ledger.close([Outcome(task, Result.DELIVERED, facts=FACTS) for task in tasks], now=2e9)
    report = host.orthanc.call("GET", "/deidentify/report").json
    assert report["Actions"] == [
        {"Action": "X", "Rule": "Basic Profile", "Count": 60},
        {"Action": "U", "Rule": "Basic Profile", "Count": 8},
    ]
    assert report["Codes"] == [{"Name": "113100", "Count": 2}]
    assert report["Notes"] == [{"Name": "no IOD", "Count": 2}]
    assert report["LeftOut"] == [{"Name": "short", "Count": 4}]
    host.ledger.close_database()
