"""The report of an Orthanc as one page, in English and Russian: it loads nothing and names no patient."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from orthanc_deid.report.catalogue import reason, texts, word
from orthanc_deid.report.html import Html, bar, document, element, head, html, join, section, table
from orthanc_deid.report.sections import (
    COUNT,
    OUTCOMES,
    action_section,
    condition_section,
    named_counts,
    reason_section,
    state_tiles,
    study_state_label,
    tone,
)

Content = Mapping[str, Any]
"""The report as the route returns it in JSON."""

_FACTS = (("report.codes", "Codes"), ("report.notSearched", "LeftOut"), ("report.notes", "Notes"))


def server_report_page(report: Content) -> str:
    """Return the whole page."""
    parts = (
        head(word("report.serverTitle"), f"{_when(report['Time'])} UTC · orthanc-deid {report['Version']}"),
        _trouble(report),
        state_tiles(report["Counts"].items()),
        _reasons(report),
        _tags(report),
        _hours(report),
        action_section([(each["Action"], each["Rule"], each["Count"]) for each in report["Actions"]]),
        _studies(report),
        _lost(report),
        _conditions(report),
    )
    return document(texts("report.title")[0], join(parts))


def _trouble(report: Content) -> Html:
    if not report["Trouble"]:
        return Html("")
    return element("p", reason(report["Trouble"]), class_="notice bad", role="status")


def _reasons(report: Content) -> Html:
    rows = [
        (state, rule, count)
        for state, rules in report["Rules"].items()
        for rule, count in sorted(rules.items(), key=lambda pair: -pair[1])
    ]
    return reason_section(rows) or element("p", word("report.whyNone"), class_="notice good")


def _tags(report: Content) -> Html:
    if not report["Tags"]:
        return Html("")
    columns = (
        (word("column.outcome"), "keep"),
        (word("column.tag"), "code keep"),
        (word("column.attribute"), ""),
        COUNT,
    )
    rows = [
        (word(f"state.{each['State']}"), each["Tag"], each["Keyword"], each["Count"])
        for each in report["Tags"]
    ]
    return section(word("report.tags"), table(columns, rows))


def _hours(report: Content) -> Html:
    if not report["Hours"]:
        return Html("")
    sums = [sum(hour.get(state, 0) for state in OUTCOMES) for hour in report["Hours"]]
    most = max([*sums, 1])
    rows = []
    for hour, total in zip(report["Hours"], sums, strict=True):
        parts = [(hour.get(state, 0) / most, tone(state)) for state in OUTCOMES]
        rows.append((_when(hour["Hour"])[:-3], total, bar(parts, f"{total}")))
    columns = ((word("column.hourUtc"), "code keep"), COUNT, (Html(""), "share"))
    return section(word("report.hours"), table(columns, rows))


def _studies(report: Content) -> Html:
    if not report["PartialStudies"]:
        return Html("")
    shown = [state for state in OUTCOMES if state != "Duplicate"]
    columns = (
        (word("column.study"), "code id"),
        (word("column.state"), "keep"),
        *((word(f"state.{state}"), "number") for state in shown),
    )
    rows = [
        (study["ID"], study_state_label(study["State"]), *(study[state] for state in shown))
        for study in report["PartialStudies"]
    ]
    caption = None if report["PartialStudiesComplete"] else word("report.partialMore")
    return section(word("report.partial"), table(columns, rows, caption))


def _lost(report: Content) -> Html:
    if not report["Lost"]:
        return Html("")
    columns = (
        (word("column.instance"), "code id"),
        (word("column.store"), ""),
        (word("column.whenUtc"), "code keep"),
    )
    rows = [(html(row["Instance"]), row["Store"], _when(row["LastUpdate"])) for row in report["Lost"]]
    return section(word("report.lost"), table(columns, rows, word("report.lostHint")))


def _conditions(report: Content) -> Html:
    pairs = [
        (word(key), named_counts((each["Name"], each["Count"]) for each in report[name]))
        for key, name in _FACTS
        if report[name]
    ]
    return condition_section(pairs) if pairs else Html("")


def _when(iso: str) -> str:
    """Return a time as routes give it, yyyymmddThhmmss, as yyyy-mm-dd hh:mm:ss."""
    return f"{iso[:4]}-{iso[4:6]}-{iso[6:8]} {iso[9:11]}:{iso[11:13]}:{iso[13:15]}"
