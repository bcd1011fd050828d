"""Reasons for holding back as routes show them: by reason for a job, by tag for all; never a value."""

from __future__ import annotations

import pytest

from orthanc_deid.host.routes.quarantine_reasons import tags_content, tags_in
from orthanc_deid.ledger.queue.views import HeldBack
from orthanc_deid.pipeline.tasks import Outcome, Result, State
from support.servers.route_host import STUDY, Host

REASONS = (
    "private SOP class: (0008,0016)",
    "audit: kept (0040,A730)[0].(0040,A160); search: name (0010,0010)",
)


def start(host: Host) -> str:
    """Start a job on a study of two instances and return its path."""
    return str(host.orthanc.call("POST", f"/studies/{STUDY}/deidentify", b"{}").json["Path"])


def hold_back(host: Host, *reasons: str) -> None:
    """Close the pending tasks as quarantined for these reasons."""
    tasks = host.ledger.claim("test", len(reasons), 60, now=2e9)
    outcomes = [
        Outcome(task, Result.QUARANTINED, rule=reason.partition(":")[0], reason=reason)
        for task, reason in zip(tasks, reasons, strict=True)
    ]
    host.ledger.close(outcomes, now=2e9)


@pytest.mark.parametrize(
    ("reason", "tags"),
    [
        ("private SOP class: (0008,0016)", {0x00080016}),
        ("audit: kept (0040,A730)[0].(0040,A160); search: name (0010,0010)", {0x0040A160, 0x00100010}),
        ("audit: kept (0040,0275)[12].(0040,0008)[0].(0008,0100)", {0x00080100}),
        ("suspected of burned-in text: video", set()),
        ("and 12 more", set()),
        ("", set()),
    ],
)
def test_the_tags_of_a_reason_are_those_of_the_elements_at_fault(reason: str, tags: set[int]) -> None:
    assert tags_in(reason) == tags


def test_tags_are_counted_over_all_reasons_that_name_them() -> None:
    held = [
        HeldBack(State.QUARANTINED, "a", "a: (0010,0010)", 3),
        HeldBack(State.QUARANTINED, "b", "b: (0008,1115)[0].(0010,0010); b: (0011,1001)", 2),
        HeldBack(State.FAILED, "store", "no room", 9),
    ]
    assert tags_content(held) == [
        {"State": "Quarantined", "Tag": "(0010,0010)", "Keyword": "PatientName", "Count": 5},
        {"State": "Quarantined", "Tag": "(0011,1001)", "Keyword": "", "Count": 2},
    ]


def test_a_job_says_why_something_of_it_is_held_back(host: Host) -> None:
    path = start(host)
    assert host.orthanc.call("GET", path).json["Reasons"] == []
    hold_back(host, REASONS[0], REASONS[0])
    assert host.orthanc.call("GET", path).json["Reasons"] == [
        {"State": "Quarantined", "Rule": "private SOP class", "Reason": REASONS[0], "Count": 2}
    ]


def test_the_report_counts_tags_and_shows_them_on_its_page(host: Host) -> None:
    start(host)
    hold_back(host, *REASONS)
    report = host.orthanc.call("GET", "/deidentify/report").json
    assert report["TagsComplete"] is True
    assert {(each["Tag"], each["Keyword"], each["Count"]) for each in report["Tags"]} == {
        ("(0008,0016)", "SOPClassUID", 1),
        ("(0040,A160)", "TextValue", 1),
        ("(0010,0010)", "PatientName", 1),
    }
    shown = host.orthanc.call("GET", "/deidentify/report", headers={"accept": "text/html"})
    assert "TextValue" in str(shown.body)
