"""Latin and Cyrillic spellings of one name, compared by a key that the known romanizations share.

GOST 7.79 (both systems), ISO 9, BGN/PCGN, the passports of Russia and Ukraine, and the French and German spellings
differ in the same few letters. `keys` gives each of those one spelling, so that two romanizations of a name share a
key. Keys are coarse on purpose and compare words of different scripts only; words of one script are compared as
written.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator

from orthanc_deid.bounded_cache import bounded_cache
from orthanc_deid.standard.medical_words import modality_codes

LONGEST_NAME = 256
"""Letters of a word that are compared as a name; a PN component group has 64 at most (PS3.5 section 6.2)."""

UNSPACED_LETTERS = r"\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff\uff66-\uff9f"
"""The letters of Thai, Japanese, Chinese and Korean, as ranges for a character class of a pattern."""

_FEWEST_GLUED = 4  # letters of a name beside the code of a modality
_CODE_LENGTHS = range(2, 5)
_MOST_KEYS = 16
_SHORTEST_KEY = 2
_MOST_MARKS = 30  # of a letter, as in Unicode's Stream-Safe Text Format; sorting more takes quadratic time

# One letter each: S means ш and щ, C means ч, Z means ж; the others are as in English.
_CYRILLIC = str.maketrans(
    {
        **dict(zip("абвгдезийклмнопрстуфхцыэ", "abvgdeziiklmnoprstufhcie", strict=True)),
        **{"ё": "e", "ж": "Z", "ч": "C", "ш": "S", "щ": "S", "ъ": "", "ь": "", "ю": "u", "я": "a"},
        **{
            "і": "i",
            "ї": "i",
            "є": "e",
            "ґ": "g",
            "ў": "u",
            "ј": "i",
            "љ": "l",
            "њ": "n",
            "ћ": "C",
            "ђ": "d",
        },
        **{
            "ә": "a",
            "ғ": "g",
            "қ": "k",
            "ң": "n",
            "ө": "o",
            "ұ": "u",
            "ү": "u",
            "һ": "h",
            "џ": "Z",
            "ѕ": "z",
        },
    }
)
_SIGNS = str.maketrans(
    {
        **{"č": "ch", "š": "sh", "ž": "zh", "ŝ": "shch", "ẑ": "zh", "ĉ": "ch", "ŭ": "u", "ĭ": "i"},
        **{"ë": "yo", "è": "e", "û": "yu", "â": "ya", "ì": "i", "ł": "l", "ø": "o", "đ": "d", "ß": "ss"},
        **{"æ": "ae", "œ": "oe", "ı": "i", "ʹ": "", "ʺ": "", "'": "", "’": "", "`": "", "ʼ": "", "′": ""},
    }
)
_SPELLINGS: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern), letter)
    for pattern, letter in (
        (r"schtsch|chtch|szcz|shch|stsch|shh|šč", "S"),
        (r"tsch|tch|tsh", "C"),
        (r"dzh|dj", "dZ"),
        (r"sch|sh|sz", "S"),
        (r"zh", "Z"),
        (r"kh", "h"),
        (r"ts|tz|cz|tc", "c"),
        (r"(?<![iyj])[iyj]++[eo]", "e"),
        (r"(?<![iyj])[iyj]++[uw]", "u"),
        (r"(?<![iyj])[iyj]++a", "a"),
        (r"ou|oo", "u"),
        (r"ee", "i"),
        (r"ph", "f"),
        (r"ck", "k"),
        (r"[yj]", "i"),
        (r"w", "v"),
        (r"q", "k"),
    )
)
_CYRILLIC_VOWELS = tuple(re.compile(f"(?<![ийыіїј])[ийыіїј]++[{vowels}]") for vowels in ("еёоє", "ую", "ая"))
_LOOSE: tuple[tuple[re.Pattern[str], tuple[str, ...]], ...] = tuple(
    (re.compile(pattern), letters)
    for pattern, letters in (
        (r"^ch", ("h",)),
        (r"cz", ("C",)),
        (r"sch(?!t)", ("Z",)),
        (r"ff$", ("v",)),
        (r"th", ("t",)),
        (r"hn", ("n",)),
        (r"j", ("dZ", "Z")),
        (r"x", ("ks", "h")),
        (r"(?<![st])ch(?!t)", ("C", "h", "S")),
        (r"c(?!h|z)", ("k", "s")),
        (r"(?<![tc])z(?!h)", ("c",)),
    )
)
_REPEATED = re.compile(r"(.)\1+")


def is_cyrillic(word: str) -> bool:
    """Whether the word has Cyrillic letters."""
    return any("Ѐ" <= letter <= "ԯ" for letter in word)


def plain(word: str) -> str:
    """Return a word or a text in lower case, without diacritics, apostrophes and English genitives, `ё` as `е`.

    Letters of any width and form become one; signs that only resemble letters and digits (½, ², №, ℃) are kept.
    """
    word = _GENITIVE.sub(" ", word)
    if word.isascii():
        return word.lower().replace("'", "").replace("`", "")
    lower = unicodedata.normalize("NFC", _with_few_marks(_NOT_SHOWN.sub("", word))).casefold()
    lower = lower.replace("\0", " ").replace("й", "\0")  # й is a letter of its own and no accented one
    parts = unicodedata.normalize("NFKD", lower.translate(_AS_LETTERS)).translate(_AS_HIRAGANA)
    kept = parts.translate(_WITHOUT_MARKS)
    return unicodedata.normalize("NFC", kept.replace("\0", "й")).lower()


class _WithoutMarks(dict[int, int | None]):
    """A table for `str.translate` that removes signs on or around the letter before them."""

    def __missing__(self, code: int) -> int | None:
        letter = chr(code)
        is_mark = unicodedata.combining(letter) > 0 or unicodedata.category(letter) == "Me"
        kept = None if is_mark and letter not in _VOICED and not letter.isalnum() else code
        self[code] = kept  # at most one entry for each character of Unicode
        return kept


_WITHOUT_MARKS = _WithoutMarks()


def composed(text: str) -> str:
    """Return a text with letters and their marks composed (NFC), in linear time."""
    return text if text.isascii() else unicodedata.normalize("NFC", _with_few_marks(text))


def as_seen(text: str) -> str:
    """Return a text composed (NFC) without what is not shown and without marks that compose with no letter."""
    if text.isascii():
        return text
    shown = composed(_NOT_SHOWN.sub("", text)).translate(_PRINTED_TOGETHER)
    return "".join(sign for sign in shown if unicodedata.category(sign) not in ("Mn", "Me"))


def split_scripts(text: str) -> str:
    """Return a text with a space where a word changes from or to Cyrillic or a script without spaces."""
    return text if text.isascii() else _MEETING.sub(" ", text)


_MEETING = re.compile(
    "|".join(
        rf"(?<=[{script}])(?=[^\W\d_{script}])|(?<=[^\W\d_{script}])(?=[{script}])"
        for script in (r"\u0400-\u052f", UNSPACED_LETTERS)
    )
)
_PRINTED_TOGETHER = {code: unicodedata.normalize("NFKC", chr(code)) for code in range(0xFB00, 0xFB07)}
_GENITIVE = re.compile(r"['’]s\b", re.IGNORECASE)
_APOSTROPHES = str.maketrans(dict.fromkeys("'’`ʼʹʺ′", ""))
_VOICED = "\u3099\u309a"  # ダ is a letter of its own as well
_LOOKING_LIKE_LETTERS = (0xB2, 0xB3, 0xB9, *range(0xBC, 0xBF), *range(0x2070, 0x209D), *range(0x20A8, 0x2190),
                         *range(0x2460, 0x2500), *range(0x3200, 0x3400), *range(0x1F100, 0x1F200))  # fmt: skip
_THAI_AND_LAO_SIGNS = (0x0E31, *range(0x0E34, 0x0E3B), *range(0x0E47, 0x0E4F),
                       0x0EB1, *range(0x0EB4, 0x0EBD), *range(0x0EC8, 0x0ECF))  # fmt: skip


def _symbols() -> Iterator[tuple[int, str]]:
    """Yield (code, replacement) of signs that NFKD would decompose into letters or digits."""
    for code in _LOOKING_LIKE_LETTERS:
        sign = chr(code)
        name = unicodedata.name(sign, "")
        if "LATIN" in name and name.split()[-2:-1] == ["LETTER"] and len(name.split()[-1]) == 1:
            yield code, name[-1].lower()  # in a circle, a square or brackets
            continue
        if unicodedata.category(sign)[0] not in "LM":
            yield code, "\u02ac" if sign.isalnum() else " "


_AS_HIRAGANA = {code: code - 0x60 for code in range(0x30A1, 0x30F7)}
_NOT_SHOWN = re.compile(
    "["
    + "".join(map(chr, (0xAD, 0x34F, 0x61C, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x2800, 0x3164, 0xFEFF, 0xFFA0)))
    + "\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufff0-\ufff8\U0001bca0-\U0001bca3"
    "\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)  # Default_Ignorable_Code_Point of Unicode, and the blank of Braille
_AS_LETTERS = {
    **_APOSTROPHES,
    **dict(_symbols()),
    **{
        sign: chr(0x1401 + index) for index, sign in enumerate(_THAI_AND_LAO_SIGNS)
    },  # vowels, which Python does not count as letters
}
_MANY_SIGNS = re.compile(rf"[^\w\0-\u02ff]{{{_MOST_MARKS + 1},}}")
_KATAKANA_MARKS = str.maketrans({"\uff9e": "\u3099", "\uff9f": "\u309a"})  # letters that decompose into marks


def _with_few_marks(text: str) -> str:
    """Return `text` with at most the first `_MOST_MARKS` marks of each letter."""
    return _MANY_SIGNS.sub(_first_marks, text.translate(_KATAKANA_MARKS))


def _first_marks(signs: re.Match[str]) -> str:
    kept = []
    marks = 0
    for sign in signs[0]:
        marks = marks + 1 if unicodedata.combining(sign) else 0
        if marks <= _MOST_MARKS:
            kept.append(sign)
    return "".join(kept)


def without_modality_codes(words: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Yield (rest, code) of words that begin or end with the code of a modality, such as CTIVANOV."""
    codes = modality_codes()
    for word in words:
        for length in _CODE_LENGTHS:
            if len(word) - length >= _FEWEST_GLUED:
                if word[:length] in codes:
                    yield word[length:], word[:length]
                if word[-length:] in codes:
                    yield word[:-length], word[-length:]


@bounded_cache(maxsize=8192)
def keys(word: str) -> frozenset[str]:
    """Return the keys of a word of Latin or Cyrillic letters; words that share one may be the same name.

    Only the first `LONGEST_NAME` letters of a word are compared.
    """
    lower = word[:LONGEST_NAME].casefold()
    found = {_cyrillic_key(lower)} if is_cyrillic(lower) else _latin_keys(lower)
    return frozenset(key for key in map(_undoubled, found) if len(key) >= _SHORTEST_KEY)


def _cyrillic_key(word: str) -> str:
    for pattern, letter in zip(_CYRILLIC_VOWELS, "еуа", strict=True):
        word = pattern.sub(letter, word)
    return word.translate(_CYRILLIC)


def _latin_keys(word: str) -> set[str]:
    written = plain(word.translate(_SIGNS))
    variants = {written}
    for pattern, letters in _LOOSE:
        variants |= {
            pattern.sub(letter, variant)
            for variant in sorted(variants)[:_MOST_KEYS]
            for letter in letters
            if pattern.search(variant)
        }
    return {_spelled(variant) for variant in sorted(variants)[: 4 * _MOST_KEYS]}


def _spelled(word: str) -> str:
    for pattern, letter in _SPELLINGS:
        word = pattern.sub(letter, word)
    return word


def _undoubled(key: str) -> str:
    return _REPEATED.sub(r"\1", key)
