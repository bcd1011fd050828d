"""Comparison of words across alphabets: the same name in Cyrillic and in any of the usual romanizations.

A romanization cannot be reversed (ш is sh, š, sch; й is y, i, j), so words are not converted but reduced: `skeletons`
returns the part that all spellings of one name share. Юлия, Yulia, Iuliia, Julija and Yuliya share the skeleton
`iulia`; Щербаков, Shcherbakov, Scherbakov and Ščerbakov share `Serbakov` (a capital is a sound of several letters).
A Latin spelling that can be read in several ways (j, c, ch, x, h, w) has several skeletons, a Cyrillic word has one.
Supported are the passport rules (ICAO 9303), GOST 7.79 system B, BGN/PCGN, ISO 9, ALA-LC, and German, French and
English conventions: Russian names in Latin letters, and western names in Cyrillic.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import islice, product
from typing import Final

from orthanc_deid.bounded_cache import bounded_cache

MAX_SKELETONS: Final = 24  # readings of one Latin word
CACHED_WORDS: Final = 16_384

_CYRILLIC_SOUNDS: Final = str.maketrans(
    {
        "а": "a", "б": "b", "в": "v", "г": "g", "д": "d", "е": "e", "ё": "e", "ж": "Z", "з": "z", "и": "i",
        "й": "i", "к": "k", "л": "l", "м": "m", "н": "n", "о": "o", "п": "p", "р": "r", "с": "s", "т": "t",
        "у": "u", "ф": "f", "х": "h", "ц": "c", "ч": "C", "ш": "S", "щ": "S", "ъ": "", "ы": "i", "ь": "",
        "э": "e", "ю": "iu", "я": "ia", "і": "i", "ї": "i", "є": "e", "ґ": "g", "ў": "u", "ј": "i",
        "ә": "a", "ғ": "g", "қ": "k", "ң": "n", "ө": "o", "ұ": "u", "ү": "u", "һ": "h", "љ": "l", "њ": "n", "ћ": "C",
        "ђ": "d", "џ": "dZ",
    }
)  # fmt: skip
_LATIN_SOUNDS: Final[dict[str, tuple[str, ...]]] = {
    "schtsch": ("S",), "šč": ("S",), "shch": ("S",), "tsch": ("C",), "shh": ("S",), "sch": ("S", "Z"), "tch": ("C",),
    "szcz": ("S",), "chtch": ("S",), "dsch": ("Z", "dZ"), "sz": ("S",), "rz": ("rz", "Z"), "gh": ("g",),
    "ff": ("f", "v"),
    "zh": ("Z",), "kh": ("h",), "ch": ("C", "h", "S"), "sh": ("S",), "ts": ("c",), "tz": ("c",), "cz": ("c", "C"),
    "ck": ("k",), "ph": ("f",), "th": ("t",), "ou": ("u",), "qu": ("kv",), "q": ("k",),
    "c": ("c", "k"), "x": ("ks", "h"), "h": ("h", "g", ""), "j": ("i", "Z", "dZ"), "w": ("v", "u"), "y": ("i",),
    "ü": ("iu", "u"), "ö": ("e", "o"), "š": ("S",), "č": ("C",), "ž": ("Z",), "ŝ": ("S",),
}  # fmt: skip
_LATIN_PIECE: Final = re.compile(
    "|".join(sorted((re.escape(piece) for piece in _LATIN_SOUNDS), key=lambda piece: (-len(piece), piece)))
    + "|."
)
_REPEATED: Final = re.compile(r"(.)\1+")
_APART: Final = " "  # no letter, and never twice in a row
_SOFT_E: Final = re.compile(r"i[eo]")
_CYRILLIC_LETTER: Final = re.compile(r"[\u0400-\u04ff]")
_LATIN_LETTER: Final = re.compile(r"[a-z]")
_LOOKALIKES: Final = str.maketrans("abcehkmnoptxy", "авсенкмпортху")
_LIGATURES: Final = str.maketrans({"ß": "ss", "æ": "ae", "ø": "o", "œ": "oe", "ł": "l", "đ": "d", "ı": "i"})
_GERMAN: Final = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})

# From sounds to a Cyrillic spelling, precise enough to select the declension of the name.
_TO_CYRILLIC: Final = {
    "S": "ш", "Z": "ж", "C": "ч", "a": "а", "b": "б", "v": "в", "g": "г", "d": "д", "e": "е", "z": "з", "i": "и",
    "k": "к", "l": "л", "m": "м", "n": "н", "o": "о", "p": "п", "r": "р", "s": "с", "t": "т", "u": "у",
    "f": "ф", "h": "х", "c": "ц",
}  # fmt: skip
_CYRILLIC_FORM: Final = str.maketrans(_TO_CYRILLIC)
_FINAL_II: Final = re.compile(r"(?<=[бвгджзклмнпрстфхцчш])и+$")
_FINAL_SHORT_I: Final = re.compile(r"(?<=[аеоу])и$")
_FINAL_AIA: Final = re.compile(r"(?<=а)и+а$")  # Sukhaia, Tolstaya: adjectives
_FINAL_IA: Final = re.compile(r"(?<!и)и+а$")
# At most thirty marks per letter are normalized: sorting them takes time by the square of their number.
_TOO_MANY_MARKS: Final = re.compile(r"([\u0300-\u036f]{30})[\u0300-\u036f]+")
_THAI_SIGNS: Final = (0x0E31, *range(0x0E34, 0x0E3B), *range(0x0E47, 0x0E4F))
_LAO_SIGNS: Final = tuple(sign + 0x80 for sign in _THAI_SIGNS)
_HALF_WIDTH: Final = range(0xFF66, 0xFFA0)  # of katakana
_KATAKANA: Final = range(0x30A1, 0x30F7)
_TO_HIRAGANA: Final = -0x60
_HIRAGANA: Final = re.compile("[\u3041-\u3096]")
_ALIKE: Final = {
    **{0xFF00 + letter - 0x20: letter for letter in range(0x21, 0x7F)},
    **{sign: 0x10D0 + index for index, sign in enumerate((*_THAI_SIGNS, *_LAO_SIGNS))},
    **{letter: letter + _TO_HIRAGANA for letter in _KATAKANA},
    **{half: ord(unicodedata.normalize("NFKC", chr(half))) for half in _HALF_WIDTH},
}
_ALIKE.update({half: _ALIKE.get(_ALIKE[half], _ALIKE[half]) for half in _HALF_WIDTH})
_RARE: Final = re.compile("[\u0e31-\u0eff\u30a1-\u30f6\uff01-\uff9f]")
_STYLED: Final = re.compile(
    "[\u1d00-\u1dbf\u2071\u207f\u2090-\u209c\u2102-\u2131\u24b6-\u24e9\U0001d400-\U0001d7cb\U0001f110-\U0001f189]"
)
"""Letters in bold and other styles, raised, lowered, in circles and in squares, most of which NFKC makes plain."""
_LOOKALIKES_OF_DIGITS: Final = re.compile(
    "(?<!\\d)[\xb2\xb3\xb9\xbc-\xbe\u2070-\u209c\u20a8-\u218f\u2460-\u24ff\u2776-\u2793\u3200-\u33ff\U0001f100-\U0001f1ff]"
)
_ONE_LETTER: Final = {ord("ё"): "е", ord("ς"): "σ"}
_SQUARED: Final = (0x1F130, 0x1F150, 0x1F170)  # A in each; NFKC leaves two of them
_LIGATURES_OF_PRINT: Final = re.compile("[\ufb00-\ufb06\u0132\u0133\u01c4-\u01cc\u01f1-\u01f3]")
_INVISIBLE: Final = re.compile(
    "[\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u2800\u3164"
    "\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufff8\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]+"
)
"""What is not shown: Unicode's property Default_Ignorable_Code_Point, and the empty sign of Braille."""
_STRAY_MARKS: Final = re.compile(
    "[\u0300-\u036f\u0483-\u0489\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u064b-\u065f\u0670"
    "\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]+"
)
"""Marks that compose with no letter, points of Hebrew, vowels of Arabic: names are written without them as well."""
_ACCENTS: Final = re.compile("[\u0300-\u036f]+")
_FINAL_CONSONANT: Final = re.compile(r"[влнрст]$")


def fold(text: str) -> str:
    """Return `text` in lower case with ё as е, ς as σ and of the same length, so that spans are valid in both.

    Letters of full width become plain ones. The vowel signs and tone marks of Thai and Lao, which Python does not
    count as letters, become letters of a script that is never mixed with these.
    """
    lower = text.replace("İ", "I").lower()  # the one letter whose lower case is longer
    if lower.isascii():
        return lower
    if _RARE.search(lower):
        lower = lower.translate(_ALIKE)
    return (_STYLED.sub(_unstyled, lower) if _STYLED.search(lower) else lower).translate(_ONE_LETTER)


def searched(text: str) -> str:
    """Return `text` folded, of the same length, with a sign for what only looks like letters or digits (½, ², ①)."""
    folded = fold(text)
    return folded if folded.isascii() else _LOOKALIKES_OF_DIGITS.sub("\xb7", folded)


def _unstyled(sign: re.Match[str]) -> str:
    """Return the plain small letter of a styled one; other signs stay."""
    for first in _SQUARED:
        if 0 <= ord(sign[0]) - first < 26:
            return chr(ord("a") + ord(sign[0]) - first)
    plain = unicodedata.normalize("NFKC", sign[0]).lower().strip("()")
    return plain if len(plain) == 1 and plain.isalpha() else sign[0]


def katakana_widths(word: str) -> tuple[str, ...]:
    """Return a folded word of kana as `fold` returns it in full and in half width (JIS X 0208 and 0201)."""
    return (word, unicodedata.normalize("NFD", word)) if _HIRAGANA.search(word) else (word,)


def unaccented(folded: str) -> str:
    """Return folded text without accents and of the same length; й stays, being a separate letter."""
    return folded if folded.isascii() else "".join(map(_base, folded))


@lru_cache(maxsize=4096)
def _base(char: str) -> str:
    parts = unicodedata.normalize("NFD", char)
    return parts[0] if len(parts) > 1 and char != "й" and not unicodedata.combining(parts[0]) else char


def composed(text: str) -> str:
    """Return `text` as it is seen: letters and accents composed (NFC), so that й is one letter, nothing invisible.

    Marks with which no letter is composed go as well, and printers' ligatures are taken apart.
    """
    if text.isascii():
        return text
    text = _LIGATURES_OF_PRINT.sub(
        lambda sign: unicodedata.normalize("NFKC", sign[0]), _INVISIBLE.sub("", text)
    )
    return _STRAY_MARKS.sub("", unicodedata.normalize("NFC", _TOO_MANY_MARKS.sub(r"\1", text)))


def has_cyrillic(text: str) -> bool:
    """Whether `text` contains a Cyrillic letter."""
    return not text.isascii() and _CYRILLIC_LETTER.search(text) is not None


@bounded_cache(maxsize=CACHED_WORDS)
def plain_latin(word: str) -> tuple[str, ...]:
    """Return the spellings of a folded Latin word without accents: müller gives muller and mueller."""
    if word.isascii():
        return (word,)
    stripped = unicodedata.normalize("NFD", word.translate(_LIGATURES))
    plain = unicodedata.normalize(
        "NFC", _ACCENTS.sub("", stripped)
    )  # NFC restores ダ, which is a separate letter
    german = word.translate(_GERMAN)
    return (plain,) if german == word or not german.isascii() else (plain, german)


def skeleton(word: str) -> str:
    """Return the one skeleton of a folded Cyrillic word of letters."""
    return _reduced(word.translate(_CYRILLIC_SOUNDS))


def skeletons_of(words: Iterable[str]) -> frozenset[str]:
    """Return the skeletons of folded Cyrillic words of letters, found for all of them at once."""
    return frozenset(skeleton(_APART.join(words)).split(_APART))


@bounded_cache(maxsize=CACHED_WORDS)
def skeletons(word: str) -> tuple[str, ...]:
    """Return the skeletons of a folded word of letters, the likeliest first; one for a Cyrillic word."""
    if has_cyrillic(word):
        if _LATIN_LETTER.search(word):  # Latin letters of the same shape, typed among Cyrillic ones
            word = word.translate(_LOOKALIKES)
        return (skeleton(word),)
    return tuple(dict.fromkeys(_reduced(sounds) for sounds in _readings(word)))


@bounded_cache(maxsize=CACHED_WORDS)
def cyrillic_spellings(word: str) -> tuple[str, ...]:
    """Return Cyrillic spellings of a folded Latin word; only their skeletons and endings are reliable."""
    return tuple(dict.fromkeys(text for sounds in _readings(word) for text in _respelled(sounds)))


def _readings(word: str) -> list[str]:
    """Return the possible pronunciations of a Latin word, one letter or capital for each sound."""
    carons = word.translate(_LIGATURES)
    if not carons.isascii():
        carons = "".join(
            char
            if char in _LATIN_SOUNDS
            else "".join(
                part for part in unicodedata.normalize("NFD", char) if not unicodedata.combining(part)
            )
            for char in carons
        )
    pieces = [_LATIN_SOUNDS.get(piece, (piece,)) for piece in _LATIN_PIECE.findall(carons)]
    return ["".join(sounds) for sounds in islice(product(*pieces), MAX_SKELETONS)]


def _reduced(sounds: str) -> str:
    """Remove differences between romanizations: doubled letters, softening before e, т and с for ц."""
    return _SOFT_E.sub("e", _REPEATED.sub(r"\1", sounds).replace("ts", "c"))


def _respelled(sounds: str) -> Iterator[str]:
    text = _FINAL_AIA.sub("я", _FINAL_II.sub("ий", sounds.translate(_CYRILLIC_FORM)))
    text = _FINAL_IA.sub("ия", text)
    text = _FINAL_SHORT_I.sub("й", text)
    yield text
    if _FINAL_CONSONANT.search(text):
        yield text + "ь"  # Igor may be declined as Игорь
