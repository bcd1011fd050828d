"""The report: one file that loads nothing, in two languages, everything escaped; its schema is the model's."""

from __future__ import annotations

import json
import re
import runpy
from html.parser import HTMLParser
from typing import Any

import pytest

from orthanc_deid.report import quantities
from orthanc_deid.report.run.report_model import Report
from orthanc_deid.report.run.run_report_page import STUDIES_SHOWN, run_report_page
from support.repository import ROOT


def made(**changes: Any) -> Report:
    """Return a report of a run that left something of everything."""
    study = {"Files": 3, "Delivered": 2, "Instances": 2, "Quarantined": 1, "Failed": 0, "Bytes": 1536}
    content = {
        "SchemaVersion": "1",
        "Software": {
            "Name": "orthanc-deid",
            "Version": "0",
            "Python": "3",
            "Pydicom": "3",
            "System": "Linux",
        },
        "Profile": {
            "Name": "neutral",
            "Fingerprint": "0123456789abcdef",
            "Description": "<b>described</b>",
            "Base": "Basic",
            "Options": ["Clean Descriptors"],
            "Verify": "full",
        },
        "Key": "fedcba9876543210",
        "Totals": {
            "Files": 6,
            "Delivered": 3,
            "Instances": 2,
            "Duplicates": 1,
            "Quarantined": 1,
            "Failed": 1,
            "NotDicom": 1,
            "Bytes": 123456,
        },
        "LastRun": {
            "Started": "2026-01-02T03:04:05+01:00",
            "Seconds": 75.5,
            "Workers": 2,
            "Finished": True,
            "StoppedBy": "",
            "Found": 6,
            "FinishedBefore": 0,
            "Processed": 6,
            "Passed": 1,
            "UnreadableFolders": 0,
            "Bytes": 123456,
            "FilesPerSecond": 1.5,
            "BytesPerSecond": 2000.0,
        },
        "Actions": [{"Action": "X", "Rule": "private", "Count": 1234567}],
        "Reasons": [{"Outcome": "quarantined", "Rule": "suspected of <burned-in> text", "Count": 1}],
        "Findings": [{"Name": "Basic Profile: not removed (0010,0010)", "Count": 1}],
        "LeftOut": [{"Name": "short", "Count": 2}],
        "Notes": [],
        "Codes": [{"Name": "113100", "Count": 3}],
        "Iods": [
            {"SopClass": "1.2", "Name": "", "Files": 1, "Delivered": 1, "Quarantined": 0, "Failed": 0},
            {"SopClass": "", "Name": "", "Files": 1, "Delivered": 0, "Quarantined": 1, "Failed": 0},
        ],
        "Studies": [
            {"Study": "2.25.1", "State": "Partial", **study},
            {"Study": "", "State": "Withheld", **study},
        ],
    }
    return Report.model_validate(content | changes)


class Loads(HTMLParser):
    """Collects the attributes that make a browser request something, and checks that elements are closed in order."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found += [
            f"{tag} {name}={value}" for name, value in attrs if name in {"src", "href", "action", "data"}
        ]
        if tag not in {"meta", "rect", "line", "br"}:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in {"rect", "line"}:
            assert self.open.pop() == tag


def test_the_page_is_well_formed_loads_nothing_and_forbids_it_too() -> None:
    text = run_report_page(made())
    loads = Loads()
    loads.feed(text)
    assert loads.found == []
    assert loads.open == []
    assert "default-src 'none'" in text
    assert not re.search(r"https?://|@import|url\(", text)


def test_every_text_is_there_in_both_languages() -> None:
    text = run_report_page(made())
    assert text.count('lang="en">') == text.count('lang="ru">') + 1  # and the page itself
    assert "Отчёт о деидентификации" in text
    assert "De-identification report" in text


def test_content_is_escaped() -> None:
    text = run_report_page(made())
    assert "<b>described" not in text
    assert "&lt;b&gt;described&lt;/b&gt;" in text
    assert "suspected of &lt;burned-in&gt; text" in text


def test_a_run_that_was_stopped_says_why_and_what_to_do() -> None:
    run = made().last_run.model_dump(by_alias=True) | {
        "Finished": False,
        "StoppedBy": "No space left on device",
    }
    text = run_report_page(made(LastRun=run))
    assert "No space left on device" in text
    assert "Run the same command again" in text


def test_a_run_that_found_nothing_does_not_say_that_all_was_delivered() -> None:
    nothing = dict.fromkeys(made().totals.model_dump(by_alias=True), 0)
    text = run_report_page(made(Totals=nothing, Reasons=[], Actions=[], Findings=[], Iods=[], Studies=[]))
    assert "No DICOM instance was found." in text
    assert "Every DICOM instance" not in text
    assert "<table" not in text


def test_rules_and_findings_are_shown_in_russian_too() -> None:
    text = run_report_page(made(Reasons=[{"Outcome": "quarantined", "Rule": "verification", "Count": 1}]))
    for russian in (
        "проверка нашла недопустимое в результате",
        "базовый профиль: не удалено (0010,0010)",
        '<span lang="ru">приватный</span>',
    ):
        assert russian in text


def test_studies_that_need_a_look_come_first_and_very_many_are_not_all_listed() -> None:
    study = made().studies[0].model_dump(by_alias=True)
    many = [study | {"Study": f"2.25.{number}", "State": "Complete"} for number in range(STUDIES_SHOWN + 10)]
    text = run_report_page(made(Studies=[*many, study | {"Study": "2.25.999999"}]))
    assert "2.25.999999" in text
    assert f"{STUDIES_SHOWN} of {STUDIES_SHOWN + 11} studies" in text
    assert text.count('class="state') == STUDIES_SHOWN


def test_the_json_is_what_the_model_reads_back() -> None:
    report = made()
    assert Report.model_validate(json.loads(report.to_json())) == report


def test_the_schema_is_the_models_and_explains_the_counts() -> None:
    script = runpy.run_path(str(ROOT / "scripts" / "make_report_schema.py"))
    committed = (ROOT / "plugin" / "orthanc_deid" / "report" / "schema.json").read_text(encoding="utf-8")
    assert committed == script["schema_text"](), "run scripts/make_report_schema.py"
    totals = json.loads(committed)["$defs"]["Totals"]["properties"]
    assert all("description" in each for name, each in totals.items())


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        (0, ("0 B", "0 Б")),
        (999, ("999 B", "999 Б")),
        (1500, ("1.5 kB", "1,5 кБ")),
        (5 * 10**15, ("5000.0 TB", "5000,0 ТБ")),
    ],
)
def test_sizes_are_shown_as_people_read_them(number: int, shown: tuple[str, str]) -> None:
    assert quantities.size(number) == shown


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (1.25, ("1.2 s", "1,2 с")),
        (75, ("1 min 15 s", "1 мин 15 с")),
        (7290, ("2 h 01 min", "2 ч 01 мин")),
    ],
)
def test_durations_are_shown_as_people_read_them(seconds: float, shown: tuple[str, str]) -> None:
    assert quantities.duration(seconds) == shown
