"""The Latin spellings in which a Cyrillic name is commonly written, each by one system from end to end.

Where `transliteration` compares sounds, and so also finds what nobody wrote on purpose, these are exact: they are for
names too short for that, and for names inside other words.
"""

from __future__ import annotations

import re
from typing import Final

from orthanc_deid.bounded_cache import bounded_cache
from orthanc_deid.standard.letters import is_romanized, romanized

_BASE: Final = {
    "а": "a", "б": "b", "в": "v", "г": "g", "д": "d", "е": "e", "ж": "zh", "з": "z", "и": "i", "й": "i", "к": "k",
    "л": "l", "м": "m", "н": "n", "о": "o", "п": "p", "р": "r", "с": "s", "т": "t", "у": "u", "ф": "f", "х": "kh",
    "ц": "ts", "ч": "ch", "ш": "sh", "щ": "shch", "ъ": "", "ы": "y", "ь": "", "э": "e", "ю": "iu", "я": "ia",
    "і": "i", "ї": "i", "є": "ie", "ґ": "g", "ў": "u", "ј": "j", "љ": "lj", "њ": "nj", "ћ": "c", "ђ": "dj", "џ": "dz",
    "ә": "a", "ғ": "g", "қ": "k", "ң": "n", "ө": "o", "ұ": "u", "ү": "u", "һ": "h",
}  # fmt: skip
_WITH_Y: Final = {"й": "y", "ю": "yu", "я": "ya", "ї": "yi", "є": "ye"}
_WITH_J: Final = {"й": "j", "ю": "ju", "я": "ja", "ї": "ji", "є": "je"}
_SYSTEMS: Final = tuple(
    _BASE | other
    for other in (
        {"ъ": "ie"},  # passports (ICAO 9303)
        _WITH_Y,  # BGN/PCGN
        {**_WITH_Y, "х": "h", "щ": "sch"},  # common
        {**_WITH_Y, "и": "y", "г": "h"},  # Ukrainian passports, with Є at the start
        {"и": "y", "г": "h"},
        {**_WITH_Y, "х": "x", "ц": "c", "щ": "shh", "й": "j"},  # GOST 7.79
        {**_WITH_J, "ж": "z", "х": "h", "ц": "c", "ч": "c", "ш": "s", "щ": "s"},  # ISO 9 without its marks
        {**_WITH_J, "в": "w", "ж": "z", "х": "ch", "ц": "c", "ч": "cz", "ш": "sz", "щ": "szcz"},  # Polish
        {"в": "w", "ж": "rz", "х": "ch", "ц": "c", "ч": "cz", "ш": "sz", "щ": "szcz"},
        {
            **_WITH_J,
            "в": "w",
            "ж": "sch",
            "х": "ch",
            "ц": "z",
            "ч": "tsch",
            "ш": "sch",
            "щ": "schtsch",
        },  # German
        {"у": "ou", "ж": "j", "ч": "tch", "ш": "ch", "щ": "chtch", "ю": "iou"},  # French
        {**_WITH_Y, "ғ": "gh", "қ": "q", "ң": "ng", "ү": "u", "х": "kh"},  # Kazakh
    )
)
_SOFT_E: Final = re.compile(r"(?:^|(?<=[аеёиоуыэюяьъ]))е")
_FINAL_II: Final = re.compile(r"(?:ий|ый)$")
_SHORTENED: Final = re.compile("(?:iy|ii|ij|yy|yj|jj)(?=[aeu])|(?:iy|ii|ij|yi|yj)$")
"""Of two letters for one sound before or after a vowel many writers omit one: Yuliya, Yulia; Georgiy, Georgy."""
_CYRILLIC: Final = re.compile(r"[\u0400-\u052f]+")
_KAZAKH: Final = str.maketrans("әғқңөұүһіўґєї", "агкноуухиугеи")

SHORTEST_SPELLED: Final = 3
_SHORTEST_BY_ANY: Final = 2  # letters of a word up to which only the usual systems are tried
_USUAL: Final = 3


def plain_cyrillic(word: str) -> str:
    """Return a folded Cyrillic word with the letters of Russian: Қасымов is written Касымов as well."""
    return word if word.isascii() else word.translate(_KAZAKH)


def _shorter(letters: re.Match[str]) -> str:
    return letters[0][-1] if letters[0][0] in "yj" or not letters.string[letters.end() :] else "i"


@bounded_cache(maxsize=8192)
def latin_spellings(word: str) -> tuple[str, ...]:
    """Return the Latin spellings of a folded word of Cyrillic letters, or of letters of `standard/letters`."""
    if _CYRILLIC.fullmatch(word):
        written = (word, _SOFT_E.sub("йе", word), _FINAL_II.sub("ы", word), _FINAL_II.sub("и", word))
        systems = _SYSTEMS if len(word) > _SHORTEST_BY_ANY else _SYSTEMS[:_USUAL]
        spellings = (
            "".join(map(system.get, each, each)) for system in systems for each in dict.fromkeys(written)
        )
        found = dict.fromkeys(
            spelling for each in spellings for spelling in (each, _SHORTENED.sub(_shorter, each))
        )
        for spelled in list(found):
            if spelled.endswith(("ov", "ev")):
                found[f"{spelled[:-1]}ff"] = None  # Ivanoff
            if "ks" in spelled:
                found[spelled.replace("ks", "x")] = None
        return tuple(found)
    if not word.isascii() and any(map(is_romanized, word)):
        found = dict.fromkeys(romanized(word))
        for spelled in list(found):
            for long, short in (("ou", "o"), ("uu", "u"), ("oo", "o")):
                if long in spelled:
                    found[spelled.replace(long, short)] = None
        return tuple(found)
    return ()
