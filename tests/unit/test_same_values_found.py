"""What counts as an identifying value in a text (RULES.md): engine and check, written apart, find the same."""

from __future__ import annotations

import pytest

from orthanc_deid.deid.identity import Identity
from orthanc_deid.verify.needles import make_needles
from orthanc_deid.verify.search import found_in_any, kinds_in

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
    ("person", "Yamada=山田^太郎", "氏名:山田，太郎"),
    ("person", "Hong=홍^길동", "홍길동님"),
    ("person", "สมศรี^มานี", "คุณสมศรีมาแล้ว"),
    ("person", "สมศรี^มานี", "นางมานี"),
    ("place", "北京协和", "在北京协和检查"),
    ("address", "东城区帅府园", "东城区 帅府园1号"),
]

NOT_NAMED = [
    ("person", "Alman^Ute", "ALMANAC"),
    ("person", "Marc^Andre", "Marcus Andreas"),
    ("person", "Rot^Ute", "CTROT"),  # fewer than four letters
    ("person", "마^노", "№ 5"),
    ("person", "No^Bo", "№ 5"),
    ("person", "Tm^Bo", "SYNGO™"),
    ("person", "ヤマダ^タロウ", "ﾔﾏﾀ"),
    ("person", "สมศรี^มานี", "มานะ"),
    ("patient_id", "1", "½ dose, ¼ dose, 10² mm, ①"),
    ("patient_id", "12", "12½"),
    ("patient_id", "2", "mm²"),
]


def check_finds(kind: str, value: str, text: str) -> bool:
    needles = make_needles(frozenset({(kind.replace("_", " "), value)}))  # type: ignore[arg-type]
    found = bool(kinds_in(text.encode(), UTF_8, needles))
    assert not found or found_in_any([b"CHEST", text.encode()], [UTF_8], needles)
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
