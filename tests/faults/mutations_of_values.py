"""Errors in UIDs of classes and in the forms in which texts and numbers hold dates, identifiers and UIDs."""

from __future__ import annotations

import re

from faults.mutation_originals import ROOT, ct, phantom
from faults.mutations import Mutation, code, constant
from faults.mutations_of_rules import NEUTRAL
from orthanc_deid.deid import uid_forms
from orthanc_deid.deid.element_changes import ElementChanges
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

VALUES = (*UIDS,)
