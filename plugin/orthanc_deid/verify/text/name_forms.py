"""The forms of a name in a Russian text: its cases, in both genders, singular and plural.

The right declension of a name is not known, so that the forms of all declensions are given: a form too many costs
little, a form too few lets a name through.
"""

from __future__ import annotations

from orthanc_deid.bounded_cache import bounded_cache
from orthanc_deid.verify.text.romanization import LONGEST_NAME, is_cyrillic, plain

_SHORTEST_STEM = 2

_VOWELS = "аеиоуыэюя"
_AFTER_CONSONANT = (
    "",
    "а",
    "у",
    "ом",
    "ем",
    "е",
    "ы",
    "и",
    "ым",
    "ых",
    "ыми",
    "ов",
    "ам",
    "ами",
    "ах",
    "ой",
    "ою",
)
_AFTER_SOFT = ("ь", "й", "я", "ю", "ем", "е", "и", "ей", "ев", "ям", "ями", "ях", "ью")
_INSTEAD_OF_A = ("а", "ы", "и", "е", "у", "ой", "ою", "ей", "ею", "", "ам", "ами", "ах")
_INSTEAD_OF_YA = ("я", "и", "е", "ю", "ей", "ею", "ь", "й", "ям", "ями", "ях")
_INSTEAD_OF_O = ("о", "а", "у", "ом", "е")
_ADJECTIVES = ("ий", "ый", "ой", "ая", "яя", "ое", "ее")
_IRREGULAR = {
    "лев": ("льв", _AFTER_CONSONANT[1:])
}  # its regular forms are words of every report: в левом легком
_OF_ADJECTIVES = (
    *("ий", "ый", "ой", "ая", "яя", "ое", "ого", "его", "ому", "ему", "ым", "им", "ом", "ем", "ую", "юю"),
    *("ей", "ою", "ие", "ые", "ых", "их", "ыми", "ими"),
)


@bounded_cache(maxsize=2048)
def name_forms(word: str) -> frozenset[str]:
    """Return the forms of a Cyrillic word in plain lower case, the word itself included.

    Words of other scripts, and those longer than `LONGEST_NAME`, have no other form.
    """
    name = plain(word)
    if len(name) > LONGEST_NAME or not is_cyrillic(name) or not name.isalpha():
        return frozenset((name,))
    found = {name}
    for stem, endings in _declensions(name):
        if len(stem) >= _SHORTEST_STEM:
            found.update(stem + ending for ending in endings)
    return frozenset(form for form in found if len(form) > _SHORTEST_STEM or form == name)


def _declensions(name: str) -> list[tuple[str, tuple[str, ...]]]:
    if name in _IRREGULAR:
        return [_IRREGULAR[name]]
    last, rest = name[-1], name[:-1]
    if name.endswith(_ADJECTIVES):
        return [(name[:-2], _OF_ADJECTIVES), (rest, _AFTER_SOFT), *_fleeting(rest, _AFTER_SOFT)]
    if last in "ьй":
        return [(rest, _AFTER_SOFT), *_fleeting(rest, _AFTER_SOFT)]
    if last == "а":
        return [(rest, _INSTEAD_OF_A)]
    if last == "я":
        return [(rest, _INSTEAD_OF_YA)]
    if last in "ое":
        return [(rest, _INSTEAD_OF_O)]
    if last in _VOWELS:
        return []
    return [(name, _AFTER_CONSONANT), *_fleeting(name, _AFTER_CONSONANT)]


def _fleeting(stem: str, endings: tuple[str, ...]) -> list[tuple[str, tuple[str, ...]]]:
    """Return stems without a vowel that other cases lose: Павел, Павла; Лев, Льва; Григорий keeps its own."""
    if len(stem) < 3 or stem[-2] not in "ео" or stem[-1] in _VOWELS:
        return []
    short = stem[:-2] + stem[-1]
    soft = stem[:-2] + "ь" + stem[-1]
    return [(short, endings), (soft, endings)]
