"""The report of an Orthanc as a page: the sections of the folder report, in two languages, everything escaped."""

from __future__ import annotations

import re
from typing import Any

from orthanc_deid.report.sections import OUTCOMES
from orthanc_deid.report.server.server_report_page import server_report_page

STATES = ("Pending", "Delivered", "Duplicate", "Quarantined", "Failed", "Lost", "Ignored")


def report(**changes: Any) -> dict[str, Any]:
    """Return a report as the route answers it, without anything held back."""
    content: dict[str, Any] = {
        "Version": "0",
        "Time": "20260102T030405",
        "Trouble": None,
        "Counts": dict.fromkeys(STATES, 0) | {"Delivered": 1234567},
        "Rules": {"Quarantined": {}, "Failed": {}, "Lost": {}},
        "Tags": [],
        "Hours": [],
        "PartialStudies": [],
        "PartialStudiesComplete": True,
        "Lost": [],
        "Actions": [],
        "Codes": [],
        "Notes": [],
        "LeftOut": [],
    }
    return content | changes


def test_the_outcomes_are_those_of_the_ledger_in_its_order() -> None:
    assert OUTCOMES == ("Delivered", "Duplicate", "Quarantined", "Failed", "Lost")


def test_a_quiet_server_has_tiles_and_no_table() -> None:
    page = server_report_page(report())
    assert "1\u202f234\u202f567" in page
    assert "2026-01-02 03:04:05 UTC" in page
    assert "Nothing is held back." in page
    assert "<table" not in page
    assert "Conditions" not in page


def test_actions_by_rule_codes_and_notes_are_shown() -> None:
    page = server_report_page(
        report(
            Actions=[
                {"Action": "X", "Rule": "private", "Count": 25},
                {"Action": "U", "Rule": "UIDs", "Count": 5},
            ],
            Codes=[{"Name": "113100", "Count": 3}],
            Notes=[{"Name": "no IOD", "Count": 2}],
            LeftOut=[{"Name": "id: fewer than 4 characters", "Count": 7}],
        )
    )
    assert "Действия по правилам" in page
    assert '<span lang="ru">приватный</span>' in page
    assert re.findall(r'class="accent" x="0.000" y="0" width="([0-9.]+)"', page) == ["100.000", "20.000"]
    for text in (
        "113100: 3",
        "no IOD: 2",
        "нет IOD: 2",
        "id: fewer than 4 characters: 7",
        "номер: меньше 4 знаков: 7",
    ):
        assert text in page


def test_reasons_are_shown_by_state_with_the_most_frequent_first() -> None:
    rules = {"Quarantined": {"conflict": 1, "verification": 9}, "Failed": {"source": 4}, "Lost": {}}
    page = server_report_page(report(Rules=rules))
    shown = re.findall(
        r'<tr><td class="keep"><span lang="en">(\w+)</span>.*?<span lang="en">(\w+)</span>.*?>(\d+)</td></tr>',
        page,
    )
    assert shown == [
        ("Quarantined", "verification", "9"),
        ("Quarantined", "conflict", "1"),
        ("Failed", "source", "4"),
    ]


def test_partial_studies_and_what_was_lost_are_listed_and_escaped() -> None:
    study = {"ID": "s<1>", "State": "Partial", **dict.fromkeys(OUTCOMES, 1)}
    lost = {"Instance": "i<1>", "Store": "a&b", "LastUpdate": "20260102T030405"}
    page = server_report_page(report(PartialStudies=[study], PartialStudiesComplete=False, Lost=[lost]))
    assert "s&lt;1&gt;" in page
    assert "i&lt;1&gt;" in page
    assert "a&amp;b" in page
    assert "s<1>" not in page
    assert "/deidentify/quarantine lists every instance" in page
    assert 'class="state quarantined"' in page


def test_a_trouble_is_shown_in_both_languages() -> None:
    page = server_report_page(report(Trouble="the ledger does not answer"))
    assert "the ledger does not answer" in page
    assert "журнал работ не отвечает" in page
