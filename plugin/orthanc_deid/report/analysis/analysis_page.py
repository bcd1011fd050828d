"""The analysis as one page, in English and Russian."""

from __future__ import annotations

from orthanc_deid.report.analysis.analysis import Analysis, AttributeLine, Scope, Shares
from orthanc_deid.report.analysis.attribute_counts import NONE, OTHER
from orthanc_deid.report.analysis.chart import TONES, chart
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
    percent,
    section,
    table,
    tiles,
)

ATTRIBUTES_SHOWN = 400
"""Attributes listed on the page, the most frequent ones; the CSV file lists them all."""

_NUMBER = "number"
_DEFINITIONS = (
    both("has a Basic action in Table E.1-1 of PS3.15", "есть в таблице E.1-1 PS3.15"),
    both("that, or private", "то же или приватный"),
    both("that, or of a VR that can hold identity", "то же или VR, способный нести идентичность"),
)
_SHORT = (
    both("Table", "Таблица"),
    both("or private", "или приватный"),
    both("or by VR", "или по VR"),
)
_NAMES = {"": both("all", "все"), OTHER: both("others", "прочие"), NONE: both("none said", "не указано")}


def page(found: Analysis) -> str:
    """Return the whole page."""
    sections = (
        _head(found),
        _tiles(found),
        _chart(found),
        _scopes(found, "modality", both("By modality", "По модальностям")),
        _scopes(found, "IOD", both("By kind of object", "По видам объектов")),
        _scopes(found, "manufacturer", both("By manufacturer", "По производителям")),
        _attributes(found),
        _troubles(found),
        _notes(),
    )
    return document("Identifying tags", join(sections))


def _head(found: Analysis) -> Html:
    title = both("Which tags can carry identity", "Какие теги могут идентифицировать пациента")
    words = both(
        f"orthanc-deid {found.version}. No value of any element is shown here.",
        f"orthanc-deid {found.version}. Значения элементов здесь не показаны.",
    )
    return head(title, words)


def _tiles(found: Analysis) -> Html:
    whole = found.of("all")[0]
    shown = (
        ("accent", found.instances, both("instances", "объектов")),
        ("accent", whole.attributes, both("distinct attributes", "различных атрибутов")),
        ("accent", whole.occurrences, both("elements", "элементов")),
        (
            "quarantined",
            whole.suspected,
            both("suspected of burned-in text", "с подозрением на текст в пикселях"),
        ),
        ("other", found.not_dicom, both("files not DICOM", "файлов не DICOM")),
    )
    return tiles(shown)


def _chart(found: Analysis) -> Html:
    heading = both(
        "Share of identifying ones among distinct attributes",
        "Доля идентифицирующих среди различных атрибутов",
    )
    drawn = chart(found.scopes, "Share of identifying attributes by modality")
    card = element("div", element("div", drawn, class_="scroll"), class_="card")
    legend = join(
        element("span", Html(f'<i class="{tone}"></i>' + words), class_=tone)
        for tone, words in zip(TONES, _DEFINITIONS, strict=True)
    )
    words = both(
        "The dashed line marks the 60 % that the article on radiographs and fluorograms found.",
        "Пунктир — 60 %, полученные в статье о рентгенограммах и флюорограммах.",
    )
    below = element("p", legend, class_="legend") + element("p", words, class_="soft")
    return section(heading, Html(card + below))


def _scopes(found: Analysis, kind: str, heading: Html) -> Html:
    scopes = (*found.of("all"), *found.of(kind))
    columns = (
        (heading, "name"),
        (both("Instances", "Объекты"), _NUMBER),
        (both("Attributes", "Атрибуты"), _NUMBER),
        *((Html(both("", "") + name), _NUMBER) for name in _SHORT),
        (both("Elements", "Элементы"), _NUMBER),
        *((name, _NUMBER) for name in _SHORT),
        (both("Suspected", "Подозрение"), _NUMBER),
    )
    words = both(
        "Shares among distinct attributes, then among elements (occurrences).",
        "Доли среди различных атрибутов, затем среди элементов (вхождений).",
    )
    return section(heading, table(columns, map(_scope, scopes), words))


def _scope(scope: Scope) -> tuple[object, ...]:
    return (
        _NAMES.get(scope.name) or html(scope.name),
        scope.instances,
        scope.attributes,
        *_percents(scope.by_attribute),
        scope.occurrences,
        *_percents(scope.by_occurrence),
        scope.suspected,
    )


def _percents(shares: Shares) -> tuple[Html, Html, Html]:
    return (
        percent(shares.table),
        percent(shares.table_or_private),
        percent(shares.table_or_private_or_vr),
    )


def _attributes(found: Analysis) -> Html:
    shown = sorted(found.attributes, key=lambda each: (-each.files, each.tag, each.creator))[
        :ATTRIBUTES_SHOWN
    ]
    columns = (
        (both("Tag", "Тег"), "code keep"),
        (both("Attribute", "Атрибут"), ""),
        (both("VR", "VR"), ""),
        (both("Files", "Файлы"), _NUMBER),
        (both("", ""), "share"),
        (both("Elements", "Элементы"), _NUMBER),
        (both("Can carry identity", "Может идентифицировать"), ""),
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
    words = both(
        f"{len(shown)} of {len(found.attributes)} attributes; the CSV file lists them all.",
        f"{len(shown)} из {len(found.attributes)} атрибутов; все — в файле CSV.",
    )
    return section(both("Attributes that occur", "Встретившиеся атрибуты"), table(columns, rows, words))


def _why(each: AttributeLine) -> Html:
    reasons = []
    if each.basic_code:
        reasons.append(both(f"table: {each.basic_code}", f"таблица: {each.basic_code}"))
    if each.private:
        reasons.append(both("private", "приватный"))
    if each.identity_vr:
        reasons.append(both(f"VR {each.vr}", f"VR {each.vr}"))
    return Html(", ".join(reasons)) if reasons else Html("—")


def _troubles(found: Analysis) -> Html:
    made = []
    for heading, listed in (
        (both("Suspected of burned-in text", "Подозрение на текст в пикселях"), found.suspected),
        (both("Files that could not be read", "Файлы, которые не удалось прочитать"), found.unreadable),
    ):
        if listed:
            columns = ((both("Reason", "Причина"), ""), (both("Files", "Файлы"), _NUMBER))
            made.append(section(heading, table(columns, ((told(each.name), each.count) for each in listed))))
    return join(made)


def _notes() -> Html:
    words = both(
        "Depth is ignored: an attribute inside a sequence is the same attribute. Private ones are told apart by "
        "creator, group and element; group lengths and file meta information are left out. Creators, modalities and "
        "manufacturers are named only where they are published ones; everything else that stands there is grouped.",
        "Глубина не учитывается: атрибут внутри последовательности — тот же атрибут. Приватные различаются по "
        "создателю, группе и элементу; длины групп и метаинформация файла не считаются. Создатели, модальности и "
        "производители названы, только если они общеизвестны; всё остальное объединено.",
    )
    return element("p", words, class_="soft")
