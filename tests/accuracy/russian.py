"""Russian names as Russians decline and romanize them: the right form for each case, and no other."""

from __future__ import annotations

from typing import Final, Literal

Case = Literal["nom", "gen", "dat", "acc", "ins", "prep"]
CASES: Final[tuple[Case, ...]] = ("nom", "gen", "dat", "acc", "ins", "prep")
ROMANIZATIONS: Final = ("passport", "english", "gost", "casual", "french")

_VELARS_AND_SIBILANTS: Final = "гкхжшчщ"
_SIBILANTS: Final = "жшчщц"
_ENDINGS: Final[dict[str, tuple[str, ...]]] = {
    "consonant": ("", "а", "у", "а", "ом", "е"),
    "j": ("й", "я", "ю", "я", "ем", "е"),
    "soft": ("ь", "я", "ю", "я", "ем", "е"),
    "a": ("а", "ы", "е", "у", "ой", "е"),
    "ja": ("я", "и", "е", "ю", "ей", "е"),
    "ia": ("я", "и", "и", "ю", "ей", "и"),
    "third": ("ь", "и", "и", "ь", "ью", "и"),
    "ov": ("", "а", "у", "а", "ым", "е"),
    "ov feminine": ("а", "ой", "ой", "у", "ой", "ой"),
    "adjective": ("", "ого", "ому", "ого", "ым", "ом"),
    "adjective feminine": ("ая", "ой", "ой", "ую", "ой", "ой"),
}
_LETTERS_OF_ENDING: Final = {"j": 1, "soft": 1, "a": 1, "ja": 1, "ia": 1, "third": 1, "adjective": 2}

_PASSPORT: Final = {
    "а": "a", "б": "b", "в": "v", "г": "g", "д": "d", "е": "e", "ё": "e", "ж": "zh", "з": "z", "и": "i", "й": "i",
    "к": "k", "л": "l", "м": "m", "н": "n", "о": "o", "п": "p", "р": "r", "с": "s", "т": "t", "у": "u", "ф": "f",
    "х": "kh", "ц": "ts", "ч": "ch", "ш": "sh", "щ": "shch", "ъ": "ie", "ы": "y", "ь": "", "э": "e", "ю": "iu",
    "я": "ia",
}  # fmt: skip
_LETTERS: Final = {
    "passport": _PASSPORT,
    "english": _PASSPORT | {"ё": "yo", "й": "y", "ъ": "", "ю": "yu", "я": "ya"},
    "gost": _PASSPORT | {"ё": "yo", "й": "j", "х": "x", "ц": "cz", "щ": "shh", "ъ": "", "ю": "yu", "я": "ya"},
    "casual": _PASSPORT | {"ё": "yo", "й": "y", "х": "h", "щ": "sch", "ъ": "", "ю": "ju", "я": "ja"},
    "french": _PASSPORT | {"у": "ou", "ч": "tch", "ш": "ch", "щ": "chtch", "ж": "j", "ъ": "", "ю": "iou"},
}


def declined(word: str, declension: str, case: Case, *, feminine: bool, oblique: str = "") -> str:
    """Return `word` in `case`; `feminine` is the bearer's sex, `oblique` the stem where it loses a vowel.

    A family name in a consonant, -й or -ь stays as it is for a woman.
    """
    if declension == "none" or (feminine and declension in ("consonant", "j", "soft")):
        return word
    index = CASES.index(case)
    stem = word[: len(word) - _LETTERS_OF_ENDING.get(declension, 0)]
    if feminine and declension in ("ov", "adjective"):
        return stem + _ENDINGS[f"{declension} feminine"][index]
    if index == 0:
        return word
    stem = oblique or stem
    ending = _spelled(stem, declension, _ENDINGS[declension][index], case)
    if declension == "third" and case == "acc":
        return word
    return stem + ending


def _spelled(stem: str, declension: str, ending: str, case: Case) -> str:
    """Apply the rules of spelling: no ы after velars and sibilants, unstressed о is е after sibilants, ии."""
    last = stem[-1]
    if ending.startswith("ы") and last in _VELARS_AND_SIBILANTS:
        return "и" + ending[1:]
    if ending == "ом" and declension == "consonant" and last in _SIBILANTS:
        return "ем"
    if ending == "ой" and declension == "a" and last in _SIBILANTS:
        return "ей"
    if declension == "j" and case == "prep" and last == "и":
        return "и"
    return ending


def patronymic(stem: str, case: Case, *, feminine: bool) -> str:
    """Return the patronymic of a stem such as `Марков` (-ич, -на)."""
    if feminine:
        return declined(f"{stem}на", "a", case, feminine=True)
    return declined(f"{stem}ич", "consonant", case, feminine=False)


def romanized(text: str, system: str) -> str:
    """Return Cyrillic `text` in Latin letters; what is no Cyrillic letter stays, capitals stay capitals."""
    letters = _LETTERS[system]
    written = "".join(_letter(char, letters) for char in text)
    if system == "english":
        return written.replace("iy", "y") if text[-2:] in ("ий", "ый") else written
    if system == "french" and text.endswith(("ин", "ын")):
        return written + "e"
    return written


def _letter(char: str, letters: dict[str, str]) -> str:
    latin = letters.get(char.lower(), char)
    return latin.capitalize() if char.isupper() else latin
