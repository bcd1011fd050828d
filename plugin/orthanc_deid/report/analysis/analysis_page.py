"""The analysis of identifying attributes as a page of its own and as sections of the page inside Orthanc.

Both are in English and Russian.
"""

from __future__ import annotations

from pydantic.alias_generators import to_snake as _snake

from orthanc_deid.report.analysis.analysis import Analysis, AttributeLine, Scope
from orthanc_deid.report.analysis.chart import TONES, chart
from orthanc_deid.report.analysis.layout import DEFINITIONS, KINDS, NAMES, REASONS, SCOPE_COLUMNS, TILES
from orthanc_deid.report.catalogue import reason, texts, word
from orthanc_deid.report.html import (
    Html,
    bar,
    document,
    element,
    head,
    html,
    join,
    section,
    table,
    tiles,
)
from orthanc_deid.report.quantities import percent
from orthanc_deid.report.run.report_model import Count
from orthanc_deid.report.sections import FILES

ATTRIBUTES_SHOWN = 400
"""Attributes listed in the file, the most frequent ones; the CSV file lists them all."""

_SHARES, _ATTRIBUTES = "shares", "attributes"
"""The ids of headings: one names the chart, below the other the page inside Orthanc has a filter."""

_NUMBER = "number"
_ELEMENTS = (word("column.elements"), _NUMBER)


def analysis_page(found: Analysis) -> str:
    """Return the whole page, which is one file."""
    title = head(word("analysis.title"), word("analysis.about", found.version))
    return document(texts("analysis.name")[0], Html(title + _sections(found, ATTRIBUTES_SHOWN)))


def analysis_sections(found: Analysis) -> Html:
    """Return all sections without a page around them; all attributes are listed."""
    return _sections(found, None)


def _sections(found: Analysis, most: int | None) -> Html:
    parts = (
        _tiles(found),
        _chart(found),
        *(_scopes(found, kind) for kind in KINDS),
        _attributes(found, most),
        *(_reasons(word(key), getattr(found, _snake(field))) for key, field in REASONS),
        element("p", word("analysis.definition"), class_="soft"),
    )
    return join(parts)


def _tiles(found: Analysis) -> Html:
    (whole,) = found.of("all")
    shown = [
        ("quarantined" if field == "Suspected" else "accent", _count(whole, field), word(key))
        for key, field in TILES
    ]
    return tiles([*shown, ("other", found.not_dicom, word("state.NotDicom"))])


def _chart(found: Analysis) -> Html:
    scrolled = element("div", chart(found.scopes, _SHARES), class_="scroll")
    card = element("div", scrolled, class_="card")
    legend = join(
        element("span", Html(f'<i class="{tone}"></i>' + word(f"analysis.by.{each}")), class_=tone)
        for tone, each in zip(TONES, DEFINITIONS, strict=True)
    )
    below = element("p", legend, class_="legend") + element("p", word("analysis.article"), class_="soft")
    return section(word("analysis.shares"), Html(card + below), _SHARES)


def _scopes(found: Analysis, kind: str) -> Html:
    heading = word(f"analysis.of.{kind}")
    columns = ((heading, "name"), *((word(key), _NUMBER) for key, _ in SCOPE_COLUMNS))
    rows = map(_scope, (*found.of("all"), *found.of(kind)))
    return section(heading, table(columns, rows, word("analysis.sharesHint")))


def _scope(scope: Scope) -> list[object]:
    name = word(NAMES[scope.name]) if scope.name in NAMES else html(scope.name)
    return [name, *(_value(scope, field) for _, field in SCOPE_COLUMNS)]


def _value(scope: Scope, field: str) -> int | Html:
    """Return the value of a field as a cell: a count, or a share as per cent."""
    shares, _, definition = field.partition(".")
    if not definition:
        return _count(scope, field)
    share: float = getattr(getattr(scope, _snake(shares)), _snake(definition))
    return percent(share)


def _count(scope: Scope, field: str) -> int:
    count: int = getattr(scope, _snake(field))
    return count


def _attributes(found: Analysis, most: int | None) -> Html:
    listed = sorted(found.attributes, key=lambda each: (-each.files, each.tag, each.creator))
    shown = listed[:most]
    columns = (
        (word("column.tag"), "code keep"),
        (word("column.attribute"), ""),
        (Html("VR"), ""),
        FILES,
        (Html(""), "share"),
        _ELEMENTS,
        (word("analysis.why"), ""),
    )
    rows = (
        (
            each.tag,
            each.keyword or each.creator,
            each.vr,
            each.files,
            bar([(each.files / max(found.instances, 1), "accent")], str(each.files)),
            each.occurrences,
            _why(each),
        )
        for each in shown
    )
    caption = None if most is None else word("analysis.attributesShown", len(shown), len(listed))
    return section(word("analysis.attributes"), table(columns, rows, caption), _ATTRIBUTES)


def _why(each: AttributeLine) -> Html:
    found = []
    if each.basic_code:
        found.append(word("analysis.why.table", each.basic_code))
    if each.private:
        found.append(word("analysis.why.private"))
    if each.identity_vr:
        found.append(html(f"VR {each.vr}"))
    return Html(", ".join(found)) if found else Html("\u2014")


def _reasons(heading: Html, counts: tuple[Count, ...]) -> Html:
    if not counts:
        return Html("")
    columns = ((word("column.reason"), ""), FILES)
    return section(heading, table(columns, ((reason(each.name), each.count) for each in counts)))
