"""report.html: the report as one page, in English and Russian."""

from __future__ import annotations

from collections.abc import Iterable

from orthanc_deid.report.catalogue import told
from orthanc_deid.report.html import (
    Html,
    bar,
    both,
    document,
    duration,
    element,
    grouped,
    head,
    html,
    join,
    section,
    size,
    table,
    tiles,
)
from orthanc_deid.report.run.report_model import Count, Report, Study

STUDIES_SHOWN = 500
"""Studies listed on the page, those that need a look first; report.json lists them all."""

_TONES = {"Complete": "delivered", "Partial": "quarantined", "Withheld": "failed"}
_STATES = {
    "Complete": both("complete", "полностью"),
    "Partial": both("partial", "частично"),
    "Withheld": both("withheld", "не выдано"),
}
_OUTCOMES = {
    "quarantined": both("quarantined", "карантин"),
    "failed": both("failed", "сбой"),
    "not DICOM": both("not DICOM", "не DICOM"),
}
_COUNT = (both("Count", "Число"), "number")
_FILES = (both("Files", "Файлы"), "number")


def page(report: Report) -> str:
    """Return the whole page."""
    sections = (
        _head(report),
        _notice(report),
        _tiles(report),
        _shares(report),
        _pace(report),
        _reasons(report),
        _findings(report),
        _iods(report),
        _actions(report),
        _studies(report),
        _conditions(report),
    )
    return document("De-identification report", join(sections))


def _head(report: Report) -> Html:
    title = both("De-identification report", "Отчёт о деидентификации")
    return head(title, f"{report.last_run.started} · {report.profile.name} · {report.profile.fingerprint}")


def _notice(report: Report) -> Html:
    run, totals = report.last_run, report.totals
    if not run.finished:
        words = both(
            "This run did not come to its end. Run the same command again: it goes on where it was. Why: ",
            "Запуск не завершён. Повторите ту же команду: работа продолжится с того же места. Причина: ",
        )
        return element("p", Html(words + told(run.stopped_by)), class_="notice bad", role="status")
    if totals.quarantined or totals.failed or run.unreadable_folders:
        words = both(
            "Not everything was delivered. Which files, and why, is listed in quarantine.csv beside this page.",
            "Выдано не всё. Какие файлы и почему — в файле quarantine.csv рядом с этой страницей.",
        )
        return element("p", words, class_="notice", role="status")
    if not totals.delivered:
        words = both("No DICOM instance was found.", "Объектов DICOM не найдено.")
        return element("p", words, class_="notice", role="status")
    words = both(
        "Every DICOM instance was de-identified, verified and delivered.",
        "Все объекты DICOM деидентифицированы, проверены и выданы.",
    )
    return element("p", words, class_="notice good", role="status")


def _tiles(report: Report) -> Html:
    totals = report.totals
    shown = (
        ("delivered", totals.instances, both("instances delivered", "объектов выдано")),
        ("duplicate", totals.duplicates, both("duplicates", "дубликатов")),
        ("quarantined", totals.quarantined, both("quarantined", "в карантине")),
        ("failed", totals.failed, both("failed", "сбоев")),
        ("other", totals.not_dicom, both("not DICOM", "не DICOM")),
    )
    return tiles(shown)


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
    files, found, done = map(grouped, (totals.files, run.found, run.processed))
    whole, whole_ru = size(totals.bytes)
    took, took_ru = duration(run.seconds)
    pace = grouped(round(run.files_per_second))
    flow, flow_ru = size(round(run.bytes_per_second))
    english = (
        f"{files} files, {whole}. The last run looked at {found} files, did {done} of them in {took} "
        f"with {run.workers} workers ({pace} files/s, {flow}/s)."
    )
    russian = (
        f"Файлов: {files}, {whole_ru}. Последний запуск: найдено {found}, обработано {done} за {took_ru}, "
        f"процессов: {run.workers} ({pace} файлов/с, {flow_ru}/с)."
    )
    return element("p", both(english, russian), class_="soft")


def _reasons(report: Report) -> Html:
    if not report.reasons:
        return Html("")
    columns = ((both("Outcome", "Исход"), "keep"), (both("Reason", "Причина"), ""), _FILES)
    rows = ((_OUTCOMES[each.outcome], told(each.rule), each.count) for each in report.reasons)
    return section(both("What was not delivered, and why", "Что не выдано и почему"), table(columns, rows))


def _findings(report: Report) -> Html:
    if not report.findings:
        return Html("")
    words = both(
        "The independent check found these in results that were therefore withheld: rule, kind and place.",
        "Независимая проверка нашла это в результатах, которые поэтому не выданы: правило, вид, место.",
    )
    columns = ((both("Finding", "Находка"), "code"), _COUNT)
    rows = ((told(each.name), each.count) for each in report.findings[:STUDIES_SHOWN])
    found = table(columns, rows, words)
    return section(both("Findings of the verifier", "Находки проверки"), found)


def _iods(report: Report) -> Html:
    if not report.iods:
        return Html("")
    columns = (
        (both("SOP Class", "Класс SOP"), "name"),
        _FILES,
        (both("Delivered", "Выдано"), "number"),
        (both("Quarantined", "Карантин"), "number"),
        (both("Failed", "Сбои"), "number"),
        (both("Share", "Доля"), "share"),
    )
    unknown = both("could not be read", "не удалось прочитать")
    rows = []
    for each in report.iods:
        whole = max(each.files, 1)
        parts = [
            (each.delivered / whole, "delivered"),
            (each.quarantined / whole, "quarantined"),
            (each.failed / whole, "failed"),
        ]
        drawn = bar(parts, f"{each.delivered} of {each.files}")
        name = html(each.name or each.sop_class) if each.sop_class else unknown
        rows.append((name, each.files, each.delivered, each.quarantined, each.failed, drawn))
    return section(both("By kind of object", "По видам объектов"), table(columns, rows))


def _actions(report: Report) -> Html:
    if not report.actions:
        return Html("")
    most = max(each.count for each in report.actions)
    columns = (
        (both("Action", "Действие"), "code"),
        (both("Rule", "Правило"), "name"),
        (both("Elements", "Элементы"), "number"),
        (both("", ""), "share"),
    )
    rows = (
        (each.action, told(each.rule), each.count, bar([(each.count / most, "accent")], str(each.count)))
        for each in report.actions
    )
    words = both(
        "Changed elements, at every depth. D dummy value, Z empty, X removed, C cleaned, U new UID (PS3.15).",
        "Изменённые элементы на всех уровнях: D замена, Z очистка, X удаление, C чистка, U новый UID (PS3.15).",
    )
    return section(both("Actions by rule", "Действия по правилам"), table(columns, rows, words))


def _studies(report: Report) -> Html:
    if not report.studies:
        return Html("")
    order = {"Withheld": 0, "Partial": 1, "Complete": 2}
    shown = sorted(report.studies, key=lambda each: (order[each.state], each.study))[:STUDIES_SHOWN]
    columns = (
        (both("Study Instance UID (new)", "Study Instance UID (новый)"), "code id"),
        (both("State", "Состояние"), ""),
        (both("Instances", "Объекты"), "number"),
        (both("Quarantined", "Карантин"), "number"),
        (both("Failed", "Сбои"), "number"),
        (both("Size", "Объём"), "number"),
    )
    caption = None
    if len(shown) < len(report.studies):
        caption = both(
            f"{len(shown)} of {len(report.studies)} studies; report.json lists them all.",
            f"{len(shown)} из {len(report.studies)} исследований; все — в report.json.",
        )
    return section(both("Studies", "Исследования"), table(columns, map(_study, shown), caption))


def _study(each: Study) -> tuple[object, ...]:
    state = element("span", _STATES[each.state], class_=f"state {_TONES[each.state]}")
    unknown = both("could not be read", "не удалось прочитать")
    name = html(each.study) if each.study else unknown
    return name, state, each.instances, each.quarantined, each.failed, both(*size(each.bytes))


def _conditions(report: Report) -> Html:
    profile, software = report.profile, report.software
    pairs = (
        (both("Profile", "Профиль"), f"{profile.name} ({profile.fingerprint})"),
        (both("What it does", "Что он делает"), told(profile.description)),
        (both("Options", "Опции"), "; ".join(profile.options) or "—"),
        (both("Depth of the check", "Глубина проверки"), told(profile.verify)),
        (both("CID 7050 codes that hold", "Верные коды CID 7050"), _named(report.codes)),
        (both("Not searched, by kind", "Не искалось, по видам"), _named(report.left_out)),
        (both("Notes", "Замечания"), _named(report.notes)),
        (both("Key fingerprint", "Отпечаток ключа"), report.key),
        (
            both("Software", "Программа"),
            f"{software.name} {software.version}, Python {software.python}, pydicom {software.pydicom}, "
            f"{software.system}",
        ),
    )
    listed = join(Html(element("dt", name) + element("dd", value)) for name, value in pairs)
    card = element("div", element("dl", listed), class_="card")
    words = both(
        "This page names no patient and no source path. Original paths stand in quarantine.csv alone.",
        "На странице нет данных пациентов и исходных путей. Исходные пути — только в quarantine.csv.",
    )
    return Html(section(both("Conditions", "Условия"), card) + element("p", words, class_="soft"))


def _named(counts: Iterable[Count]) -> Html:
    return told("; ".join(f"{each.name}: {grouped(each.count)}" for each in counts) or "—")
