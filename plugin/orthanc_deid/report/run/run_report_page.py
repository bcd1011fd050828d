"""report.html: the report of a folder run as one page, in English and Russian."""

from __future__ import annotations

from collections.abc import Iterable

from orthanc_deid.report.catalogue import in_russian, reason, texts, word
from orthanc_deid.report.html import Html, bar, both, document, element, head, html, join, section, table
from orthanc_deid.report.quantities import duration, size
from orthanc_deid.report.run.report_model import Count, Report, Study
from orthanc_deid.report.sections import (
    COUNT,
    FILES,
    action_section,
    condition_section,
    named_counts,
    reason_section,
    state_tiles,
    study_state_label,
)

STUDIES_SHOWN = 500
"""Studies listed on the page, those with something held back first; report.json lists them all."""

_ORDER = {"SeveralPatients": 0, "Withheld": 1, "Partial": 2, "Complete": 3}
_QUARANTINED = (word("state.Quarantined"), "number")
_FAILED = (word("state.Failed"), "number")


def run_report_page(report: Report) -> str:
    """Return the whole page."""
    parts = (
        _head(report),
        _notice(report),
        _tiles(report),
        _shares(report),
        _pace(report),
        reason_section([(_state(each.outcome), each.rule, each.count) for each in report.reasons], FILES),
        _findings(report),
        _iods(report),
        action_section([(each.action, each.rule, each.count) for each in report.actions]),
        _studies(report),
        _conditions(report),
    )
    return document(texts("report.title")[0], join(parts))


def _state(outcome: str) -> str:
    """Return the key of an outcome's word: `NotDicom` for `not DICOM`."""
    return outcome.title().replace(" ", "")


def _head(report: Report) -> Html:
    about = f"{report.last_run.started} · {report.profile.name} · {report.profile.fingerprint}"
    return head(word("report.title"), about)


def _notice(report: Report) -> Html:
    run, totals = report.last_run, report.totals
    if not run.finished:
        words = word("report.unfinished", (run.stopped_by, in_russian(run.stopped_by)))
        return element("p", words, class_="notice bad", role="status")
    if totals.quarantined or totals.failed or run.unreadable_folders:
        return element("p", word("report.incomplete"), class_="notice", role="status")
    if not totals.delivered:
        return element("p", word("report.empty"), class_="notice", role="status")
    return element("p", word("report.complete"), class_="notice good", role="status")


def _tiles(report: Report) -> Html:
    totals = report.totals
    return state_tiles(
        (
            ("Delivered", totals.instances),
            ("Duplicate", totals.duplicates),
            ("Quarantined", totals.quarantined),
            ("Failed", totals.failed),
            ("NotDicom", totals.not_dicom),
        )
    )


def _shares(report: Report) -> Html:
    totals = report.totals
    whole = max(totals.files, 1)
    parts = [
        (totals.instances / whole, "delivered"),
        (totals.duplicates / whole, "duplicate"),
        (totals.quarantined / whole, "quarantined"),
        (totals.failed / whole, "failed"),
        (totals.not_dicom / whole, "other"),
    ]
    label = f"{totals.delivered} of {totals.files} files delivered"
    return element("div", bar(parts, label), class_="bar")


def _pace(report: Report) -> Html:
    run, totals = report.last_run, report.totals
    values = (totals.files, size(totals.bytes), run.found, run.processed, duration(run.seconds), run.workers)
    pace = (round(run.files_per_second), size(round(run.bytes_per_second)))
    return element("p", word("report.pace", *values, *pace), class_="soft")


def _findings(report: Report) -> Html:
    if not report.findings:
        return Html("")
    columns = ((word("column.finding"), "code"), COUNT)
    rows = ((reason(each.name), each.count) for each in report.findings[:STUDIES_SHOWN])
    return section(word("report.findings"), table(columns, rows, word("report.findingsHint")))


def _iods(report: Report) -> Html:
    if not report.iods:
        return Html("")
    columns = (
        (word("column.sopClass"), "name"),
        FILES,
        (word("state.Delivered"), "number"),
        _QUARANTINED,
        _FAILED,
        (word("column.share"), "share"),
    )
    rows = []
    for each in report.iods:
        whole = max(each.files, 1)
        parts = [
            (each.delivered / whole, "delivered"),
            (each.quarantined / whole, "quarantined"),
            (each.failed / whole, "failed"),
        ]
        drawn = bar(parts, f"{each.delivered} of {each.files}")
        name = html(each.name) if each.name else reason(each.sop_class)
        if not each.sop_class:
            name = word("report.unreadable")
        rows.append((name, each.files, each.delivered, each.quarantined, each.failed, drawn))
    return section(word("report.iods"), table(columns, rows))


def _studies(report: Report) -> Html:
    if not report.studies:
        return Html("")
    listed = sorted(report.studies, key=lambda each: (_ORDER[each.state], each.study))
    shown = listed[:STUDIES_SHOWN]
    columns = (
        (word("column.newStudy"), "code id"),
        (word("column.state"), ""),
        (word("column.instances"), "number"),
        _QUARANTINED,
        _FAILED,
        (word("column.size"), "number"),
    )
    caption = None if len(shown) == len(listed) else word("report.studiesShown", len(shown), len(listed))
    return section(word("report.studies"), table(columns, map(_study, shown), caption))


def _study(each: Study) -> tuple[object, ...]:
    name = html(each.study) if each.study else word("report.unreadable")
    state = study_state_label(each.state)
    return name, state, each.instances, each.quarantined, each.failed, both(*size(each.bytes))


def _conditions(report: Report) -> Html:
    profile, software = report.profile, report.software
    versions = f"{software.name} {software.version}, Python {software.python}, pydicom {software.pydicom}"
    conditions = condition_section(
        (
            (word("column.profile"), f"{profile.name} ({profile.fingerprint})"),
            (word("report.description"), reason(profile.description)),
            (word("report.options"), "; ".join(profile.options) or "\u2014"),
            (word("report.depth"), reason(profile.verify)),
            (word("report.codes"), _named(report.codes)),
            (word("report.notSearched"), _named(report.left_out)),
            (word("report.notes"), _named(report.notes)),
            (word("report.key"), report.key),
            (word("report.software"), f"{versions}, {software.system}"),
        )
    )
    return Html(conditions + element("p", word("report.privacy"), class_="soft"))


def _named(counts: Iterable[Count]) -> Html:
    return named_counts((each.name, each.count) for each in counts)
