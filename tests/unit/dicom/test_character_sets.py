"""Specific Character Set: texts as the standard encodes them, at every depth, through the engine and back."""

from __future__ import annotations

from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orthanc_deid import Key, deidentify
from orthanc_deid.dicom import character_sets
from orthanc_deid.profile.load import load_profile
from orthanc_deid.verify.text.decoding import decode as verified_as
from orthanc_deid.verify.text.decoding import parse_terms as verified_terms
from orthanc_deid.verify.verifier import Verifier
from support.data.datasets import (
    EXPLICIT,
    FORMS,
    IMPLICIT,
    DataSet,
    Form,
    instance,
    part10,
    read_file,
    value,
)
from support.data.profiles import BUILTIN, builtin, profile
from support.processor_time import least_time

KEY = Key(bytes(range(32)))
STUDY_DESCRIPTION, SERIES_DESCRIPTION, PATIENT_NAME, MANUFACTURER = (
    0x00081030,
    0x0008103E,
    0x00100010,
    0x00080070,
)
REFERENCED_SERIES = 0x00081115  # a sequence that every built-in profile descends into
CHARACTER_SETS = {
    "ISO_IR 144": "iso8859_5",
    "ISO_IR 192": "utf-8",
    "GB18030": "gb18030",
}


# the codec


@pytest.mark.parametrize(("term", "codec"), CHARACTER_SETS.items())
def test_text_is_decoded_and_encoded_by_its_character_set(term: str, codec: str) -> None:
    terms = character_sets.parse(term.encode())
    text = "ОГК прямая проекция"
    assert character_sets.decode(text.encode(codec), terms) == text
    assert character_sets.encode(text, terms) == text.encode(codec)


def test_code_extensions_are_decoded_and_encoded() -> None:
    terms = character_sets.parse(b"\\ISO 2022 IR 87")
    raw = b"Yamada^Tarou=\x1b$B;3ED\x1b(B^\x1b$BB@O:\x1b(B=\x1b$B$d$^$@\x1b(B^\x1b$B$?$m$&\x1b(B"
    assert character_sets.decode(raw, terms) == "Yamada^Tarou=山田^太郎=やまだ^たろう"
    assert character_sets.decode(character_sets.encode("山田^太郎", terms), terms) == "山田^太郎"


EXTENDED = [
    (b"\\ISO 2022 IR 144", "Тень и\nочаг\\тень = очаг ^ тень"),
    (b"ISO 2022 IR 100\\ISO 2022 IR 144", "Größe и\nGröße\\тень ü\r\nü"),
    (b"\\ISO 2022 IR 149", "김희중\n폐 결절\\김"),
    (b"\\ISO 2022 IR 87", "山田\n太郎 ab\\山"),
    (b"ISO 2022 IR 13\\ISO 2022 IR 87", "ﾔﾏﾀﾞ\\山田 ﾔﾏ\nﾔﾏ"),
    (b"ISO 2022 IR 100\\ISO 2022 IR 144\\ISO 2022 IR 87", "é山и\n" * 200 + "é山и" * 200),
]


@pytest.mark.parametrize(("written", "text"), EXTENDED, ids=range(len(EXTENDED)))
def test_code_extensions_are_reset_after_every_delimiter(written: bytes, text: str) -> None:
    terms = character_sets.parse(written)
    raw = character_sets.encode(text, terms)
    assert character_sets.decode(raw, terms) == text
    assert verified_as(raw, terms) == text


def test_code_extensions_are_encoded_in_linear_time() -> None:
    terms = character_sets.parse(b"ISO 2022 IR 100\\ISO 2022 IR 144\\ISO 2022 IR 87")
    short, long = (least_time(partial(character_sets.encode, "é山и" * n, terms)) for n in (5_000, 20_000))
    assert long < 8 * short


def test_a_character_set_of_more_terms_than_there_are_is_taken_for_ascii() -> None:
    assert character_sets.parse(b"\\".join([b"ISO 2022 IR 100"] * 1000)) == ("ISO 2022 IR 6",)


SPELLINGS = [
    (b"ISO_IR 100", ("ISO_IR 100",)),
    (b"ISO_IR 100 ", ("ISO_IR 100",)),
    (b"ISO IR 144\0", ("ISO_IR 144",)),
    (b"ISO-IR 144", ("ISO_IR 144",)),
    (b"ISO_IR100", ("ISO_IR 100",)),
    (b"iso_ir 100", ("ISO_IR 100",)),
    (b"ISO_2022_IR_87", ("ISO 2022 IR 87",)),
    (b"ISO_IR 87", ("ISO 2022 IR 87",)),
    (b"UTF-8", ("ISO_IR 192",)),
    (b"utf8", ("ISO_IR 192",)),
    (b"ISO-8859-1", ("ISO_IR 100",)),
    (b"ISO8859-5", ("ISO_IR 144",)),
    (b"iso_8859-15", ("ISO_IR 203",)),
    (b"ISO-8859-2\\ISO-8859-5", ("ISO 2022 IR 101", "ISO 2022 IR 144")),
    (b"ISO 2022 IR 6,ISO 2022 IR 87", ("ISO 2022 IR 6", "ISO 2022 IR 87")),
    (b"GB2312", ("GBK",)),
    (b"\\ISO 2022 IR 149", ("", "ISO 2022 IR 149")),
    (b"", ("",)),
    (b"  ", ("",)),
    # no term of the standard: ASCII
    (b"ISO 2022 IR 6, IS", ("ISO 2022 IR 6",)),
    (b"KOI8-R", ("ISO 2022 IR 6",)),
    (b"ISO_IR 9999", ("ISO 2022 IR 6",)),
    (b"ISO-8859-16", ("ISO 2022 IR 6",)),
    (b"utf8 ANDERSSON", ("ISO 2022 IR 6",)),
    (b"\xff\xfe", ("ISO 2022 IR 6",)),
    (b"ISO_IR \xb2", ("ISO 2022 IR 6",)),
    (b"windows-1251\\ISO 2022 IR 144", ("ISO 2022 IR 6", "ISO 2022 IR 144")),
    (b"ISO_IR 100\\ANDERSSON\\", ("ISO_IR 100",)),
]


@pytest.mark.parametrize(("written", "meant"), SPELLINGS)
def test_misspelled_character_sets_are_corrected_and_unknown_ones_are_ascii(
    written: bytes, meant: tuple[str, ...]
) -> None:
    assert character_sets.parse(written) == meant
    assert verified_terms(written) == (meant if any(meant) else ())


@given(
    st.lists(st.sampled_from([*(written for written, _ in SPELLINGS), b",", b"8859", b" IR 6"]), max_size=4)
)
def test_engine_and_check_read_every_character_set_alike(parts: list[bytes]) -> None:
    for separator in (b"\\", b""):
        written = separator.join(parts)
        found = character_sets.parse(written)
        assert verified_terms(written) == (found if any(found) else ())


@pytest.mark.parametrize(
    ("terms", "raw"),
    [(b"", "Жук".encode("iso8859_5")), (b"ISO_IR 192", b"\xd0"), (b"\\ISO 2022 IR 87", b"\x1b$B;")],
)
def test_bytes_outside_the_character_set_are_not_replaced_by_question_marks(terms: bytes, raw: bytes) -> None:
    with pytest.raises(UnicodeDecodeError):
        character_sets.decode(raw, character_sets.parse(terms))


@pytest.mark.parametrize("terms", [b"", b"ISO_IR 144", b"\\ISO 2022 IR 87"])
def test_text_that_no_character_set_can_encode_is_an_error(terms: bytes) -> None:
    with pytest.raises(UnicodeEncodeError):
        character_sets.encode("한국", character_sets.parse(terms))


# through the engine


def cyrillic(codec: str, term: str, description: str, *extra: tuple[int, str, bytes]) -> DataSet:
    return instance(
        (0x00080005, "CS", term),
        (0x00280010, "US", b"\2\0"),  # an image, which `strict` wants
        (PATIENT_NAME, "PN", "Кузнецова^Мария^Петровна".encode(codec)),
        (STUDY_DESCRIPTION, "LO", description.encode(codec)),
        *extra,
    )


@pytest.mark.parametrize(("term", "codec"), CHARACTER_SETS.items())
@pytest.mark.parametrize("form", [EXPLICIT, IMPLICIT], ids=str)
def test_the_description_of_an_examination_stays_under_research(term: str, codec: str, form: Form) -> None:
    data = part10(cyrillic(codec, term, "ОГК прямая проекция"), form)
    output = read_file(bytes(deidentify(data, builtin("research"), KEY)))
    assert value(output, STUDY_DESCRIPTION).strip().decode(codec) == "ОГК прямая проекция"
    assert value(output, 0x00080005).strip().decode() == term


@pytest.mark.parametrize(("term", "codec"), CHARACTER_SETS.items())
@pytest.mark.parametrize("name", BUILTIN)
@pytest.mark.parametrize(
    "description",
    [
        "Кузнецова Мария Петровна, ОГК",
        "снимок Кузнецовой М.П.",
        "ДЛЯ КУЗНЕЦОВОЙ МАРИИ ПЕТРОВНЫ",
        "ОГК прямая Kuznetsova Mariya",
        "рентген КУЗНЕЦОВУ",
    ],
)
def test_the_patients_name_is_removed_in_every_case_and_transliteration(
    term: str, codec: str, name: str, description: str
) -> None:
    output = bytes(deidentify(part10(cyrillic(codec, term, description)), builtin(name), KEY))
    text = output.decode(codec, "replace").casefold()
    assert not any(word in text for word in ("кузнецов", "мари", "петровн", "kuznetsov", "mariya"))


def test_a_name_in_another_script_is_removed_from_kept_texts() -> None:
    data = instance(
        (0x00080005, "CS", "\\ISO 2022 IR 87"),
        (PATIENT_NAME, "PN", b"Yamada^Tarou=\x1b$B;3ED\x1b(B^\x1b$BB@O:\x1b(B"),
        (STUDY_DESCRIPTION, "LO", b"CHEST \x1b$B;3ED\x1b(B"),
        (SERIES_DESCRIPTION, "LO", b"PA Yamada"),
        (MANUFACTURER, "LO", b"\x1b$B;3ED\x1b(B"),
    )
    output = bytes(deidentify(part10(data), builtin("research"), KEY))
    assert b"\x1b$B;3ED" not in output
    assert b"Yamada" not in output
    assert value(read_file(output), STUDY_DESCRIPTION).strip() == b"CHEST"


@pytest.mark.parametrize("form", FORMS, ids=str)
def test_an_item_may_declare_its_own_character_set(form: Form) -> None:
    inside: DataSet = [
        (0x00080005, "CS", "ISO_IR 192"),
        (SERIES_DESCRIPTION, "LO", "прямая проекция Кузнецовой".encode()),
    ]
    behind: DataSet = [(SERIES_DESCRIPTION, "LO", "боковая проекция".encode("iso8859_5"))]
    data = cyrillic("iso8859_5", "ISO_IR 144", "ОГК", (REFERENCED_SERIES, "SQ", [inside, behind]))  # type: ignore[arg-type]
    output = read_file(bytes(deidentify(part10(data, form), builtin("research"), KEY)))
    first, second = value(output, REFERENCED_SERIES)
    assert value(first, 0x00080005) == b"ISO_IR 192"
    assert value(first, SERIES_DESCRIPTION).strip().decode() == "прямая проекция"
    assert value(second, SERIES_DESCRIPTION).strip().decode("iso8859_5") == "боковая проекция"
    assert value(output, STUDY_DESCRIPTION).strip().decode("iso8859_5") == "ОГК"


def test_what_the_engine_writes_is_encodable_in_the_character_set_of_the_instance() -> None:
    for term, codec in CHARACTER_SETS.items():
        output = read_file(
            bytes(
                deidentify(part10(cyrillic(codec, term, "ОГК")), profile(texts={"zero": "placeholder"}), KEY)
            )
        )
        assert value(output, PATIENT_NAME).strip().isascii()


@pytest.mark.parametrize("name", ["neutral", "research"])
def test_a_kept_text_with_bytes_outside_the_character_set_is_removed(name: str) -> None:
    data = part10(instance((MANUFACTURER, "LO", "Кузнецова".encode("cp1251"))))
    output = bytes(deidentify(data, builtin(name), KEY))
    assert "Кузнецова".encode("cp1251") not in output


@pytest.mark.parametrize("codec", ["cp1251", "utf-8", "iso8859_5", "koi8_r", "cp866"])
def test_a_name_in_an_undeclared_character_set_is_recognized(codec: str) -> None:
    data = instance(
        (PATIENT_NAME, "PN", "Кузнецова^Мария".encode(codec)),
        (STUDY_DESCRIPTION, "LO", "CHEST Kuznetsova"),
        (MANUFACTURER, "LO", "Kuznetsova Ltd"),
    )
    output = bytes(deidentify(part10(data), builtin("research"), KEY))
    assert b"Kuznetsova" not in output
    assert value(read_file(output), PATIENT_NAME).isascii()


def test_specific_character_set_is_kept_and_misspellings_are_corrected() -> None:
    output = read_file(
        bytes(deidentify(part10(instance((0x00080005, "CS", "ISO IR 144"))), builtin("basic"), KEY))
    )
    assert value(output, 0x00080005) == b"ISO_IR 144"


@pytest.mark.parametrize("form", [EXPLICIT, IMPLICIT], ids=str)
@pytest.mark.parametrize("depth", [0, 1])
def test_under_an_unknown_character_set_only_ascii_is_kept(form: Form, depth: int) -> None:
    name = "Черёмухин^Лаврентий"
    texts: DataSet = [
        (0x00080005, "CS", "Черёмухин".encode("koi8_r")),
        (MANUFACTURER, "LO", "Завод Черёмухина".encode("koi8_r")),
        (0x00081090, "LO", "Model 5"),
    ]
    named = instance((PATIENT_NAME, "PN", name.encode("koi8_r")))
    data = instance(*texts, *named) if depth == 0 else instance((REFERENCED_SERIES, "SQ", [texts]), *named)
    for each in ("basic", "neutral", "research"):
        source = part10(data, form)
        made = deidentify(source, builtin(each), KEY)
        Verifier(load_profile(each), KEY).check(source, made.output)
        output = bytes(made)
        assert b"ISO 2022 IR 6" in output or depth
        assert "Черёмухин".encode("koi8_r") not in output
        assert "Завод".encode("koi8_r") not in output
