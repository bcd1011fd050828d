"""Write `standard/vocabulary/standard.txt`: the words of the DICOM standard, from pydicom's dictionaries.

The words of code meanings (without breeds of animals), attribute names and UID names, less those of `dropped.txt` and
`eponyms_in_context.txt`. The other lists of the vocabulary are written and reviewed by hand. Run it after a change of
those or of pydicom:

    python scripts/make_vocabulary.py
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from pydicom._dicom_dict import DicomDictionary
from pydicom._uid_dict import UID_dictionary
from pydicom.sr._concepts_dict import concepts

FOLDER = Path(__file__).parent.parent / "plugin/orthanc_deid/standard/vocabulary"
LETTERS = re.compile(r"[^\W\d_]+")
RUN_TOGETHER = re.compile(r"dicom.")  # names of LDAP attributes
BREEDS = {7454, 7480, 7481, 7486}  # context groups of animals: thousands of names of places
PER_LINE = 12


def main() -> None:
    """Write the list and print its length."""
    words = sorted(standard_words() - listed("dropped.txt") - listed("eponyms_in_context.txt"))
    lines = [" ".join(words[start : start + PER_LINE]) for start in range(0, len(words), PER_LINE)]
    (FOLDER / "standard.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
    print(f"{len(words)} words of the standard")


def standard_words() -> set[str]:
    """Return the folded words of all names of the standard."""
    return {word for name in standard_names() for word in words_of(name) if not RUN_TOGETHER.match(word)}


def standard_names() -> Iterator[str]:
    """Yield the code meanings, the names of the attributes and of the UIDs."""
    for scheme in concepts.values():
        for codes in scheme.values():
            yield from (meaning for meaning, groups in codes.values() if not set(groups) <= BREEDS)
    yield from (entry[2] for entry in DicomDictionary.values())
    yield from (entry[0] for entry in UID_dictionary.values())


def listed(name: str) -> set[str]:
    """Return the words of a reviewed list, without its comments."""
    lines = (FOLDER / name).read_text(encoding="utf-8").splitlines()
    return {word for line in lines if not line.startswith("#") for word in words_of(line)}


def words_of(text: str) -> list[str]:
    """Return the runs of letters of `text`, folded as texts are when they are cleaned."""
    return LETTERS.findall(text.lower().replace("ё", "е"))


if __name__ == "__main__":
    main()
