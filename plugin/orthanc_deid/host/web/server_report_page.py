"""The report as one page, in English and Russian: it loads nothing, and names no patient."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from orthanc_deid.report.catalogue import told
from orthanc_deid.report.html import (
    Html,
    bar,
    both,
    document,
    element,
    head,
    html,
    join,
    section,
    table,
    tiles,
)

_STATES = {
    "Pending": both("pending", "ожидает"),
    "Delivered": both("delivered", "передано"),
    "Duplicate": both("already there", "уже было"),
    "Quarantined": both("quarantined", "в карантине"),
    "Failed": both("failed", "сбой"),
    "Lost": both("lost", "утрачено"),
    "Ignored": both("left alone", "не тронуто"),
    "Partial": both("partial", "частично"),
    "Withheld": both("nothing released", "ничего не выпущено"),
    "Unknown": both("unknown", "неизвестно"),
}
_TONES = {
    "Delivered": "delivered",
    "Duplicate": "duplicate",
    "Quarantined": "quarantined",
    "Failed": "failed",
    "Lost": "failed",
}
_COUNT = (both("Count", "Число"), "number")


def page(report: Mapping[str, Any]) -> str:
    """Return the whole page for a report as the route answers it."""
    title = both("De-identification in this Orthanc", "Деидентификация в этом Orthanc")
    top = head(title, f"{_when(report['Time'])} UTC · orthanc-deid {report['Version']}")
    trouble = (
        element("p", told(report["Trouble"]), class_="notice bad", role="status") if report["Trouble"] else ""
    )
    parts = (_tiles(report), _rules(report), _tags(report), _hours(report), _studies(report), _lost(report))
    return document("De-identification report", Html(top + trouble + join(parts)))


def _tiles(report: Mapping[str, Any]) -> Html:
    counts: Mapping[str, int] = report["Counts"]
    return tiles([(_TONES.get(name, "other"), number, _STATES[name]) for name, number in counts.items()])


def _rules(report: Mapping[str, Any]) -> Html:
    rows = [
        (_STATES[state], told(rule), count)
        for state, rules in report["Rules"].items()
        for rule, count in sorted(rules.items(), key=lambda pair: -pair[1])
    ]
    if not rows:
        none = both("Nothing is held back.", "Ничего не задержано.")
        return element("p", none, class_="notice good")
    columns = ((both("Outcome", "Исход"), "keep"), (both("Reason", "Причина"), ""), _COUNT)
    return section(both("What was held back, and why", "Что задержано и почему"), table(columns, rows))


def _tags(report: Mapping[str, Any]) -> Html:
    if not report["Tags"]:
        return Html("")
    rows = [(_STATES[each["State"]], each["Tag"], each["Keyword"], each["Count"]) for each in report["Tags"]]
    columns = (
        (both("Outcome", "Исход"), "keep"),
        (both("Tag", "Тег"), "code keep"),
        (both("Attribute", "Атрибут"), ""),
        _COUNT,
    )
    return section(both("At which tags", "На каких тегах"), table(columns, rows))


def _hours(report: Mapping[str, Any]) -> Html:
    if not report["Hours"]:
        return Html("")
    sums = [sum(hour.get(name, 0) for name in _TONES) for hour in report["Hours"]]
    most = max([*sums, 1])
    rows = []
    for hour, total in zip(report["Hours"], sums, strict=True):
        parts = [(hour.get(name, 0) / most, tone) for name, tone in _TONES.items()]
        rows.append((_when(hour["Hour"])[:-3], total, bar(parts, f"{total}")))
    columns = ((both("Hour (UTC)", "Час (UTC)"), "code keep"), _COUNT, (both("", ""), "share"))
    return section(both("By hour", "По часам"), table(columns, rows))


def _studies(report: Mapping[str, Any]) -> Html:
    if not report["PartialStudies"]:
        return Html("")
    names = [name for name in _TONES if name != "Duplicate"]
    columns = (
        (both("Study", "Исследование"), "code id"),
        (both("State", "Состояние"), "keep"),
        *((_STATES[name], "number") for name in names),
    )
    rows = [
        (study["ID"], _STATES[study["State"]], *(study[name] for name in names))
        for study in report["PartialStudies"]
    ]
    more = both(
        "There are more than were looked at; /deidentify/quarantine lists every instance.",
        "Есть и другие; каждый объект есть в списке /deidentify/quarantine.",
    )
    caption = None if report["PartialStudiesComplete"] else more
    return section(both("Partial studies", "Неполные исследования"), table(columns, rows, caption))


def _lost(report: Mapping[str, Any]) -> Html:
    if not report["Lost"]:
        return Html("")
    columns = (
        (both("Instance", "Объект"), "code id"),
        (both("Store", "Хранилище"), ""),
        (both("When (UTC)", "Когда (UTC)"), "code keep"),
    )
    rows = [(html(row["Instance"]), row["Store"], _when(row["LastUpdate"])) for row in report["Lost"]]
    words = both("Deleted from Orthanc before they were delivered:", "Удалены из Orthanc до передачи:")
    return section(both("Lost", "Утрачено"), table(columns, rows, words))


def _when(iso: str) -> str:
    """Return a time as routes tell it, yyyymmddThhmmss, as people read it."""
    return f"{iso[:4]}-{iso[4:6]}-{iso[6:8]} {iso[9:11]}:{iso[11:13]}:{iso[13:15]}"
