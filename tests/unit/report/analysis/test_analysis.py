"""The analysis of identifying tags, held by three files that were counted by hand."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
from pydicom import Dataset
from pydicom.sequence import Sequence
from typer.testing import CliRunner

from orthanc_deid.cli.main import app
from orthanc_deid.errors import NotDicomError, RefusedError
from orthanc_deid.report.analysis import layout
from orthanc_deid.report.analysis.analysis import Analysis, Shares, analysis
from orthanc_deid.report.analysis.analysis_page import analysis_page
from orthanc_deid.report.analysis.attribute_counts import (
    Attribute,
    AttributeCounts,
    InstanceGroup,
    count_instance,
    manufacturer,
)
from support.folders.trees import bare, ct, part10

CT, CR = "1.2.840.10008.5.1.4.1.1.2", "1.2.840.10008.5.1.4.1.1.1"


def data_set(sop_class: str, modality: str, **attributes: object) -> Dataset:
    made = Dataset()
    made.SOPClassUID, made.Modality = sop_class, modality
    for keyword, value in attributes.items():
        setattr(made, keyword, value)
    return made


def three() -> list[bytes]:
    """Return the three instances.

    One (CT): SOP Class UID (UI), Modality (CS), Patient's Name (PN, table), Patient ID (LO, table), Rows (US),
    Series Description (LO, table): 6 elements, 6 attributes; 3 in the table, none private, 1 more by VR (SOP Class).

    Two (CT): SOP Class UID, Modality, Patient's Name, a private creator and two of its elements, Rows, and a sequence
    Referenced Image Sequence (SQ, table) of two items with Referenced SOP Class UID (UI) each: 10 elements, 9
    attributes; Patient's Name and the sequence in the table, 3 private, 2 more by VR (both SOP Class UIDs).

    Three (CR): SOP Class UID, Modality, Body Part Examined (CS), Kernel (SH, in no table): 4 of 4; none in the table,
    2 by VR.
    """
    private = data_set(CT, "CT", PatientName="Musterfrau^Erika", Rows=4)
    block = private.private_block(0x0019, "SIEMENS CT VA0  COAD", create=True)
    block.add_new(1, "SH", "secret one")
    block.add_new(2, "DS", "1.5")
    items = [data_set(CT, "CT") for _ in range(2)]
    for item in items:
        del item.Modality
        item.ReferencedSOPClassUID = item.pop("SOPClassUID").value
    private.ReferencedImageSequence = Sequence(items)
    return [
        bare(
            data_set(
                CT, "CT", PatientName="Musterfrau^Erika", PatientID="4711", Rows=4, SeriesDescription="CHEST"
            )
        ),
        bare(private),
        bare(data_set(CR, "CR", BodyPartExamined="CHEST", ConvolutionKernel="SHARP")),
    ]


def counted(files: list[bytes]) -> Analysis:
    groups: dict[InstanceGroup, AttributeCounts] = {}
    for each in files:
        group, counts = count_instance(each)
        groups.setdefault(group, AttributeCounts()).add(counts)
    return analysis("0", groups, len(files), 0, {})


def test_three_files_counted_by_hand() -> None:
    found = counted(three())
    (whole,) = found.of("all")
    # Distinct: 6 of one, 5 more of two (3 private, the sequence, Referenced SOP Class UID), 2 more of three.
    assert (whole.instances, whole.attributes, whole.occurrences) == (3, 13, 20)
    assert whole.by_attribute == Shares(table=4 / 13, table_or_private=7 / 13, table_or_private_or_vr=10 / 13)
    assert whole.by_occurrence == Shares(
        table=5 / 20, table_or_private=8 / 20, table_or_private_or_vr=14 / 20
    )


def test_the_numbers_hold_by_modality_too() -> None:
    by_modality = {scope.name: scope for scope in counted(three()).of("modality")}
    assert list(by_modality) == ["CT", "CR"]
    ct_scope, cr_scope = by_modality["CT"], by_modality["CR"]
    assert (ct_scope.instances, ct_scope.attributes, ct_scope.occurrences) == (2, 11, 16)
    assert ct_scope.by_attribute.table == 4 / 11
    assert (cr_scope.attributes, cr_scope.by_attribute) == (
        4,
        Shares(table=0, table_or_private=0, table_or_private_or_vr=0.5),
    )
    assert [scope.name for scope in counted(three()).of("IOD")] == [
        "CT Image Storage",
        "Computed Radiography Image Storage",
    ]


def test_the_layout_of_the_pages_names_fields_that_the_analysis_has() -> None:
    found = json.loads(counted(three()).model_dump_json(by_alias=True))
    whole = found["Scopes"][0]
    assert set(layout.DEFINITIONS) == whole["ByAttribute"].keys() == whole["ByOccurrence"].keys()
    assert {scope["Kind"] for scope in found["Scopes"]} == {"all", *layout.KINDS}
    for _, field in (*layout.TILES, *layout.SCOPE_COLUMNS):
        shares, _, definition = field.partition(".")
        assert isinstance(whole[shares][definition] if definition else whole[shares], int | float)
    assert all(isinstance(found[field], list) for _, field in layout.REASONS)
    shown = analysis_page(counted(three()))
    for share in ("30.8%", "53.8%", "76.9%", "25.0%", "40.0%", "70.0%"):  # of all, in the table of each kind
        assert shown.count(f'<td class="number"><span lang="en">{share}</span>') >= len(layout.KINDS)


def test_each_attribute_says_how_often_it_occurs_and_why_it_can_carry_identity() -> None:
    lines = {(line.tag, line.creator): line for line in counted(three()).attributes}
    name = lines["(0010,0010)", ""]
    assert (name.keyword, name.vr, name.files, name.occurrences, name.basic_code) == (
        "PatientName",
        "PN",
        2,
        2,
        "Z",
    )
    nested = lines["(0008,1150)", ""]
    assert (nested.files, nested.occurrences, nested.basic_code, nested.identity_vr) == (1, 2, "", True)
    private = lines["(0019,xx01)", "SIEMENS CT VA0  COAD"]
    assert (private.private, private.identity_vr, private.vr) == (True, True, "SH")
    assert lines["(0019,00xx)", "SIEMENS CT VA0  COAD"].private


@pytest.mark.parametrize("encode", [part10, bare, lambda image: bare(image, implicit=True)])
def test_the_encoding_makes_no_difference(encode: object) -> None:
    _, counts = count_instance(encode(ct()))  # type: ignore[operator]
    _, wanted = count_instance(bare(ct()))
    assert counts.files == wanted.files


def test_private_elements_are_counted_by_creator_in_any_block() -> None:
    one, other = ct(), ct()
    one.private_block(0x0019, "GEMS_ACQU_01", create=True).add_new(2, "SL", 1)
    other.private_block(0x0019, "SIEMENS MR HEADER", create=True).add_new(2, "SL", 1)
    other.private_block(0x0019, "GEMS_ACQU_01", create=True).add_new(2, "SL", 1)
    wanted = Attribute(0x00191002, "GEMS_ACQU_01")
    assert all(wanted in count_instance(part10(image))[1].files for image in (one, other))


def test_repeating_groups_are_one_attribute() -> None:
    image = ct()
    for group in (0x6000, 0x6002):
        image.add_new(group << 16 | 0x0010, "US", 4)
    _, counts = count_instance(part10(image))
    assert counts.occurrences[Attribute(0x60000010)] == 2


def test_no_value_of_an_instance_is_shown() -> None:
    image = ct(Manufacturer="Doctor Musterfrau", Modality="ERIKA")
    image.private_block(0x0019, "MUSTERFRAU ERIKA", create=True).add_new(1, "LO", "Musterfrau")
    image.private_block(0x0021, "KARL NEMO", create=True).add_new(1, "LO", "Musterfrau")
    image.SOPClassUID = "1.2.3.4.5.6.7"
    found = counted([bare(image)])
    shown = (found.model_dump_json(by_alias=True) + analysis_page(found)).casefold()
    assert not [word for word in ("musterfrau", "erika", "nemo", "1.2.3.4.5.6.7") if word in shown]
    creators = {line.creator for line in found.attributes if line.private}
    assert creators == {"unlisted creator 1", "unlisted creator 2"}
    assert [scope.name for scope in found.of("manufacturer")] == ["other"]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("SIEMENS", "Siemens Healthineers"),
        ("GE MEDICAL SYSTEMS", "GE HealthCare"),
        ("Philips Medical Systems, Inc.", "Philips"),
        ("НИПК «Электрон»", "НИПК Электрон"),
        ("George Philipson", "other"),
        ("", "(none)"),
    ],
)
def test_manufacturers_are_known_by_whole_words(text: str, wanted: str) -> None:
    assert manufacturer(text) == wanted


def test_images_suspected_of_burned_in_text_are_counted_with_the_reason() -> None:
    found = counted([part10(ct(0)), part10(ct(1, BurnedInAnnotation="YES"))])
    assert found.of("all")[0].suspected == 1
    assert [(each.name, each.count) for each in found.suspected] == [("BurnedInAnnotation is YES", 1)]


def test_what_is_no_instance_or_cannot_be_read_is_refused() -> None:
    with pytest.raises(NotDicomError):
        count_instance(b"Dear colleague, " * 20)
    with pytest.raises(RefusedError):
        count_instance(part10(ct())[:-100])


def test_the_command_writes_page_numbers_and_chart(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    for number, each in enumerate(three()):
        (tmp_path / "in" / str(number)).write_bytes(each)
    (tmp_path / "in" / "letter").write_text("Dear colleague")
    target = tmp_path / "analysis.html"
    done = CliRunner().invoke(app, ["analyze", str(tmp_path / "in"), "--html", str(target), "--workers", "1"])
    assert done.exit_code == 0, done.output
    assert "53.8%" in done.stdout
    numbers = json.loads((tmp_path / "analysis.json").read_text())
    assert (numbers["Instances"], numbers["NotDicom"], numbers["Files"]) == (3, 1, 4)
    with (tmp_path / "analysis.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 13
    assert sum(int(row["Occurrences"]) for row in rows) == 20
    text = target.read_text()
    assert 'class="mark"' in text
    assert "60 %" in text
    assert "Musterfrau" not in text + done.stdout


def test_the_chart_is_drawn_as_png_and_svg_and_is_the_same_for_the_same_numbers(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib", reason="the extra `report` is not installed")
    from orthanc_deid.report.analysis.chart_files import draw

    for name in ("one", "other"):
        draw(counted(three()).scopes, tmp_path / f"{name}.png", tmp_path / f"{name}.svg")
    assert (tmp_path / "one.png").read_bytes()[:4] == b"\x89PNG"
    assert (tmp_path / "one.png").read_bytes() == (tmp_path / "other.png").read_bytes()
    assert (tmp_path / "one.svg").read_bytes() == (tmp_path / "other.svg").read_bytes()


def test_wrong_usage_is_refused(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    missing = CliRunner().invoke(app, ["analyze", str(tmp_path / "missing")])
    inside = CliRunner().invoke(
        app, ["analyze", str(tmp_path / "in"), "--html", str(tmp_path / "in" / "a.html")]
    )
    assert (missing.exit_code, inside.exit_code) == (2, 2)
