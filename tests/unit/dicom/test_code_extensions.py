"""Code extensions (PS3.5 section 6.1.2.5), and names in many character sets: known and gone everywhere."""

from __future__ import annotations

import pytest

from orthanc_deid import Key, deidentify
from orthanc_deid.dicom import character_sets
from orthanc_deid.verify.text.decoding import decode as verified_as
from orthanc_deid.verify.text.decoding import is_allowed
from orthanc_deid.verify.verifier import Verifier
from support.data.datasets import DataSet, instance, part10, read_file, value
from support.data.profiles import builtin, profile

KEY = Key(bytes(range(32)))
PATIENT_NAME, STUDY_DESCRIPTION, SERIES_DESCRIPTION, MANUFACTURER, REFERENCED_SERIES = (
    0x00100010,
    0x00081030,
    0x0008103E,
    0x00080070,
    0x00081115,
)
CREATOR, SEQUENCE_NAME = (
    0x00190010,
    0x0019109E,
)  # GEMS_ACQU_01, Internal Pulse Sequence Name: safe, and a text

# the examples of the standard (PS3.5 Annexes H, I and K)

STANDARD = [
    (
        b"\\ISO 2022 IR 58",
        b"Zhang^XiaoDong=\x1b$)A\xd5\xc5^\x1b$)A\xd0\xa1\xb6\xab=",
        "Zhang^XiaoDong=张^小东=",
    ),
    (
        b"\\ISO 2022 IR 58",
        b"1. \x1b$)A\xb5\xda\xd2\xbb\xd0\xd0\xce\xc4\xd7\xd6\xa1\xa3\r\n2. \x1b$)A\xb5\xda\xb6\xfe\xd0\xd0\r\n",
        "1. 第一行文字。\r\n2. 第二行\r\n",
    ),
    (
        b"\\ISO 2022 IR 149",
        b"Hong^Gildong=\x1b$)C\xfb\xf3^\x1b$)C\xd1\xce\xd4\xd7=\x1b$)C\xc8\xab^\x1b$)C\xb1\xe6\xb5\xbf",
        "Hong^Gildong=洪^吉洞=홍^길동",
    ),
    (
        b"ISO 2022 IR 13\\ISO 2022 IR 87",
        b"\xd4\xcf\xc0\xde^\xc0\xdb\xb3=\x1b$B;3ED\x1b(J^\x1b$BB@O:\x1b(J=\x1b$B$d$^$@\x1b(J^\x1b$B$?$m$&\x1b(J",
        "ﾔﾏﾀﾞ^ﾀﾛｳ=山田^太郎=やまだ^たろう",
    ),
]


@pytest.mark.parametrize(("terms", "raw", "text"), STANDARD, ids=range(len(STANDARD)))
def test_the_examples_of_the_standard_are_read_and_written(terms: bytes, raw: bytes, text: str) -> None:
    declared = character_sets.parse(terms)
    assert character_sets.decode(raw, declared) == verified_as(raw, declared) == text
    assert character_sets.encode(text, declared) == raw


# other writers

WRITTEN = [
    (b"\\ISO 2022 IR 149", b"\x1b$)C\xfb\xf3^\xd1\xce\xd4\xd7", "洪^吉洞"),  # said once only
    (b"\\ISO 2022 IR 58", "张^小东".encode("gb2312"), "张^小东"),  # never said
    (b"ISO 2022 IR 149", "김".encode("euc_kr"), "김"),
    (b"ISO 2022 IR 100\\ISO 2022 IR 144", b"\x1b-L\xb8\xd2^\xf6", "Ив^ö"),
    (b"ISO 2022 IR 13\\ISO 2022 IR 87", b"\x1b$B;3\xd4ED\x1b(J", "山ﾔ田"),
    (b"ISO 2022 IR 100\\ISO 2022 IR 87", b"\x1b$B;3\n\xf6", "山\nö"),
    (b"\\ISO 2022 IR 203", b"\x1b-b\xbduvre", "œuvre"),
    (b"ISO_IR 203", b"\xa4 \xbduvre", "€ œuvre"),
]


@pytest.mark.parametrize(("terms", "raw", "text"), WRITTEN, ids=range(len(WRITTEN)))
def test_deviating_encodings_of_other_writers_are_read(terms: bytes, raw: bytes, text: str) -> None:
    declared = character_sets.parse(terms)
    assert character_sets.decode(raw, declared) == verified_as(raw, declared) == text
    assert is_allowed(raw, declared)
    assert character_sets.decode(character_sets.encode(text, declared), declared) == text


@pytest.mark.parametrize(
    ("terms", "raw"),
    [
        (b"\\ISO 2022 IR 149", b"\x1b$)A\xd5\xc5"),  # another set than the declared one
        (b"\\ISO 2022 IR 58", b"\x1b$)A\xd5"),  # half a letter
        (b"\\ISO 2022 IR 58", b"a\x1b"),
        (b"\\ISO 2022 IR 87", b"\xd0\xd1"),  # nothing above 127
        (b"ISO_IR 6", b"\xd0\xd1"),
        (b"ISO_IR 192", b"\x1b$)A\xd5\xc5"),  # no code extensions
        (b"GB18030", b"\x1b$)A\xd5\xc5"),
    ],
)
def test_escape_sequences_and_bytes_that_were_not_declared_are_not_read(terms: bytes, raw: bytes) -> None:
    declared = character_sets.parse(terms)
    with pytest.raises(UnicodeDecodeError):
        character_sets.decode(raw, declared)
    assert not is_allowed(raw, declared)


def test_a_sign_outside_the_set_is_written_as_an_equivalent_one() -> None:
    declared = character_sets.parse(b"\\ISO 2022 IR 149")
    assert character_sets.decode(character_sets.encode("5 Å", declared), declared) == "5 \u212b"


# through the engine and its check

NAMES = {
    "\\ISO 2022 IR 58": ("Zhang^XiaoDong=张^小东", ("Zhang", "XiaoDong", "小东", "张小东", "张^小东")),
    "GB18030": ("Zhang^XiaoDong=张^小东", ("Zhang", "小东", "张小东")),
    "GBK": ("Zhu^Rongji=朱^镕基", ("Rongji", "镕基", "朱镕基")),
    "\\ISO 2022 IR 149": ("Hong^Gildong=洪^吉洞=홍^길동", ("Gildong", "吉洞", "길동", "홍길동")),
    "\\ISO 2022 IR 87": (
        "Yamada^Tarou=山田^太郎=やまだ^たろう",
        ("Tarou", "山田", "太郎", "山田太郎", "やまだ"),
    ),
    "\\ISO 2022 IR 87\\ISO 2022 IR 159": ("Hiraga^Gen=平賀^丂丄", ("Hiraga", "平賀", "丂丄")),
    "ISO 2022 IR 13\\ISO 2022 IR 87": (
        "ﾔﾏﾀﾞ^ﾀﾛｳ=山田^太郎=ヤマダ^タロウ",
        ("ﾔﾏﾀﾞ", "ﾀﾛｳ", "山田", "ヤマダ", "タロウ"),
    ),
    "ISO_IR 13": ("ﾔﾏﾀﾞ^ﾀﾛｳ", ("ﾔﾏﾀﾞ", "ﾔﾏﾀﾞ ﾀﾛｳ")),
    "ISO_IR 166": ("นามสกุล^สมชาย", ("สมชาย", "นามสกุล")),
    "\\ISO 2022 IR 166": ("Namsakun^Somchai=นามสกุล^สมชาย", ("Somchai", "สมชาย", "นามสกุล")),
    "ISO_IR 203": ("Œuvrard^Žofie", ("Œuvrard", "ŒUVRARD", "Žofie")),
    "ISO 2022 IR 100\\ISO 2022 IR 203": ("Größmann^Žofie", ("Größmann", "Žofie")),
    "ISO 2022 IR 100\\ISO 2022 IR 144": ("Größmann=Черёмухин^Лаврентий", ("Черёмухина", "ЛАВРЕНТИЙ")),
}
SPELLED = [(term, spelling) for term, (_, spellings) in NAMES.items() for spelling in spellings]
SENTENCES = ("{}", "CHEST {} PA", "CHEST\n{}")
EVERY_CODEC = (
    *("utf-8", "gb18030", "gb2312", "gbk", "euc_kr", "iso2022_jp", "iso2022_jp_2", "shift_jis", "tis-620"),
    *("latin-1", "iso8859_5", "iso8859_15", "cp1251"),
)


def text_in(term: str, text: str) -> bytes:
    return character_sets.encode(text, character_sets.parse(term.encode()))


def planted(term: str, spelling: str) -> DataSet:
    """Return an instance in which the patient is named wherever texts stay, in items and private elements too."""
    sentences = [text_in(term, sentence.format(spelling)) for sentence in SENTENCES]
    texts = [(tag, "LO", sentences[1]) for tag in (STUDY_DESCRIPTION, SERIES_DESCRIPTION)]
    item: DataSet = [
        (MANUFACTURER, "LO", sentences[0]),
        (SERIES_DESCRIPTION, "LO", sentences[1]),
        (CREATOR, "LO", "GEMS_ACQU_01"),
        (SEQUENCE_NAME, "LO", sentences[1]),
        (REFERENCED_SERIES, "SQ", [[(0x00204000, "LT", sentences[2]), (0x00081090, "LO", sentences[0])]]),
    ]
    return instance(
        (0x00080005, "CS", term),
        (0x00280010, "US", b"\2\0"),
        (PATIENT_NAME, "PN", text_in(term, NAMES[term][0])),
        *texts,
        (MANUFACTURER, "LO", sentences[0]),
        (0x00081090, "LO", sentences[1]),
        (0x00204000, "LT", sentences[2]),
        (CREATOR, "LO", "GEMS_ACQU_01"),
        (SEQUENCE_NAME, "LO", sentences[1]),
        (REFERENCED_SERIES, "SQ", [item]),
    )


@pytest.mark.parametrize("built_in", ["research", "neutral"])
@pytest.mark.parametrize(("term", "spelling"), SPELLED)
def test_a_name_is_removed_in_every_spelling_from_every_element(
    built_in: str, term: str, spelling: str
) -> None:
    rules = builtin(built_in)
    result = deidentify(part10(planted(term, spelling)), rules, KEY)
    Verifier(rules.profile, KEY, "full").check(part10(planted(term, spelling)), result.output)
    Verifier(rules.profile, KEY, "fast").check(part10(planted(term, spelling)), result.output)
    output = bytes(result)
    name = NAMES[term][0]
    words = {
        spelling,
        *(word for group in name.split("=") for word in (group, *group.split("^")) if len(word) > 1),
    }
    for word in words:
        for encoded in (text_in(term, word), *(word.encode(codec, "ignore") for codec in EVERY_CODEC)):
            assert len(encoded) < 3 or encoded not in output
    if built_in == "research":
        assert value(read_file(output), STUDY_DESCRIPTION).strip() == b"CHEST PA"
        assert value(read_file(output), SEQUENCE_NAME).strip() == b"CHEST PA"


@pytest.mark.parametrize("built_in", ["research", "neutral"])
@pytest.mark.parametrize(
    ("term", "model"),
    [
        ("\\ISO 2022 IR 58", "联影医疗"),
        ("\\ISO 2022 IR 149", "삼성"),
        ("ISO 2022 IR 13\\ISO 2022 IR 87", "東芝 島津製作所"),
        ("\\ISO 2022 IR 166", "แคนนอน"),
        ("ISO_IR 203", "Philips Œ5"),
    ],
)
def test_known_makers_in_their_own_scripts_stay_unchanged(built_in: str, term: str, model: str) -> None:
    rules = builtin(built_in)
    data = part10(
        instance(
            (0x00080005, "CS", term),
            (0x00280010, "US", b"\2\0"),
            (PATIENT_NAME, "PN", text_in(term, NAMES.get(term, ("Doe",))[0])),
            (MANUFACTURER, "LO", text_in(term, model)),
        )
    )
    result = deidentify(data, rules, KEY)
    Verifier(rules.profile, KEY, "full").check(data, result.output)
    assert value(read_file(bytes(result)), MANUFACTURER).rstrip() == text_in(term, model)


@pytest.mark.parametrize(
    ("term", "name", "text", "cleaned"),
    [
        ("\\ISO 2022 IR 149", "홍^길동", "MR길동", "MR"),
        (
            "\\ISO 2022 IR 149",
            "홍^길동",
            "\uf90a 길동 사진",
            "\u91d1 사진",
        ),  # one of the letters that KS X 1001 has twice
        ("\\ISO 2022 IR 58", "张^小东", "患者张小东检查", "患者 检查"),
        ("GB18030", "张^小东", "对小东CT", "对 CT"),
        ("ISO_IR 13", "ﾔﾏﾀﾞ^ﾀﾛｳ", "ﾔﾏﾀﾞ ﾀﾛｳCT", "CT"),
        ("ISO_IR 13", "ﾔﾏﾀﾞ^ﾀﾛｳ", "ｷｮｳﾌﾞ ﾀﾛｳ", "ｷｮｳﾌﾞ"),
        ("ISO_IR 192", "Doe^Jane", "XPID-48151 ok", "X ok"),  # the ID that all instances here have
        ("ISO_IR 166", "นามสกุล^สมชาย", "ปอดสมชายซ้าย", "ปอด ซ้าย"),
        (
            "ISO_IR 192",
            "Doe^Jane",
            "Gro\u0308\u00dfe Jane",
            "Gr\u00f6\u00dfe",
        ),  # an accent as a sign of its own
    ],
)
def test_the_rest_of_a_word_around_a_name_stays_in_the_mode_known(
    term: str, name: str, text: str, cleaned: str
) -> None:
    rules = profile(options=["Clean Descriptors"], texts={"clean": "known"})
    description, named = (
        (STUDY_DESCRIPTION, "LO", text_in(term, text)),
        (PATIENT_NAME, "PN", text_in(term, name)),
    )
    data = part10(instance((0x00080005, "CS", term), named, description))
    result = deidentify(data, rules, KEY)
    Verifier(rules.profile, KEY, "full").check(data, result.output)
    written = value(read_file(bytes(result)), STUDY_DESCRIPTION).rstrip()
    assert character_sets.decode(written, character_sets.parse(term.encode())) == cleaned


@pytest.mark.parametrize(("term", "codec"), [("GB18030", "gb18030"), ("ISO_IR 100", "latin-1")])
def test_a_patient_id_of_one_digit_is_not_found_beside_letters(term: str, codec: str) -> None:
    rules = builtin("neutral")
    kernel = {"gb18030": "医1", "latin-1": "é1"}[codec]
    data = part10(
        instance(
            (0x00080005, "CS", term),
            (0x00280010, "US", b"\2\0"),
            (0x00100020, "LO", "1"),
            (0x00189183, "CS", kernel.encode(codec)),
            (MANUFACTURER, "LO", kernel.encode(codec)),
        )
    )
    result = deidentify(data, rules, KEY)
    Verifier(rules.profile, KEY, "full").check(data, result.output)
    assert value(read_file(bytes(result)), MANUFACTURER).rstrip() == kernel.encode(codec)
