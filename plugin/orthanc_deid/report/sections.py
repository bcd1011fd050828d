"""Sections that several pages have: states, reasons, actions by rule, studies, conditions.

The report of a folder run and that of an Orthanc show the same facts of different sources; each is drawn here once.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from orthanc_deid.pipeline.tasks import HELD_BACK, SENT, State
from orthanc_deid.report.catalogue import reason, word
from orthanc_deid.report.html import Html, bar, element, grouped, join, section, table, tiles

COUNT = (word("column.count"), "number")
FILES = (word("column.files"), "number")

OUTCOMES = tuple(state.capitalize() for state in State if state in SENT | HELD_BACK)
"""The states in which an instance has been delivered or held back, as keys of JSON."""

_STUDY_TONES = {
    "Delivered": "delivered",
    "Complete": "delivered",
    "Partial": "quarantined",
    "Withheld": "failed",
    "SeveralPatients": "failed",
}


def tone(state: str) -> str:
    """Return the class that gives a state its colour."""
    return state.lower() if state in OUTCOMES else "other"


def state_tiles(counts: Iterable[tuple[str, int]]) -> Html:
    """Return counts by state as tiles."""
    return tiles([(tone(state), number, word(f"state.{state}")) for state, number in counts])


def study_state_label(state: str) -> Html:
    """Return the state of a study as a coloured label."""
    return element("span", word(f"studyState.{state}"), class_=f"state {_STUDY_TONES.get(state, 'other')}")


def reason_section(rows: Sequence[tuple[str, str, int]], count: tuple[Html, str] = COUNT) -> Html:
    """Return why instances were not delivered: outcome, rule and count of each row; empty without a row."""
    if not rows:
        return Html("")
    columns = ((word("column.outcome"), "keep"), (word("column.reason"), ""), count)
    cells = ((word(f"state.{state}"), reason(rule), number) for state, rule, number in rows)
    return section(word("report.why"), table(columns, cells))


def action_section(rows: Sequence[tuple[str, str, int]]) -> Html:
    """Return the actions by rule: action, rule and number of elements of each row; empty without a row."""
    if not rows:
        return Html("")
    most = max(number for _, _, number in rows)
    columns = (
        (word("column.action"), "code"),
        (word("column.rule"), "name"),
        (word("column.elements"), "number"),
        (Html(""), "share"),
    )
    cells = (
        (action, reason(rule), number, bar([(number / most, "accent")], str(number)))
        for action, rule, number in rows
    )
    return section(word("report.actions"), table(columns, cells, word("report.actionsHint")))


def condition_section(pairs: Iterable[tuple[Html, object]]) -> Html:
    """Return terms and their descriptions as a section."""
    listed = join(Html(element("dt", name) + element("dd", value)) for name, value in pairs)
    return section(word("report.conditions"), element("div", element("dl", listed), class_="card"))


def named_counts(counts: Iterable[tuple[str, int]]) -> Html:
    """Return names with their counts in one line, a dash where there are none; notes and kinds are translated."""
    return reason("; ".join(f"{name}: {grouped(number)}" for name, number in counts) or "\u2014")
