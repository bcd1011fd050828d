"""Errors in the forms and character sets of names."""

from __future__ import annotations

from faults.mutation_originals import (
    CHARACTER_SET,
    CYRILLIC,
    LATIN_1,
    LATIN_2,
    OPERATOR,
    code_item,
    ct,
    phantom,
)
from faults.mutations import Mutation, code, constant
from faults.mutations_of_rules import NEUTRAL
from orthanc_deid.deid import readings

CHARACTER_SETS = (
    Mutation(
        "reads undeclared letters as Latin ones",
        constant(readings, "_UNDECLARED", ("latin-1",)),
        ct(
            (CHARACTER_SET, "CS", ""),
            (0x00100010, "PN", "Черёмухин^Лаврентий".encode("cp1251")),
            phantom([(CHARACTER_SET, "CS", CYRILLIC), *code_item((OPERATOR, "PN", b"x"))]),
            (0x00081010, "SH", "Cheremukhin"),
            charset=LATIN_1,
            name="x",
        ),
        NEUTRAL,
        "person found (0008,1010)",
    ),
    Mutation(
        "reads names by the declared character set alone",
        code(readings.readings, ("if raw.isascii() or", "if True or")),
        ct(charset=CYRILLIC, name="Черёмухин^Лаврентий".encode("cp1251"), station="Cheremukhin"),
        NEUTRAL,
        "person found (0008,1010)",
    ),
    Mutation(
        "takes no other reading for words",
        code(readings.are_words, ("_NO_TEXT.search(text) is None", "False")),
        ct(charset=LATIN_2, name="ЧЕРЁМУХИН^Лаврентий".encode("koi8_r"), station="Cheremukhin"),
        NEUTRAL,
        "person found (0008,1010)",
    ),
    Mutation(
        "searches texts by the declared character set alone",
        code(readings.all_readings, ("if raw.isascii() or", "if True or")),
        ct(charset=CYRILLIC, station="для Черёмухина".encode("cp1251")),
        NEUTRAL,
        "person found (0008,1010)",
    ),
)
