"""Errors in UIDs of classes and in the forms in which texts and numbers hold dates, identifiers and UIDs."""

from __future__ import annotations

import re

from faults.mutation_originals import ROOT, ct, phantom
from faults.mutations import Mutation, code, constant
from faults.mutations_of_rules import NEUTRAL, RESEARCH
from orthanc_deid.deid import prescan_reads, retained_values, uid_forms
from orthanc_deid.deid.element_changes import ElementChanges
from orthanc_deid.deid.text import address_words, dates_in_text, known_numbers, written_days
from orthanc_deid.deid.uids import is_registered

NOWHERE = "1.2.840.88888.55012.7"

UIDS = (
    Mutation(
        "takes every UID below a public root for registered",
        code(
            is_registered,
            ("len(number) <= registered_uids().roots.get(root, 0)", "root in registered_uids().roots"),
        ),
        ct(phantom([(0x0008010C, "UI", "2.16.840.1.113883.6.19610407"), (0x00080104, "LO", "Chest")])),
        NEUTRAL,
        "(0018,9346)[0].(0008,010C)",
    ),
    Mutation(
        "keeps UIDs of classes that are registered nowhere",
        code(ElementChanges._number, ("are_registered if step.rule.registered else are_uids", "are_uids")),
        ct(phantom([(0x0008010C, "UI", NOWHERE), (0x00080104, "LO", "Chest")])),
        NEUTRAL,
        "(0018,9346)[0].(0008,010C)",
    ),
    Mutation(
        "finds own UIDs with dots only",
        constant(uid_forms, "_GROUPS", re.compile(rb"(?!)")),
        ct(station=f"{ROOT}.4".replace(".", "_")),
        NEUTRAL,
        "a UID of the original is left in a text",
    ),
    Mutation(
        "compares own UIDs with their zeros",
        code(uid_forms._groups, ('group.lstrip(b"0") or b"0"', "group")),
        ct(station=f"0{ROOT}.4"),
        NEUTRAL,
        "a UID of the original is left in a text",
    ),
    Mutation(
        "finds own UIDs only where nothing follows",
        code(uid_forms.UidForms.occur_in, ("range(len(groups) - length + 1)", "(len(groups) - length,)")),
        ct(station=f"{ROOT}.4.1"),
        NEUTRAL,
        "a UID of the original is left in a text",
    ),
)

TEXTS = (
    Mutation(
        "searches no day of the instance in kept texts",
        code(prescan_reads.kind_of, ('_KIND_OF_VR.get(vr, "")', '("person" if vr == "PN" else "")')),
        ct(station="B31f 2024-03-15"),
        NEUTRAL,
        "date found (0008,1010)",
    ),
    Mutation(
        "knows days in DICOM's form only",
        code(written_days.KnownDays.spans, ("for row in _rows(tokens):", "for row in ():")),
        ct((0x00080023, "DA", "20240305"), station="B31f 5-3-24"),
        NEUTRAL,
        "date found (0008,1010)",
    ),
    Mutation(
        "changes no date with underscores",
        constant(
            dates_in_text,
            "_PATTERN",
            dates_in_text._PATTERN.replace("[-/._]|[:, ]", "[-/.]|[:, ]").replace("(?P<js>_|", "(?P<js>"),
        ),
        ct((0x00081030, "LO", "Chest 2022_05_06")),
        RESEARCH,
        "date not changed in a text (0008,1030)",
    ),
    Mutation(
        "changes no month before an underscore",
        constant(
            dates_in_text,
            "_PATTERN",
            dates_in_text._PATTERN.replace(r"(?![.,/]?\d|(?P=bs)\d)", r"(?![.,/_-]?\d)"),
        ),
        ct((0x00081030, "LO", "Chest 05.2022_01")),
        RESEARCH,
        "date not changed in a text (0008,1030)",
    ),
    Mutation(
        "compares IDs with their zeros",
        code(known_numbers._digits, ('run.lstrip("0")', "run")),
        ct((0x00100020, "LO", "0048151222"), station="48151222"),
        NEUTRAL,
        "id found (0008,1010)",
    ),
    Mutation(
        "compares IDs without signs between their digits",
        constant(known_numbers, "_LONGEST_GAP", -1),
        ct((0x00100020, "LO", "48151222"), station="4815-1222"),
        NEUTRAL,
        "id found (0008,1010)",
    ),
    Mutation(
        "compares whole telephone numbers only",
        constant(known_numbers, "_FEWEST_OF_PHONE", 16),
        ct((0x00102154, "SH", "+7 914 7493052"), station="749-30-52"),
        NEUTRAL,
        "phone found (0008,1010)",
    ),
    Mutation(
        "compares whole addresses only",
        code(address_words.AddressWords.spans, ("if not self.parts:", "if True:")),
        ct((0x00101040, "LO", "12 Elm Street, Quarrowby"), station="12 Elm Street"),
        NEUTRAL,
        "address found (0008,1010)",
    ),
)

NUMBERS = (
    Mutation(
        "keeps an ID as the number of a series",
        code(ElementChanges._is_known, ("not is_private(tag)", "False")),
        ct((0x00100020, "LO", "48151222"), (0x00200011, "IS", "48151222")),
        NEUTRAL,
        "(0020,0011)",
    ),
    Mutation(
        "compares no numbers of the instance at once",
        code(retained_values._may_be_known, ("numbers[:6].isdigit() or _LONG(numbers)", "False")),
        ct((0x00100020, "LO", "48151222"), (0x00180050, "DS", "48151222.0")),
        NEUTRAL,
        "(0018,0050)",
    ),
    Mutation(
        "removes every long number",
        code(retained_values.hold_integer, (" in integers", " > 99999")),
        ct((0x00100020, "LO", "48151222"), (0x00181152, "IS", "48151223")),
        NEUTRAL,
        "(0018,1152)",
    ),
)

VALUES = (*UIDS, *TEXTS, *NUMBERS)
