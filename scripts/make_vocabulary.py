"""Make `standard/vocabulary/words.txt`: every word that may stay in a cleaned text.

It is the union of the words of the standard's code meanings, attribute names, context groups and defined terms as
pydicom carries them, without those of `dropped.txt`, and of the reviewed lists `english.txt`, `russian.txt` and
`eponyms.txt`, which are edited by hand. Run it after a change of those or of pydicom:

    python scripts/make_vocabulary.py
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from pydicom._dicom_dict import DicomDictionary
from pydicom._uid_dict import UID_dictionary
from pydicom.sr._cid_dict import name_for_cid
from pydicom.sr._concepts_dict import concepts

FOLDER = Path(__file__).parent.parent / "plugin/orthanc_deid/standard/vocabulary"
LETTERS = re.compile(r"[^\W\d_]+")
CAMEL = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")


def main() -> None:
    """Write the list and say how long it is and where its words come from."""
    standard = set(standard_words()) - set(entries("dropped.txt"))
    reviewed = set(entries("english.txt")) | set(russian_forms()) | set(entries("eponyms.txt"))
    words = sorted(standard | reviewed)
    (FOLDER / "words.txt").write_text("\n".join(words) + "\n", encoding="utf-8")
    print(f"{len(words)} words: {len(standard)} of the standard, {len(reviewed - standard)} more reviewed")


def standard_words() -> Iterator[str]:
    """Yield the words, folded, of everything that the standard names."""
    for scheme in concepts.values():
        for codes in scheme.values():
            for meaning, _ in codes.values():
                yield from words_of(meaning)
    for entry in DicomDictionary.values():
        yield from words_of(entry[2])
    for name in name_for_cid.values():
        yield from words_of(" ".join(CAMEL.findall(name)))
    for entry in UID_dictionary.values():
        yield from words_of(entry[0])


def words_of(text: str) -> Iterator[str]:
    """Yield the runs of letters of `text`, folded as texts are when they are cleaned."""
    yield from LETTERS.findall(text.lower().replace("ё", "е"))


def entries(name: str) -> Iterator[str]:
    """Yield the words of a reviewed list: any number in a line, comments after #."""
    for line in lines(name):
        yield from words_of(line)


def russian_forms() -> Iterator[str]:
    """Yield the word forms of `russian.txt`.

    A line `name = endings` names a paradigm; `stems | paradigm` lists stems that take it; other lines are forms.
    """
    paradigms: dict[str, list[str]] = {}
    for line in lines("russian.txt"):
        if "=" in line:
            name, endings = line.split("=")
            paradigms[name.strip()] = ["" if ending == "-" else ending for ending in endings.split()]
        elif "|" in line:
            stems, names = line.split("|")
            for paradigm in names.split():
                yield from (stem + ending for stem in words_of(stems) for ending in paradigms[paradigm])
        else:
            yield from words_of(line)


def lines(name: str) -> Iterator[str]:
    """Yield the lines of a reviewed list without comments."""
    for line in (FOLDER / name).read_text(encoding="utf-8").lower().replace("ё", "е").splitlines():
        content = line.partition("#")[0].strip()
        if content:
            yield content


if __name__ == "__main__":
    main()
