"""Errors in ages above the limit that texts hold."""

from __future__ import annotations

from faults.mutation_originals import STATION, ct
from faults.mutations import Mutation, code
from faults.mutations_of_rules import BASIC, RESEARCH
from orthanc_deid.deid import retained_values
from orthanc_deid.deid.text import ages, kept_text

MODEL = 0x00081090

AGES = (
    Mutation(
        "leaves the ages in cleaned texts",
        code(ages.cap_ages, ("if not limit <", "if True or not limit <")),
        ct((0x00081030, "LO", "Chest 95 years")),
        RESEARCH,
        "age above the limit in a text (0008,1030)",
    ),
    Mutation(
        "leaves the ages in kept texts",
        code(kept_text._kept, ("*old_age_spans(text, oldest), ", "")),
        ct((MODEL, "LO", "Scanner 103Y")),
        BASIC,
        "age above the limit in a text (0008,1090)",
    ),
    Mutation(
        "keeps the ages in the texts that a rule retains",
        code(retained_values._without_identity, ("and not old_age_spans(text, oldest)", "")),
        ct((STATION, "SH", "aged 95")),
        RESEARCH,
        "age above the limit in a text (0008,1010)",
    ),
    Mutation(
        "takes every age for one above the limit",
        code(ages.old_age_spans, ("if limit < int", "if 0 < int")),
        ct((STATION, "SH", "aged 62")),
        RESEARCH,
        "removed although nobody is named in it (0008,1010)",
    ),
)
