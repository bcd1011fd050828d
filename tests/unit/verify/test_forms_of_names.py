"""Forms of persons' names (RULES.md): engine and check, written independently, find the same ones."""

from __future__ import annotations

import random

import pytest

from orthanc_deid.deid.text.clean import clean_text
from orthanc_deid.deid.text.identity import Identity
from orthanc_deid.standard.medical_words import medical_words
from orthanc_deid.verify.text.identifiers import make_identifiers
from orthanc_deid.verify.text.text_search import found_in_any, kinds_in

UTF_8 = ("ISO_IR 192",)
NAMED = [
    # inside and across words
    ("Quillfeather^Abelard", "ABELARDQUILLFEATHER"),
    ("Quillfeather^Abelard", "QUILLFEATHERA"),
    ("Quillfeather^Abelard", "XQUILLFEATHER1"),
    ("Quillfeather^Abelard", "Quill-feather"),
    ("Quillfeather^Abelard", "QUI LLF EATHER MRI"),
    ("Quillfeather^Abelard", "xquill feather"),
    ("Quillfeather^Abelard", "A B E L A R D"),
    ("Quillfeather^Abelard", "A.B.E.L.A.R.D."),
    ("Quillfeather^Abelard", "rehtaeflliuq"),
    ("Quillfeather^Abelard", "4B3L4RD"),
    ("Tarn^Ines", "T A R N"),
    ("Tarn^Ines", "tarnines"),
    ("de la Cruz^Rosa", "DELACRUZ"),
    ("McTavish^Ann", "MACTAVISH"),
    ("Li Na", "NA, LI"),
    ("Черёмухин^Лаврентий", "Ч Е Р Ё М У Х И Н"),
    ("Черёмухин^Лаврентий", "C H E R E M U K H I N"),
    ("Черёмухин^Лаврентий", "CHEREMUKHINL"),
    # as it is seen
    ("Tarnhelm^Ines", "Ta\u200brn\u00adhe\u2060lm"),
    ("Tarn^Ines", "T\u20dda\u0336rn"),
    ("Tarnhelm^Ines", "Таrnhеlm"),  # with Cyrillic а and е
    ("Tarn^Ines", "𝐓𝐚𝐫𝐧"),
    ("Tarn^Ines", "Ⓣⓐⓡⓝ"),
    ("Tarn^Ines", "ᴛᴀʀɴ"),
    ("Alföldi^Zsófi", "Alfo\u0308ldi"),
    ("İnanç^Işık", "INANC"),
    # in other letters
    ("Щебетухин^Жан", "SZCZEBETUCHIN"),
    ("Щебетухин^Жан", "Schtschebetuchin"),
    ("Жердев^Ян", "SCHERDEW"),
    ("Жердев^Ян", "Zherdeff"),
    ("Ждан^Инна", "for INNA"),
    ("Ждан^Майя", "Maya"),
    ("Цой^Ян", "TSOY"),
    ("Қалиев^Нұрлан", "Калиев Нурлан"),
    ("Αναγνώστου^Ελένη", "ANAGNOSTOU"),
    ("ბერიძე^ნინო", "BERIDZE"),
    ("Սարգսյան^Անի", "Sargsyan"),
    ("陈^小明", "CHEN XIAOMING"),
    ("陈^小明", "Xiaoming"),
    ("さとう^はなこ", "サトウ"),
    ("さとう^はなこ", "HANAKO"),
    ("박^서연", "SEOYEON"),
    ("גולן^משה", "GOLAN MOSHE"),
    # in the place of a name
    ("Сон^Мария", "SON MARIA"),
    ("Ге^Илья", "Dr. Ge"),
    ("Ге^Илья", "Ge I."),
]
NOT_NAMED = [
    ("Кузьмин^Инна", "nodule in lung"),
    ("Кузьмин^Анна", "with an angle, Jan"),
    ("Кузьмин^Алла", "all phases"),
    ("Кузьмин^Майя", "MAX MIP"),
    ("Тян^Олег", "more than 5 mm"),
    ("Сон^Мария", "cone beam"),
    ("Ге^Илья", "GE MEDICAL SYSTEMS"),
    ("Jin^Park", "in the lung"),
    ("Stern^Ada", "STERNUM"),
    ("Inman^Ada", "in 5 man"),
    ("Inmani^Ada", "in man index"),
    ("Enola^Ada", "alone"),
    ("Long^May", "L O N"),
    ("כהן^משה", "can mass"),
]
NAMES = (
    """
Кузнецов^Аркадий|Щеголев^Юлия|Тян^Олег|Цой^Майя|Сон^Мария|Ге^Илья|Ковальчук^Наталія|Їжак^Євген|Қасымов^Ерлан
Müller^Jürgen|Peña^José|García Márquez^María|Nguyễn^Thị Hạnh|Trần^Văn Đức|Yıldız^Çağla|Öztürk^İsmail
Al-Farabi^Khalid|Li^Na|Ma^Ge|Wang^Xiaodong|Kim^Hui Jung|Yamada^Taro|van der Berg^Jan|McDonald^Ada|O'Brien^Sean
Παπαδάκης^Γεώργιος|გელაშვილი^ნინო|王^小东|やまだ^たろう|김^희중|כהן^משה|محمد^خالد
""".replace("\n", "|")
    .strip("|")
    .split("|")
)
EVERYDAY = """
in an all at as on no of the with than thin cone more ill max jan son to over из на до или не ли под
"""


@pytest.mark.parametrize(("name", "text"), NAMED)
def test_a_form_that_counts_is_found_by_both(name: str, text: str) -> None:
    identity = Identity.of([("person", name)])
    assert identity.finds(text)
    assert not identity.finds(identity.remove(text, " "))
    assert check_finds(name, text)


@pytest.mark.parametrize(("name", "text"), NOT_NAMED)
def test_everyday_words_are_found_by_neither(name: str, text: str) -> None:
    assert not Identity.of([("person", name)]).finds(text)
    assert not check_finds(name, text)


def check_finds(name: str, text: str) -> bool:
    identifiers = make_identifiers(frozenset({("person", name)}))
    found = bool(kinds_in(text.encode(), UTF_8, identifiers))
    assert not found or found_in_any([b"CHEST", text.encode()], [UTF_8], identifiers)
    return found


def mangled(word: str, chance: random.Random) -> str:
    """Return a word as somebody may write it who hides it, or by accident."""
    at = chance.randrange(len(word))
    return chance.choice(
        (
            word,
            word.upper(),
            " ".join(word),
            ".".join(word),
            word[::-1],
            f"X{word}",
            f"{word[:at]}-{word[at:]}",
            f"{word[:at]}\u200b{word[at:]}",
            f"Dr {word}",
            word.lower().translate(str.maketrans("ieaos", "13405")),
        )
    )


@pytest.mark.parametrize("seed", range(8))
def test_what_the_engine_leaves_of_any_text_passes_the_check(seed: int) -> None:
    chance = random.Random(seed)
    known = sorted(medical_words().forms)
    for _ in range(60):
        name = chance.choice(NAMES)
        words = [
            chance.choice(chance.choice((known, EVERYDAY.split()))) for _ in range(chance.randrange(1, 8))
        ]
        parts = name.replace("^", " ").split()
        words.insert(chance.randrange(len(words)), mangled(chance.choice(parts), chance))
        text = chance.choice((" ", ", ", "_")).join(words)
        identity = Identity.of([("person", name)])
        assert identity.finds(text) or not check_finds(name, text), (name, text)
        for mode in ("known", "vocabulary"):
            kept = clean_text(text, identity, mode, lambda part: part)
            assert not check_finds(name, kept), (name, text, kept)
