"""Make standard/vocabulary/russian_forms.txt: every form of the words in russian_lemmas.txt that no other list holds.

    python scripts/make_russian_forms.py

Needs pymorphy3 and pymorphy3-dicts-ru (the dictionary of OpenCorpora), which nothing else here uses:
`pip install pymorphy3 pymorphy3-dicts-ru`. A word that the dictionary does not know stays as it is written.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

VOCABULARY = Path(__file__).resolve().parents[1] / "plugin" / "orthanc_deid" / "standard" / "vocabulary"
NAMES = frozenset({"Surn", "Name", "Patr", "Geox", "Orgn"})
LEFT_OUT = frozenset({"impr", "1per", "2per", "GRND", "Supr", "Arch", "Erro", "Slng"})
_RARE = re.compile("(?:ою|ею|ней|нее)$")
_WORD = re.compile("[а-я]{2,}")


def lemmas() -> list[str]:
    """Return the words of the list."""
    lines = (VOCABULARY / "russian_lemmas.txt").read_text(encoding="utf-8").splitlines()
    return [word for line in lines if not line.startswith("#") for word in line.split()]


def forms_of(word: str, analyzer: Any) -> Iterator[str]:
    """Yield the forms of a word with е for ё: of each of its readings that is no name."""
    readings = [
        reading
        for reading in analyzer.parse(word)
        if reading.is_known
        and not NAMES & set(reading.tag.grammemes)
        and word.replace("ё", "е") in (reading.normal_form.replace("ё", "е"), reading.word.replace("ё", "е"))
    ]
    if not readings:
        yield word.replace("ё", "е")
    for reading in readings:
        for form in reading.lexeme:
            if not LEFT_OUT & set(form.tag.grammemes):
                yield form.word.replace("ё", "е")


def is_first_name(form: str, analyzer: Any) -> bool:
    """Whether a form is a first name or a patronymic as well."""
    readings = (reading for reading in analyzer.parse(form) if reading.is_known)
    return any({"Name", "Patr"} & set(reading.tag.grammemes) for reading in readings)


def main() -> None:
    """Write the list."""
    import pymorphy3

    from orthanc_deid.deid.text.vocabulary import is_known

    analyzer = pymorphy3.MorphAnalyzer()
    target = VOCABULARY / "russian_forms.txt"
    target.write_text("", encoding="utf-8")  # so that only the other lists count
    found = {form for word in lemmas() for form in forms_of(word, analyzer)}
    kept = sorted(
        form
        for form in found
        if _WORD.fullmatch(form)
        and not _RARE.search(form)
        and not is_first_name(form, analyzer)
        and not is_known(form)
    )
    head = "# Made by scripts/make_russian_forms.py from russian_lemmas.txt; do not edit.\n"
    target.write_text(head + "\n".join(textwrap.wrap(" ".join(kept), 118)) + "\n", encoding="utf-8")
    print(f"{len(kept)} forms")


if __name__ == "__main__":
    main()
