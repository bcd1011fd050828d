"""Bytes and numbers that stay: identifying values in them are found in both depths, in any VR."""

from __future__ import annotations

import struct
from time import process_time
from typing import Any

import pytest

from orthanc_deid import CompiledProfile, deidentify
from orthanc_deid.config.key import Key
from orthanc_deid.deid import bytes_changes, retained_values
from orthanc_deid.deid.changes import Changes
from orthanc_deid.dicom.slices import Slices
from orthanc_deid.errors import VerificationError
from orthanc_deid.verify.reading.instance import open_instance
from orthanc_deid.verify.text.binary_values import BinaryValue, kinds_in_binary
from orthanc_deid.verify.text.identifiers import normalized
from orthanc_deid.verify.verifier import verify
from support.data.datasets import DataSet, instance, nested, part10
from support.data.profiles import profile

KEY = Key(bytes(range(32)))
SEQUENCE = 0x00081115  # descended into by every profile here
DEPTHS = ("full", "fast")
ACME = '"ACME 1.1"'
PRIVATE = 0x00291010
NUMBERS = {"US": "H", "SS": "h", "UL": "I", "SL": "i", "UV": "Q", "SV": "q", "FL": "f", "FD": "d"}
HEADER = b"\1\0\0\0\xffSV10\4\3\2\1\x65\0\0\0\x4d\0\0\0"  # the start of a manufacturer's binary header


def keeping(selector: str) -> CompiledProfile:
    return profile(attributes=[{"attribute": selector, "action": "K"}])


SAFE = profile(options=["Retain Safe Private"], private_safe=[f"(0029,xx10) {ACME}"])
KEPT = keeping(f"(0029,xx10) {ACME}")


def found(
    content: DataSet, used: CompiledProfile, depth: Any, *, at: int = 0, patient: str = "PID-48151"
) -> str:
    """Return the findings of the check on the engine's output, empty if it passes."""
    data = part10(instance((0x00100020, "LO", patient), *nested(at, content, SEQUENCE)))
    made = deidentify(data, used, KEY)
    try:
        verify(data, made.output, used.profile, KEY, depth)
    except VerificationError as error:
        text = "\n".join(error.findings)
        assert "ANDERSSON" not in text.upper()
        return text
    return ""


def weaken(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make the engine keep bytes in which it finds a name or words."""
    for module in (bytes_changes, retained_values):
        monkeypatch.setattr(module, "holds_identity_in_bytes", lambda *_: False)
        monkeypatch.setattr(module, "reads_as_words", lambda *_: False)


def keep_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make the engine keep private numbers that are identifying values."""
    monkeypatch.setattr(Changes, "_identifies", lambda *_: False)


def block(vr: str, raw: bytes) -> DataSet:
    return [(0x00290010, "LO", b"ACME 1.1"), (PRIVATE, vr, raw)]


SPELLED = {
    "ASCII": b"for Andersson",
    "small": b"andersson",
    "capitals": b"\0\0ANDERSSON\0\0",
    "among bytes": HEADER + b"PatientName\0\xffAndersson\0\0\x01" + HEADER,
    "UTF-16": HEADER + "Andersson".encode("utf-16-le") + b"\0\0",
    "UTF-16 at an odd place": b"\1" + "Andersson".encode("utf-16-le"),
    "the first name": HEADER + b"<given>Britta</given>",
    "the ID": HEADER + b"id=PID 48151;",
    "the birth date": HEADER + b"born 1961-04-07\0",
    "far behind": bytes(2 << 20) + b" Andersson " + bytes(100),
}


@pytest.mark.parametrize("depth", DEPTHS)
@pytest.mark.parametrize("used", [SAFE, KEPT], ids=["safe", "K"])
@pytest.mark.parametrize("raw", SPELLED.values(), ids=SPELLED)
def test_a_name_in_private_bytes_is_found(
    raw: bytes, used: CompiledProfile, depth: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert found(block("OB", raw), used, depth) == ""  # removed
    weaken(monkeypatch)
    assert "found (0029,1010)" in found(block("OB", raw), used, depth)


@pytest.mark.parametrize("depth", DEPTHS)
@pytest.mark.parametrize("at", [0, 2])
@pytest.mark.parametrize("vr", ["OB", "OW", "OD", "OF", "OL", "OV"])
def test_a_name_in_private_bytes_is_found_in_every_vr_and_at_every_depth(
    vr: str, at: int, depth: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    raw = HEADER + b"xx Andersson xx" + bytes(5)
    assert found(block(vr, raw), KEPT, depth, at=at) == ""  # removed
    weaken(monkeypatch)
    assert "person found" in found(block(vr, raw), KEPT, depth, at=at)


@pytest.mark.parametrize("depth", DEPTHS)
@pytest.mark.parametrize(("tag", "vr"), [(0x00700256, "OB"), (0x00660016, "OF")])
def test_a_name_in_standard_bytes_that_stay_is_found(
    tag: int, vr: str, depth: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    raw = HEADER + b"of Andersson.  "
    assert found([(tag, vr, raw)], profile(), depth) == ""  # removed
    weaken(monkeypatch)
    assert found([(tag, vr, raw)], profile(), depth)


@pytest.mark.parametrize("depth", DEPTHS)
def test_a_name_in_standard_bytes_that_a_rule_keeps_is_found(depth: str) -> None:
    used = keeping("Signature")
    assert "person found" in found([(0x04000120, "OB", HEADER + b"Andersson")], used, depth)
    assert found([(0x04000120, "OB", HEADER + b"0123456789")], used, depth) == ""


@pytest.mark.parametrize("depth", DEPTHS)
@pytest.mark.parametrize("at", [0, 2])
@pytest.mark.parametrize(
    ("tag", "vr"),
    [
        (0x00209518, "US"),
        (0x00209157, "UL"),
        (0x00720082, "SV"),
        (0x0018605A, "FL"),
        (0x00409212, "FD"),
        (0x00280009, "AT"),
    ],
)
def test_a_name_in_standard_numbers_is_found(
    tag: int, vr: str, at: int, depth: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    content: DataSet = [(tag, vr, b"\1\0\0\0\0\0\0Andersson" + bytes(100))]
    assert found(content, profile(), depth, at=at) == ""  # removed
    weaken(monkeypatch)
    assert found(content, profile(), depth, at=at)


@pytest.mark.parametrize("depth", DEPTHS)
def test_a_name_in_many_standard_numbers_is_found(depth: str, monkeypatch: pytest.MonkeyPatch) -> None:
    raw = bytes(40_000) + b"Andersson  " + bytes(5)
    weaken(monkeypatch)
    assert "person found (0040,9212)" in found([(0x00409212, "FD", raw)], profile(), depth)


@pytest.mark.parametrize("depth", DEPTHS)
def test_no_name_is_put_together_from_two_numbers(depth: str) -> None:
    content: DataSet = [(0x00280034, "IS", b"1\\1"), (0x0018605A, "FL", b"Ande"), (0x0018605C, "FL", b"rsso")]
    assert found([*content, (0x0018605E, "FL", b"n\0\0\0")], profile(), depth) == ""


@pytest.mark.parametrize("depth", DEPTHS)
def test_samples_are_no_text(depth: str) -> None:
    pixels: DataSet = [
        (0x00280010, "US", b"\2\0"),
        (0x00280011, "US", b"\5\0"),
        (0x00280100, "US", b"\x08\0"),
        (0x00280101, "US", b"\x08\0"),
        (0x00280102, "US", b"\x07\0"),
        (0x00280103, "US", b"\0\0"),
        (0x7FE00010, "OB", b"Andersson "),
    ]
    assert found(pixels, profile(), depth) == ""


@pytest.mark.parametrize("depth", DEPTHS)
@pytest.mark.parametrize("used", [SAFE, KEPT], ids=["safe", "K"])
@pytest.mark.parametrize("vr", ["UL", "SL", "UV", "SV", "FL", "FD"])
def test_an_id_as_a_private_number_is_removed_and_would_be_found(
    vr: str, used: CompiledProfile, depth: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def said(number: int) -> str:
        raw = struct.pack(f"<2{NUMBERS[vr]}", 3, number)
        return found(block(vr, raw), used, depth, patient="04711234")

    assert said(4711234) == said(19610407) == ""
    keep_numbers(monkeypatch)
    assert "patient id found (0029,1010)" in said(4711234)
    assert said(4711236) == ""
    assert "birthdate found (0029,1010)" in said(19610407) or vr == "FL"  # which has no room for eight digits


@pytest.mark.parametrize("depth", DEPTHS)
@pytest.mark.parametrize("vr", ["IS", "DS"])
def test_an_id_as_a_private_number_string_is_removed_and_would_be_found(
    vr: str, depth: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert found(block(vr, b"7\\4711234 "), KEPT, depth, patient="4711234") == ""
    keep_numbers(monkeypatch)
    assert "patient id found" in found(block(vr, b"7\\4711234 "), KEPT, depth, patient="4711234")
    assert found(block(vr, b"7\\4711235 "), KEPT, depth, patient="4711234") == ""


@pytest.mark.parametrize("depth", DEPTHS)
def test_short_ids_are_no_numbers_and_short_names_no_bytes(depth: str) -> None:
    assert found(block("UL", struct.pack("<I", 1000)), KEPT, depth, patient="1000") == ""
    content = [(0x00100010, "PN", b"LI^BO"), *block("OB", HEADER + b" Li Bo ")]
    assert found(content, KEPT, depth) == ""


@pytest.mark.parametrize("depth", DEPTHS)
def test_a_creator_that_the_profile_names_is_no_name(depth: str) -> None:
    used = keeping('(0029,xx10) "ANDERSSON 1"')
    content: DataSet = [(0x00290010, "LO", b"ANDERSSON 1"), (PRIVATE, "US", b"\1\0")]
    assert found(content, used, depth) == ""


@pytest.mark.parametrize("codec", ["utf-8", "cp1251", "iso8859_5", "koi8_r", "cp866", "utf-16-le"])
@pytest.mark.parametrize("name", ["Верещагина", "ВЕРЕЩАГИНА", "верещагина"])
def test_cyrillic_letters_are_read_in_every_code_page(codec: str, name: str) -> None:
    value = HEADER + b" " * (len(HEADER) % 2) + name.encode(codec) + b"\0\0\xff\xff"
    values = frozenset({("person", "Верещагина^Анна")})
    file = open_instance(Slices([part10(instance())]))
    assert kinds_in_binary(BinaryValue((PRIVATE,), "OB", "a rule", value), file, values) == {"person"}  # type: ignore[arg-type]


def test_a_part_of_a_word_is_no_name() -> None:
    file = open_instance(Slices([part10(instance())]))
    for text in (b"xANDERSSON", b"Anderssons", b"ANDERSSON2"):
        binary = BinaryValue((PRIVATE,), "OB", "a rule", HEADER + text)
        assert not kinds_in_binary(binary, file, frozenset({("person", "Andersson")}))


def test_nul_divides_words_in_every_script() -> None:
    assert normalized("Иванов\0Анна\0") == " иванов анна "
    assert normalized("MÜLLER\0Ann\0") == " muller ann "


def test_a_value_full_of_parts_of_a_value_does_not_take_for_ever() -> None:
    file = open_instance(Slices([part10(instance())]))
    binary = BinaryValue((PRIVATE,), "OB", "a rule", b"1961 " * 1_000_000)
    started = process_time()
    assert kinds_in_binary(binary, file, frozenset({("birthdate", "19610407")})) == {"birthdate"}
    assert process_time() - started < 5


# numbers in DS and IS, and short IDs


@pytest.mark.parametrize("depth", DEPTHS)
@pytest.mark.parametrize("used", [SAFE, KEPT], ids=["safe", "K"])
@pytest.mark.parametrize(
    ("vr", "raw"), [("DS", b"1.5"), ("DS", b"1\\0\\0\\0"), ("IS", b"1001\\1"), ("OB", b"\xbd\xbc 1 \xbd")]
)
def test_a_patients_number_of_one_digit_stands_in_numbers_and_bytes_by_chance(
    vr: str, raw: bytes, used: CompiledProfile, depth: str
) -> None:
    assert found(block(vr, raw), used, depth, patient="1") == ""


@pytest.mark.parametrize("depth", DEPTHS)
@pytest.mark.parametrize("at", [0, 2])
@pytest.mark.parametrize(
    ("vr", "raw", "kind"),
    [
        ("IS", b"7\\4711234", "patient id"),
        ("DS", b"4711234.0", "patient id"),
        ("IS", b"19610407", "birthdate"),
    ],
)
def test_an_id_or_a_birth_date_in_private_ds_or_is_is_removed_and_would_be_found(
    vr: str, raw: bytes, kind: str, at: int, depth: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert found(block(vr, raw), SAFE, depth, at=at, patient="4711234") == ""
    keep_numbers(monkeypatch)
    assert f"{kind} found" in found(block(vr, raw), SAFE, depth, at=at, patient="4711234")


@pytest.mark.parametrize("depth", DEPTHS)
def test_an_id_of_four_characters_is_found_in_private_bytes_that_read_as_a_text(
    depth: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    weaken(monkeypatch)
    assert "patient id found" in found(block("OB", b"ID 4711 "), SAFE, depth, patient="4711")
