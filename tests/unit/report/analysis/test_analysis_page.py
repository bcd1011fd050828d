"""The drawn analysis: the values of chart and tables, their order and words, in the file and inside Orthanc."""

from __future__ import annotations

import re
from itertools import pairwise
from xml.etree.ElementTree import Element, fromstring

import pytest

from orthanc_deid.report.analysis.analysis import Analysis, AttributeLine, Scope, Shares
from orthanc_deid.report.analysis.analysis_page import ATTRIBUTES_SHOWN, analysis_page, analysis_sections
from orthanc_deid.report.analysis.layout import MOST_SCOPES, OTHER
from orthanc_deid.report.run.report_model import Count

LANGUAGES = ("en", "ru")


def scope(kind: str, name: str, table: float = 0.25) -> Scope:
    shares = Shares(table=table, table_or_private=0.5, table_or_private_or_vr=0.75)
    return Scope(
        kind=kind,
        name=name,
        instances=1,
        suspected=4,
        attributes=2,
        occurrences=3,
        by_attribute=shares,
        by_occurrence=shares.model_copy(update={"table": 1.0}),
    )


def line(number: int, **changed: object) -> AttributeLine:
    values: dict[str, object] = {
        "tag": f"(0010,{number:04X})",
        "keyword": f"Keyword{number}",
        "creator": "",
        "vr": "PN",
        "files": number,
        "occurrences": number + 1,
        "basic_code": "Z",
        "private": False,
        "identity_vr": True,
    }
    return AttributeLine.model_validate(values | changed, by_name=True)


def analysed(*scopes: Scope, lines: tuple[AttributeLine, ...] = ()) -> Analysis:
    return Analysis(
        version="0",
        files=2,
        instances=1,
        not_dicom=5,
        unreadable=(),
        suspected=(Count(name="BurnedInAnnotation is YES", count=4),),
        scopes=(scope("all", ""), *scopes),
        attributes=lines,
    )


def drawn(found: Analysis, language: str) -> Element:
    """Return the sections as they are shown in one language, as the page and the file's style do."""
    root = fromstring(f"<main>{analysis_sections(found)}</main>")  # noqa: S314 - our own markup
    for each in [*root.iter()]:
        if each.get("lang", language) != language:
            after = each.tail
            each.clear()
            each.tail = after
    return root


def shown(element: Element) -> str:
    return "".join(element.itertext())


def table_rows(root: Element, heading: str) -> list[list[str]]:
    """Return the head and the rows of the table of the section with this heading."""
    [section] = [each for each in root.iter("section") if shown(each).startswith(heading)]
    return [[shown(cell) for cell in row] for row in section.iter("tr")]


def chart_of(root: Element) -> Element:
    [chart] = [each for each in root.iter("svg") if each.get("aria-labelledby") == "shares"]
    return chart


def test_a_table_of_scopes_has_a_count_or_a_share_under_every_heading() -> None:
    head, whole = table_rows(drawn(analysed(), "en"), "By modality")
    assert [f"{title}: {value}" for title, value in zip(head, whole, strict=True)] == [
        "By modality: All",
        *("Instances: 1", "Attributes: 2", "Table: 25.0%", "or private: 50.0%", "or by VR: 75.0%"),
        *("Elements: 3", "Table: 100.0%", "or private: 50.0%", "or by VR: 75.0%", "Suspected: 4"),
    ]


def test_it_is_the_same_in_russian() -> None:
    head, whole = table_rows(drawn(analysed(), "ru"), "По модальностям")
    assert [f"{title}: {value}" for title, value in zip(head, whole, strict=True)][3:6] == [
        "Таблица: 25,0 %",
        "или приватный: 50,0 %",
        "или по VR: 75,0 %",
    ]


@pytest.mark.parametrize(
    ("language", "other", "shares"),
    [
        ("en", "others", ["25.0%", "50.0%", "75.0%", "12.5%", "50.0%", "75.0%", "1.0%", "50.0%", "75.0%"]),
        (
            "ru",
            "прочие",
            ["25,0 %", "50,0 %", "75,0 %", "12,5 %", "50,0 %", "75,0 %", "1,0 %", "50,0 %", "75,0 %"],
        ),
    ],
)
def test_the_chart_has_three_bars_of_everything_and_of_each_modality_in_their_order(
    language: str, other: str, shares: list[str]
) -> None:
    scopes = (
        scope("modality", "CT", 0.125),
        scope("modality", OTHER, 0.01),
        scope("IOD", "CT Image Storage"),
    )
    root = drawn(analysed(*scopes), language)
    chart = chart_of(root)
    bars = [*chart.iter("rect")]
    assert [shown(bar) for bar in bars] == shares
    names = [shown(each) for each in chart.iter("text") if each.get("y") == "322"]
    assert names == ["\u2211", "CT", other]
    assert all(float(one.attrib["x"]) < float(next_.attrib["x"]) for one, next_ in pairwise(bars))
    heights = [float(bar.attrib["height"]) for bar in bars[:4]]
    assert heights == pytest.approx(
        [0.5 * heights[1], heights[1], 1.5 * heights[1], 0.25 * heights[1]], abs=0.1
    )
    legend = [each.get("class") for each in root.iter("span") if each.find("i") is not None]
    assert legend == [bar.get("class") for bar in bars[:3]]
    [mark] = [each for each in chart.iter("line") if each.get("class") == "mark"]
    assert float(mark.attrib["y1"]) == pytest.approx(float(bars[1].attrib["y"]) - 0.2 * heights[1], abs=0.1)
    [heading] = [each for each in root.iter("h2") if each.get("id") == "shares"]
    assert shown(heading)


def test_the_chart_shows_the_most_frequent_modalities_and_the_table_all() -> None:
    root = drawn(analysed(*(scope("modality", f"M{number}") for number in range(MOST_SCOPES + 3))), "en")
    assert len([*chart_of(root).iter("rect")]) == 3 * (1 + MOST_SCOPES)
    assert len(table_rows(root, "By modality")) == 2 + MOST_SCOPES + 3


def test_the_tiles_are_counts_of_everything_and_what_is_suspected_stands_out() -> None:
    tiles = [each for each in drawn(analysed(), "en").iter("div") if "tile" in each.get("class", "").split()]
    assert [shown(each) for each in tiles[:4]] == [
        "1Instances",
        "2Distinct attributes",
        "3Elements",
        "4Suspected of burned-in text",
    ]
    assert [each.get("class") for each in tiles if each.get("class") == "tile quarantined"] == [
        "tile quarantined"
    ]


def test_attributes_are_listed_by_frequency_with_the_reason_why() -> None:
    private = line(
        3, tag="(0019,xx01)", keyword="", creator="A creator", basic_code="", private=True, vr="DS"
    )
    lines = (
        line(1),
        private.model_copy(update={"identity_vr": False}),
        line(2, basic_code="", identity_vr=False),
    )
    head, *rows = table_rows(drawn(analysed(lines=lines), "en"), "Attributes that occur")
    assert head[:4] == ["Tag", "Attribute", "VR", "Files"]
    assert rows == [
        ["(0019,xx01)", "A creator", "DS", "3", "", "4", "private"],
        ["(0010,0002)", "Keyword2", "PN", "2", "", "3", "\u2014"],
        ["(0010,0001)", "Keyword1", "PN", "1", "", "2", "table: Z, VR PN"],
    ]


def test_inside_orthanc_all_attributes_are_listed_and_in_the_file_the_most_frequent() -> None:
    found = analysed(lines=tuple(line(number) for number in range(ATTRIBUTES_SHOWN + 9)))
    assert len(re.findall("Keyword[0-9]+", analysis_sections(found))) == ATTRIBUTES_SHOWN + 9
    assert "CSV" not in analysis_sections(found)
    file = analysis_page(found)
    assert len(re.findall("Keyword[0-9]+", file)) == ATTRIBUTES_SHOWN
    assert f"{ATTRIBUTES_SHOWN} of {ATTRIBUTES_SHOWN + 9} attributes" in file


def test_apart_from_the_list_s_length_the_file_holds_what_is_shown_inside_orthanc() -> None:
    found = analysed(scope("modality", "CT"))
    parts = re.findall("<section.*?</section>", analysis_sections(found))
    assert len(parts) == 7
    assert [part for part in parts if part not in analysis_page(found)] == parts[5:6]
    assert 'id="attributes"' in parts[5]


def test_every_text_is_in_both_languages_and_nothing_in_the_markup_can_run() -> None:
    hostile = '<script>alert("1")</script>'
    found = analysed(scope("modality", hostile), lines=(line(1, keyword="", creator=hostile),))
    markup = analysis_sections(found)
    words = [each.get("lang") for each in fromstring(f"<main>{markup}</main>").iter() if each.get("lang")]  # noqa: S314 - our own markup
    assert words == [*LANGUAGES] * (len(words) // 2)
    assert hostile not in markup
    assert markup.count("&lt;script&gt;") == 3
    assert not re.search(r"<(script|iframe|object|style|link|img|a)\b|\s(on\w+|style|href|src)=", markup)
