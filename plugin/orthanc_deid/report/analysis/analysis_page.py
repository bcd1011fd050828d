"""The analysis of identifying attributes as one page, in English and Russian."""

from __future__ import annotations

from orthanc_deid.report.analysis.analysis import Analysis, AttributeLine, Scope
from orthanc_deid.report.analysis.attribute_counts import MISSING, OTHER
from orthanc_deid.report.analysis.chart import TONES, chart, shares
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
"""Attributes listed on the page, the most frequent ones; the CSV file lists them all."""

_NUMBER = "number"
_DEFINITIONS = ("Table", "TableOrPrivate", "TableOrPrivateOrVr")
_SHORT = tuple((word(f"analysis.short.{each}"), _NUMBER) for each in _DEFINITIONS)
_NAMES = {"": word("app.all"), OTHER: word("analysis.others"), MISSING: word("analysis.missing")}
_ELEMENTS = (word("column.elements"), _NUMBER)


def analysis_page(found: Analysis) -> str:
    """Return the whole page."""
    parts = (
        head(word("analysis.title"), word("analysis.about", found.version)),
        _tiles(found),
        _chart(found),
        *(_scopes(found, kind) for kind in ("modality", "IOD", "manufacturer")),
        _attributes(found),
        _reasons(word("analysis.suspected"), found.suspected),
        _reasons(word("analysis.unreadable"), found.unreadable),
        element("p", word("analysis.definition"), class_="soft"),
    )
    return document(texts("analysis.name")[0], join(parts))


def _tiles(found: Analysis) -> Html:
    whole = found.of("all")[0]
    return tiles(
        (
            ("accent", found.instances, word("column.instances")),
            ("accent", whole.attributes, word("column.distinct")),
            ("accent", whole.occurrences, word("column.elements")),
            ("quarantined", whole.suspected, word("analysis.suspected")),
            ("other", found.not_dicom, word("state.NotDicom")),
        )
    )


def _chart(found: Analysis) -> Html:
    drawn = chart(found.scopes, "Share of identifying attributes by modality")
    card = element("div", element("div", drawn, class_="scroll"), class_="card")
    legend = join(
        element("span", Html(f'<i class="{tone}"></i>' + word(f"analysis.by.{each}")), class_=tone)
        for tone, each in zip(TONES, _DEFINITIONS, strict=True)
    )
    below = element("p", legend, class_="legend") + element("p", word("analysis.article"), class_="soft")
    return section(word("analysis.shares"), Html(card + below))


def _scopes(found: Analysis, kind: str) -> Html:
    heading = word(f"analysis.of.{kind}")
    columns = (
        (heading, "name"),
        (word("column.instances"), _NUMBER),
        (word("column.attributes"), _NUMBER),
        *_SHORT,
        _ELEMENTS,
        *_SHORT,
        (word("column.suspected"), _NUMBER),
    )
    rows = map(_scope, (*found.of("all"), *found.of(kind)))
    return section(heading, table(columns, rows, word("analysis.sharesHint")))


def _scope(scope: Scope) -> tuple[object, ...]:
    return (
        _NAMES.get(scope.name) or html(scope.name),
        scope.instances,
        scope.attributes,
        *map(percent, shares(scope.by_attribute)),
        scope.occurrences,
        *map(percent, shares(scope.by_occurrence)),
        scope.suspected,
    )


def _attributes(found: Analysis) -> Html:
    listed = sorted(found.attributes, key=lambda each: (-each.files, each.tag, each.creator))
    shown = listed[:ATTRIBUTES_SHOWN]
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
    caption = word("analysis.attributesShown", len(shown), len(listed))
    return section(word("analysis.attributes"), table(columns, rows, caption))


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
