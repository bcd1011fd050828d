"""Identifying values in texts (RULES.md): engine and check, written independently, find the same."""

from __future__ import annotations

import pytest

from orthanc_deid import deidentify, load_profile
from orthanc_deid.deid.readings import readings
from orthanc_deid.deid.text.identity import Identity
from orthanc_deid.verify.audit.evidence import Evidence
from orthanc_deid.verify.rules.expectations import Expectation, Requirement
from orthanc_deid.verify.text.identifiers import Kind, make_identifiers
from orthanc_deid.verify.text.text_search import found_in_any, kinds_in
from orthanc_deid.verify.verifier import Verifier
from support.data.hand_made import KEY, encoded, original

UTF_8 = ("ISO_IR 192",)

NAMED = [
    # beside the code of a modality
    ("person", "Quillfeather^Abelard", "CTQUILLFEATHER"),
    ("person", "Quillfeather^Abelard", "abelardMR"),
    ("person", "Quillfeather^Abelard", "КТQuillfeather"),
    ("person", "Черёмухин^Лаврентий", "КТЧерёмухина"),
    ("person", "Черёмухин^Лаврентий", "CTЧерёмухин"),
    ("person", "Черёмухин^Лаврентий", "ЧеремухинCT"),
    ("person", "Черёмухин^Лаврентий", "CTCheremukhin"),
    ("person", "Petrov^Ivan", "МСКТПетрова"),
    # beside digits, and IDs inside other words
    ("person", "Quillfeather^Abelard", "QUILLFEATHER1985"),
    ("person", "Черёмухин^Лаврентий", "CT2Cheremukhin1985"),
    ("patient_id", "48151", "ID48151"),
    ("patient_id", "48151", "№48151a"),
    ("patient_id", "PIDX48151", "QUILLFEATHERPIDX48151Abelard"),
    ("id", "ACC-77812", "xacc77812/1"),
    ("patient_id", "PIDX48151", "pidx 48151a"),
    ("id", "ABCD", "ABCD12"),
    # of other width
    ("person", "Yamada^Tarou", "ＹＡＭＡＤＡ"),
    ("person", "ＹＡＭＡＤＡ^ＴＡＲＯＵ", "for Yamada"),
    ("person", "ヤマダ^タロウ", "ﾔﾏﾀﾞ"),
    ("person", "ﾔﾏﾀﾞ^ﾀﾛｳ", "ヤマダさん"),
    ("patient_id", "１２３", "ID 123"),
    ("patient_id", "123", "ID １２３"),
    # scripts without spaces
    ("person", "Zhang^San=张^三", "患者张三"),
    ("person", "Zhang^San=张^三", "张 三"),
    ("person", "Li^Lei=李^雷", "CHEST 李"),
    ("person", "Li^Lei=李^雷", "MR李"),
    ("person", "Zhang^Wei=张^伟", "患者Zhang Wei检查"),
    ("patient_id", "IVANOV", "患者IVANOV检查"),
    ("patient_id", "A1", "李A1"),
    ("person", "Hong=홍^길동", "T1_홍_ax"),
    ("person", "Yamada=山田^太郎", "氏名:山田，太郎"),
    ("person", "Hong=홍^길동", "홍길동님"),
    ("person", "สมศรี^มานี", "คุณสมศรีมาแล้ว"),
    ("person", "สมศรี^มานี", "นางมานี"),
    ("place", "北京协和", "在北京协和检查"),
    ("address", "东城区帅府园", "东城区 帅府园1号"),
]

NOT_NAMED = [
    ("patient_id", "48", "ID48"),  # fewer than three
    ("patient_id", "481", "481kV"),
    ("patient_id", "AB", "AB12"),
    ("patient_id", "48151", "1481512"),
    ("patient_id", "PIDX48151", "PIDX481512"),
    ("id", "B31-1", "CB31-12"),  # fewer than six of letters and digits
    ("person", "Alman^Ute", "ALMANAC"),
    ("person", "Marc^Andre", "Marcus Andreas"),
    ("person", "Rot^Ute", "CTROT"),  # fewer than four letters
    ("person", "마^노", "№ 5"),
    ("person", "No^Bo", "№ 5"),
    ("person", "Tm^Bo", "SYNGO™"),
    ("person", "ヤマダ^タロウ", "ﾔﾏﾀ"),
    ("person", "สมศรี^มานี", "มานะ"),
    ("person", "Li^Lei=李^雷", "雷声 行李"),
    ("patient_id", "1", "李1"),
    ("patient_id", "1", "½ dose, ¼ dose, 10² mm, ①"),
    ("patient_id", "12", "12½"),
    ("patient_id", "2", "mm²"),
]


def check_finds(kind: str, value: str, text: str) -> bool:
    identifiers = make_identifiers(frozenset({(kind.replace("_", " "), value)}))  # type: ignore[arg-type]
    found = bool(kinds_in(text.encode(), UTF_8, identifiers))
    assert not found or found_in_any([b"CHEST", text.encode()], [UTF_8], identifiers)
    return found


@pytest.mark.parametrize(("kind", "value", "text"), NAMED)
def test_what_counts_is_found_by_both(kind: str, value: str, text: str) -> None:
    assert Identity.of([(kind, value)]).finds(text)
    assert check_finds(kind, value, text)
    assert not Identity.of([(kind, value)]).finds(Identity.of([(kind, value)]).remove(text, " "))


@pytest.mark.parametrize(("kind", "value", "text"), NOT_NAMED)
def test_what_does_not_count_is_found_by_neither(kind: str, value: str, text: str) -> None:
    assert not Identity.of([(kind, value)]).finds(text)
    assert not check_finds(kind, value, text)


def test_a_name_of_latin_1_is_not_taken_to_pieces_by_other_character_sets() -> None:
    """ÅSTRÖM decoded as CP 866 has box drawings for letters, and STR between them."""
    named = noted("PN", "ÅSTRÖM^ÅSA".encode("latin-1"))
    identifiers = make_identifiers(frozenset(named))
    assert not kinds_in(b"SA STR FSE", (), identifiers)
    assert kinds_in("Åström".encode("latin-1"), ("ISO_IR 100",), identifiers)


@pytest.mark.parametrize(
    ("codec", "text"),
    [
        ("cp1251", "Кузнецова^Мария"),
        ("koi8_r", "Кузнецова^Мария"),
        ("cp866", "КУЗНЕЦОВА^Мария"),
        ("cp1251", "ГКБ №1 «Rassvet»"),
    ],
)
def test_a_value_of_another_character_set_than_the_declared_latin_1_is_known(codec: str, text: str) -> None:
    assert ("person", text) in noted("PN", text.encode(codec))


@pytest.mark.parametrize("codec", ["cp1251", "koi8_r", "cp866", "iso8859_5", "utf-8"])
def test_a_name_of_another_character_set_than_the_declared_latin_1_goes_from_kept_texts(codec: str) -> None:
    name = "Черёмухин^Лаврентий".encode(codec)
    data = encoded(
        original(
            name.decode("latin-1"), SpecificCharacterSet="ISO_IR 100", ConvolutionKernel="for Cheremukhin"
        )
    )
    assert name in data
    assert b"Cheremukhin" in data
    profile = load_profile("basic")
    output = deidentify(data, profile, KEY).output
    assert b"Cheremukhin" not in bytes(output)
    Verifier(profile.profile, KEY).check(data, output)


@pytest.mark.parametrize("name", ["Müller^Jürgen", "ÅSTRÖM^ÅSA", "Núñez^José", "Ørsted^Søren"])
def test_a_name_of_latin_1_means_nothing_else(name: str) -> None:
    assert readings(name.encode("latin-1"), ("ISO_IR 100",)) == [name]


def noted(vr: str, raw: bytes) -> set[tuple[Kind, str]]:
    """Return the kinds of identifying values that the check finds in a value under ISO_IR 100."""
    evidence = Evidence()
    evidence.take_value(Expectation(Requirement.GONE, "", vr, vr, kind="person"), raw, ("ISO_IR 100",))
    return evidence.values
