"""Errors in the forms and character sets of names."""

from __future__ import annotations

import re

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
from orthanc_deid.deid.text import hidden_names, parts_of_names, respelled_names, transliteration

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

FORMS = tuple(
    Mutation(name, weaken, ct(name=person, station=text), NEUTRAL, "person found (0008,1010)")
    for name, weaken, person, text in (
        (
            "knows names as words alone",
            code(hidden_names._joined, ("at in places", "at in ()")),
            "Quillfeather^Abelard",
            "XQUILLFEATHERX",
        ),
        (
            "does not put the pieces of names together",
            code(hidden_names._joined, ("counts = not begin and not rest", "counts = False")),
            "Tarnow^Ines",
            "TAR NOW",
        ),
        (
            "does not read what is spelled out",
            code(hidden_names._spans, ('if "".join(_LETTERS.findall(run[0])) in parts.short', "if False")),
            "Tarn^Ines",
            "T.A.R.N",
        ),
        (
            "takes digits for digits",
            code(hidden_names._is_coded, ("code = word.translate(LETTER_FOR_SIGN)", "code = word")),
            "Tarnhelm^Ines",
            "T4RNH3LM",
        ),
        (
            "reads forwards only",
            code(parts_of_names._forms_of, ("each[::-1] for each in base", "each for each in base")),
            "Tarnhelm^Ines",
            "mlehnrat",
        ),
        (
            "does not join the words of a name",
            code(
                parts_of_names._joins,
                ("if len(words) > 1", "if False"),
                ("if len(parts) > 1", "if False"),
                ("parts[:_MOST_JOINED]", "()"),
            ),
            "van der Tarn^Ines",
            "VANDERTARN",
        ),
        (
            "takes a short word for a name nowhere",
            code(hidden_names._in_place, ("if not parts.doubtful and", "if True or")),
            "Li Na",
            "NA LI",
        ),
        (
            "does not know how short names are spelled",
            code(respelled_names._forms, ("for spelled in latin_spellings(form)", "for spelled in ()")),
            "Ждан^Инна",
            "for Inna",
        ),
        (
            "does not see that letters look alike",
            code(respelled_names._looks_like_a_name, ("len(word) >= SHORTEST_ALIKE", "False")),
            "Papec^Ines",
            "Рарес",
        ),
        (
            "knows no other script than Latin and Cyrillic",
            constant(respelled_names, "is_romanized", lambda _: False),
            "თარი^ნინო",
            "for Tari",
        ),
        (
            "leaves what nobody sees",
            constant(transliteration, "_INVISIBLE", re.compile("\ue001")),
            "Tarn^Ines",
            "T\u200barn",
        ),
        (
            "leaves marks that belong to no letter",
            constant(transliteration, "_STRAY_MARKS", re.compile("\ue001")),
            "Tarn^Ines",
            "T\u20ddarn",
        ),
    )
)
