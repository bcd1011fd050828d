"""Write `standard/codes.txt` and `standard/code_meanings.txt` from pydicom's dictionary of coded concepts.

`codes.txt`: the codes of the schemes whose form does not show that a value is one of them, a line per scheme.
`code_meanings.txt`: the meanings that hold a word which `standard/vocabulary/standard.txt` leaves out. Run it after
`make_vocabulary.py`, and after a change of pydicom:

    python scripts/make_codes.py
"""

from __future__ import annotations

from pathlib import Path

from make_vocabulary import listed, words_of
from pydicom.sr._concepts_dict import concepts

FOLDER = Path(__file__).parent.parent / "plugin/orthanc_deid/standard"
CHECKED = {"SCT"}
"""Schemes whose codes end with a check digit without exception."""


def main() -> None:
    """Write both lists and print their lengths."""
    codes = {scheme: sorted(codes_of(scheme)) for scheme in sorted(concepts) if scheme not in CHECKED}
    lines = [" ".join((scheme, *values)) for scheme, values in codes.items()]
    (FOLDER / "codes.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
    known = listed("standard.txt")
    meanings = sorted(
        {each for each in all_meanings() if "^" in each or not known.issuperset(words_of(each))}
    )
    (FOLDER / "code_meanings.txt").write_text("\n".join(meanings) + "\n", encoding="utf-8")
    print(f"{sum(map(len, codes.values()))} codes, {len(meanings)} meanings")


def codes_of(scheme: str) -> set[str]:
    """Return the codes of a scheme; those with a space are none that a list of words could hold."""
    return {code for codes in concepts[scheme].values() for code in codes if " " not in code}


def all_meanings() -> set[str]:
    """Return the meanings of all schemes."""
    return {
        meaning for scheme in concepts.values() for codes in scheme.values() for meaning, _ in codes.values()
    }


if __name__ == "__main__":
    main()
