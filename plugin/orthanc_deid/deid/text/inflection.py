"""Inflected forms of Russian surnames, first names and patronymics.

The ending selects the paradigms, as in Zaliznyak's classes for names. Ambiguity adds forms: a name that could be
declined in two ways has the forms of both, and a surname those of both genders, since an unused form costs nothing
and a missing one leaves a name in the text. Words are folded (lower case, ё as е). The name itself is always
included; names in -о (but not -ко), -е, -и, -у, -ю, -их and -ых have no other form.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from orthanc_deid.bounded_cache import bounded_cache

_ADJECTIVE: Final = [
    "ий", "ый", "ой", "ая", "яя", "ого", "его", "ому", "ему", "им", "ым", "ом", "ем",
    "ей", "ую", "юю", "ою", "ее", "ое", "ие", "ые", "их", "ых", "ими", "ыми",
]  # fmt: skip
_POSSESSIVE: Final = [
    "",
    *["а", "у", "ым", "ом", "е", "ой", "ою", "ы", "ых", "ыми"],
]  # Иванов, Иванова, Ивановы
_HARD: Final = ["", *["а", "у", "ом", "ем", "е", "ы", "и", "ов", "ев", "ам", "ами", "ах"]]
_PATRONYMIC: Final = ["", *["а", "у", "ем", "е", "и", "ей", "ам", "ами", "ах"]]
_FEMININE_PATRONYMIC: Final = ["а", "ы", "е", "у", "ой", "ою", "ам", "ами", "ах"]
_SHORT_I: Final = ["й", "я", "ю", "ем", "е", "и", "ев", "ям", "ями", "ях"]
_SOFT: Final = ["ь", "я", "ю", "ем", "е", "и", "ью", "ей", "ям", "ями", "ях"]
_IN_A: Final = ["а", "ы", "и", "е", "у", "ой", "ою", "ей", "ею", "ам", "ами", "ах"]
_IN_YA: Final = ["я", "и", "е", "ю", "ей", "ею", "ям", "ями", "ях"]
_IN_KO: Final = ["о", "и", "е", "у", "ой", "ою"]  # Шевченко, declined in speech

_ANY_HARD: Final = [
    "",
    *["а", "у", "ом", "ем", "е", "ы", "и", "ым", "ых", "ыми", "ов", "ам", "ами", "ах", "ой", "ою"],
]
_ANY_SOFT: Final = ["ь", "й", "я", "ю", "ем", "е", "и", "ей", "ев", "ям", "ями", "ях", "ью"]
_ANY_VOWEL: Final = [
    *["а", "ы", "и", "е", "у", "ой", "ою", "ей", "ею", "", "ам", "ами", "ах", "ом"],
    *["я", "ю", "ь", "й", "ям", "ями", "ях"],
]

_VOWELS: Final = frozenset("аеиоуыэюя")
_IRREGULAR: Final[dict[str, tuple[str, list[str]]]] = {
    # The regular forms of Лев occur in every chest report as the adjective: в левом легком.
    "лев": ("льв", ["а", "у", "ом", "е", "ы", "ов", "ам", "ами", "ах"]),
}
_SHORTEST_DECLINED: Final = 3


@bounded_cache(maxsize=4096)
def name_forms(word: str) -> frozenset[str]:
    """Return every form of the folded Cyrillic name `word`, including the word itself."""
    if len(word) < _SHORTEST_DECLINED:
        return frozenset((word, *(_by_any_declension(word) if len(word) > 1 else ())))
    if word in _IRREGULAR:
        stem, endings = _IRREGULAR[word]
        return frozenset((word, *(stem + ending for ending in endings)))
    forms = {word, *_by_any_declension(word)}
    for stem, endings in _paradigms(word):
        forms.update(stem + ending for ending in endings)
    return frozenset(forms)


def _by_any_declension(word: str) -> Iterator[str]:
    """Yield the name with the endings of any declension that its last letter allows."""
    last, rest = word[-1], word[:-1]
    if last in "йь" or word.endswith(("ая", "яя", "ое", "ее")):
        stems, endings = [rest, *_shortened(rest)], _ANY_SOFT
    elif last in "аяое":
        stems, endings = [rest], _ANY_VOWEL
    elif last in _VOWELS:
        return
    else:
        stems, endings = [word, *_shortened(word)], _ANY_HARD
    for stem in stems:
        yield from (stem + ending for ending in endings if len(stem) + len(ending) >= _SHORTEST_DECLINED)
    if word.endswith(("ий", "ый", "ой", "ая", "яя", "ое", "ее")):
        yield from (word[:-2] + ending for ending in _ADJECTIVE if len(word) > _SHORTEST_DECLINED)


def _shortened(stem: str) -> list[str]:
    """Return a stem without its last vowel, which other cases may lose."""
    if len(stem) < _SHORTEST_DECLINED or stem[-2] not in "ео" or stem[-1] in _VOWELS:
        return []
    return [stem[:-2] + stem[-1], stem[:-2] + "ь" + stem[-1]]


def _paradigms(word: str) -> list[tuple[str, list[str]]]:
    """Return the stems of `word`, each with its endings."""
    last = word[-1]
    if last == "а":
        return _in_a(word)
    if last == "я":
        return _in_ya(word)
    if last == "й":
        return _in_short_i(word)
    if last == "ь":
        return [(word[:-1], _SOFT), *([(word[:-3] + "н", _SOFT)] if word.endswith("ень") else [])]
    if last in _VOWELS:
        return [(word[:-1], _IN_KO)] if word.endswith("ко") else []
    if word.endswith(("их", "ых")):
        return []
    return _in_consonant(word)


def _in_a(word: str) -> list[tuple[str, list[str]]]:
    stem = word[:-1]
    if stem.endswith(("вн", "чн")):
        return [(stem, _FEMININE_PATRONYMIC)]
    found = [(stem, _IN_A)]
    if len(word) > 5 and stem.endswith(("ов", "ев", "ин", "ын")):
        found.append((stem, _POSSESSIVE))  # forms of the masculine surname, and the plural
    return found


def _in_ya(word: str) -> list[tuple[str, list[str]]]:
    if word.endswith(("ая", "яя")) and len(word) > 4:
        return [(word[:-2], _ADJECTIVE), (word[:-1], _IN_YA)]
    return [(word[:-1], _IN_YA)]


def _in_short_i(word: str) -> list[tuple[str, list[str]]]:
    found = [(word[:-1], _SHORT_I)]
    if word.endswith(("ий", "ый", "ой")) and len(word) > 4:
        found.append((word[:-2], _ADJECTIVE))
    if word.endswith("ей") and len(word) > 4:
        found.append((word[:-2] + "ь", _SHORT_I[1:]))  # Соловей, Соловья
    return found


def _in_consonant(word: str) -> list[tuple[str, list[str]]]:
    if word.endswith(("ович", "евич", "ьич", "кич", "мич")) and len(word) > 5:
        return [(word, _PATRONYMIC)]
    if len(word) > 4 and word.endswith(("ов", "ев", "ин", "ын")):
        return [(word, _POSSESSIVE)]
    return [(word, _HARD), *((stem, _HARD[1:]) for stem in _without_fleeting_vowel(word))]


def _without_fleeting_vowel(word: str) -> list[str]:
    """Return the stems that lose a vowel: Павел (Павл-), Кравец (Кравц-), Заяц (Зайц-), Василек (Васильк-)."""
    before, vowel, last = word[-3:-2], word[-2], word[-1]
    if len(word) < 4 or vowel not in "еоя" or last not in "лцкн":
        return []
    if before in _VOWELS or vowel == "я":
        return [f"{word[:-2]}й{last}"]
    return [word[:-2] + last, f"{word[:-2]}ь{last}"] if vowel == "е" else [word[:-2] + last]
