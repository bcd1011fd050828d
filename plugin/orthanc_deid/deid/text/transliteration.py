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
from collections.abc import Iterator
from functools import lru_cache
from itertools import islice, product
from typing import Final

from orthanc_deid.bounded_cache import bounded_cache

MAX_SKELETONS: Final = 16  # readings of one Latin word
CACHED_WORDS: Final = 16_384

_CYRILLIC_SOUNDS: Final = str.maketrans(
    {
        "а": "a", "б": "b", "в": "v", "г": "g", "д": "d", "е": "e", "ё": "e", "ж": "Z", "з": "z", "и": "i",
        "й": "i", "к": "k", "л": "l", "м": "m", "н": "n", "о": "o", "п": "p", "р": "r", "с": "s", "т": "t",
        "у": "u", "ф": "f", "х": "h", "ц": "c", "ч": "C", "ш": "S", "щ": "S", "ъ": "", "ы": "i", "ь": "",
        "э": "e", "ю": "iu", "я": "ia", "і": "i", "ї": "i", "є": "e", "ґ": "g", "ў": "u", "ј": "i",
    }
)  # fmt: skip
_LATIN_SOUNDS: Final[dict[str, tuple[str, ...]]] = {
    "schtsch": ("S",), "šč": ("S",), "shch": ("S",), "tsch": ("C",), "shh": ("S",), "sch": ("S",), "tch": ("C",),
    "zh": ("Z",), "kh": ("h",), "ch": ("C", "h"), "sh": ("S",), "ts": ("c",), "tz": ("c",), "cz": ("c",),
    "ck": ("k",), "ph": ("f",), "th": ("t",), "ou": ("u",), "qu": ("kv",), "q": ("k",),
    "c": ("c", "k"), "x": ("ks", "h"), "h": ("h", "g", ""), "j": ("i", "Z", "dZ"), "w": ("v", "u"), "y": ("i",),
    "ü": ("iu", "u"), "ö": ("e", "o"), "š": ("S",), "č": ("C",), "ž": ("Z",), "ŝ": ("S",),
}  # fmt: skip
_LATIN_PIECE: Final = re.compile(
    "|".join(sorted((re.escape(piece) for piece in _LATIN_SOUNDS), key=lambda piece: (-len(piece), piece)))
    + "|."
)
_REPEATED: Final = re.compile(r"(.)\1+")
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
_ALIKE: Final = {
    **{0xFF00 + letter - 0x20: letter for letter in range(0x21, 0x7F)},
    **{sign: 0x10D0 + index for index, sign in enumerate((*_THAI_SIGNS, *_LAO_SIGNS))},
}
_RARE: Final = re.compile("[\u0e31-\u0eff\uff01-\uff5e]")
_KATAKANA: Final = re.compile("[\u30a1-\u30fa\uff66-\uff9f]")
_HALF_WIDTH: Final = {ord(unicodedata.normalize("NFKC", chr(half))): half for half in range(0xFF66, 0xFFA0)}
_ACCENTS: Final = re.compile("[\u0300-\u036f]+")
_FINAL_CONSONANT: Final = re.compile(r"[влнрст]$")


def fold(text: str) -> str:
    """Return `text` in lower case with ё as е and of the same length, so that spans of one are valid in the other.

    Letters of full width become plain ones. The vowel signs and tone marks of Thai and Lao, which Python does not
    count as letters, become letters of a script that is never mixed with these.
    """
    lower = text.lower()
    if len(lower) != len(text):  # İ is the one letter whose lower case is longer
        lower = "".join(char.lower() if len(char.lower()) == 1 else char for char in text)
    if lower.isascii():
        return lower
    return (lower.translate(_ALIKE) if _RARE.search(lower) else lower).replace("ё", "е")


def katakana_widths(word: str) -> tuple[str, ...]:
    """Return a word of katakana in full and in half width (JIS X 0208 and 0201); any other word unchanged."""
    if not _KATAKANA.search(word):
        return (word,)
    full = unicodedata.normalize("NFKC", word)
    return full, unicodedata.normalize("NFD", full).translate(_HALF_WIDTH)


def unaccented(folded: str) -> str:
    """Return folded text without accents and of the same length; й stays, being a separate letter."""
    return folded if folded.isascii() else "".join(map(_base, folded))


@lru_cache(maxsize=4096)
def _base(char: str) -> str:
    parts = unicodedata.normalize("NFD", char)
    return parts[0] if len(parts) > 1 and char != "й" and not unicodedata.combining(parts[0]) else char


def composed(text: str) -> str:
    """Return `text` with letters and their accents composed (NFC), so that й is one letter."""
    return text if text.isascii() else unicodedata.normalize("NFC", _TOO_MANY_MARKS.sub(r"\1", text))


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
