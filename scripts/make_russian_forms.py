"""Make standard/vocabulary/russian_forms.txt: every form of the words in the reviewed lists.

    python scripts/make_russian_forms.py

Needs pymorphy3 and pymorphy3-dicts-ru (the dictionary of OpenCorpora) and the packages of name_lists.py. A word that
the dictionary does not know is inflected like words that end alike, if it has at least six letters; one in capitals
stays as it is written.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import name_lists
import word_stems
from name_lists import folded

VOCABULARY = Path(__file__).resolve().parents[1] / "plugin" / "orthanc_deid" / "standard" / "vocabulary"
SOURCES: Final = ("russian_lemmas.txt", "russian_specialties.txt")
LEFT_OUT: Final = frozenset(
    {"impr", "1per", "2per", "GRND", "Supr", "Cmp2", "Arch", "Erro", "Slng", "V-ey", "V-oy", "V-ej"}
)
SHORTEST_GUESSED: Final = 6  # letters
CONSONANTS: Final = "бвдзлмнпрстф"
AFTER_CONSONANT: Final = ("", "а", "у", "ом", "е", "ы", "ов", "ам", "ами", "ах")
MOST_BEARERS: Final = 20  # of a surname that does not keep a form out, other than the word itself
_WORD = re.compile("[а-я]{2,}")


def lemmas() -> list[str]:
    """Return the words of the lists."""
    texts = ((VOCABULARY / name).read_text(encoding="utf-8") for name in SOURCES)
    lines = (line for text in texts for line in text.splitlines() if not line.startswith("#"))
    return list(dict.fromkeys(word for line in lines for word in line.split()))


def groups_of(word: str, analyzer: Any) -> Iterator[set[str]]:
    """Yield the forms of a word with е for ё: of each of its readings that is no name."""
    plain = folded(word)
    yield {plain}
    if word.isupper():
        return
    readings = _readings(word, analyzer)
    if not readings and len(plain) >= SHORTEST_GUESSED and plain[-1] in CONSONANTS:
        yield {plain + ending for ending in AFTER_CONSONANT}
    for reading in readings:
        groups: dict[tuple[str, ...], set[str]] = {}
        for form in reading.lexeme:
            if LEFT_OUT.isdisjoint(form.tag.grammemes) and not is_name(folded(form.word), plain, analyzer):
                participle = form.tag.POS in ("PRTF", "PRTS")
                key = (str(form.tag.tense), str(form.tag.voice)) if participle else ()
                groups.setdefault(key, set()).add(folded(form.word))
        yield from groups.values()


def _readings(word: str, analyzer: Any) -> list[Any]:
    """Return the readings of a word in the dictionary that are no names; of others the best guess by its ending."""
    plain = folded(word)
    found = [
        reading
        for reading in analyzer.parse(word)
        if plain in (folded(reading.normal_form), folded(reading.word))
    ]
    known = [each for each in found if each.is_known and not name_lists.NAMES & set(each.tag.grammemes)]
    if any(each.is_known for each in found) or len(word) < SHORTEST_GUESSED:
        return known
    return [each for each in found if folded(each.normal_form) == plain][:1]


def is_name(form: str, word: str, analyzer: Any) -> bool:
    """Whether a form of `word` is a first name, a patronymic or a usual surname as well."""
    if not _WORD.fullmatch(form):
        return True
    readings = (reading for reading in analyzer.parse(form) if reading.is_known)
    if any({"Name", "Patr"} & set(reading.tag.grammemes) for reading in readings):
        return True
    return form != word and name_lists.russian_surnames().get(form, 0) > MOST_BEARERS


def main() -> None:
    """Write the list."""
    import pymorphy3

    analyzer = pymorphy3.MorphAnalyzer()
    groups = [group for word in lemmas() for group in groups_of(word, analyzer)]
    made = "# Made by scripts/make_russian_forms.py; do not edit."
    word_stems.write(VOCABULARY / "russian_forms.txt", made, groups)


if __name__ == "__main__":
    main()
