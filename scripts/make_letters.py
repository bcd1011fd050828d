# /// script
# dependencies = ["anyascii==0.3.3", "confusable-homoglyphs==3.3.1"]
# ///
"""Write `standard/letters/latin.txt` and `lookalikes.txt`: letters of other scripts by sound and shape in Latin.

The sounds are those of the package anyascii (ISC licence), the shapes those of Unicode's table of confusable
characters as the package confusable-homoglyphs (MIT licence) has it. Neither is needed at run time, so that results
do not depend on their versions. `readings.txt` beside them is written by hand. Run it with the packages above, for
instance by a runner of scripts with inline dependencies:

    python scripts/make_letters.py
"""

from __future__ import annotations

import string
import unicodedata
from collections import defaultdict
from collections.abc import Iterable
from itertools import chain
from pathlib import Path

from anyascii import anyascii
from confusable_homoglyphs.confusables import confusables_data

FOLDER = Path(__file__).parent.parent / "plugin/orthanc_deid/standard/letters"
SCRIPTS = (
    *(range(0x0370, 0x0400), range(0x0531, 0x0588), range(0x05D0, 0x05EB), range(0x0620, 0x06D6)),
    *(range(0x0900, 0x0980), range(0x10D0, 0x1100)),
    *(range(0x3041, 0x3097), range(0x4E00, 0xA000)),
)
"""Greek, Armenian, Hebrew, Arabic, Devanagari, Georgian, hiragana and Han."""

LOOKALIKES = ("LATIN", "CYRILLIC", "GREEK", "ARMENIAN", "CHEROKEE", "COPTIC", "LISU")
SMALL_CAPITALS = {
    unicodedata.name(letter)[-1]: letter
    for letter in map(chr, range(0x250, 0x1E00))
    if unicodedata.name(letter, "")[:-1] == "LATIN LETTER SMALL CAPITAL "
}


def main() -> None:
    """Write both lists and print their lengths."""
    sounds: dict[str, list[str]] = defaultdict(list)
    for code in chain.from_iterable(SCRIPTS):
        letter = chr(code)
        latin = "".join(filter(str.isalpha, anyascii(letter))).lower()
        if (letter.islower() or not letter.isupper()) and latin and unicodedata.category(letter)[0] in "LM":
            sounds[latin].append(letter)
    write("latin.txt", sounds)
    shapes: dict[str, list[str]] = defaultdict(list)
    for latin in string.ascii_letters:
        for letter in alike(latin):
            if letter not in shapes[latin.lower()]:
                shapes[latin.lower()].append(letter)
    write("lookalikes.txt", shapes)


def alike(latin: str) -> Iterable[str]:
    """Yield the letters of other shapes' scripts that look like a Latin one, in lower case."""
    for entry in confusables_data.get(latin, ()):
        letter = entry["c"]
        if len(letter) != 1 or ord(letter) < 0x80 or unicodedata.category(letter)[0] != "L":
            continue
        if unicodedata.name(letter, "").split()[0] in LOOKALIKES and letter == unicodedata.normalize(
            "NFKC", letter
        ):
            yield letter.lower() if latin.isupper() and len(letter.lower()) == 1 else letter
    if latin.isupper():
        yield from filter(None, (SMALL_CAPITALS.get(latin),))


def write(name: str, letters: dict[str, list[str]]) -> None:
    """Write lines of a Latin spelling and the letters that it stands for."""
    lines = [f"{latin} {''.join(letters[latin])}" for latin in sorted(letters) if letters[latin]]
    (FOLDER / name).write_text("\n".join(lines) + "\n", encoding="utf-8")
    print(name, sum(map(len, letters.values())))


if __name__ == "__main__":
    main()
