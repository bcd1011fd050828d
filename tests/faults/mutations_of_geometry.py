"""Errors with numbers that place, scale or time an image, and with times that decay is computed from."""

from __future__ import annotations

from faults.mutation_originals import ct, part10
from faults.mutations import Mutation, code
from orthanc_deid.deid import geometry_numbers
from orthanc_deid.deid.element_changes import ElementChanges
from orthanc_deid.profile.compile import Level
from orthanc_deid.profile.load import load_profile
from orthanc_deid.profile.model import Profile
from support.data.datasets import Element, instance

BASIC, NEUTRAL, RESEARCH = map(load_profile, ("basic", "neutral", "research"))
ALLOWING_NOTHING = Profile(name="nothing", unnamed="remove")
PET = "1.2.840.10008.5.1.4.1.1.128"
SCOUT: Element = (
    0x00081140,
    "SQ",
    [[(0x00081150, "UI", "1.2.840.10008.5.1.4.1.1.2"), (0x00081155, "UI", "1.2.826.0.1.3680043.10.1.55")]],
)
SPECTRUM = "1.2.840.10008.5.1.4.1.1.4.2"


def spectrum() -> bytes:
    """Return an MR spectrum of one column."""
    made = instance(
        (0x00080060, "CS", "MR"),
        (0x00280010, "US", b"\1\0"),
        (0x00280011, "US", b"\1\0"),
        (0x00289001, "UL", b"\1\0\0\0"),
        (0x00289002, "UL", b"\2\0\0\0"),
        (0x56000020, "OF", bytes(range(16))),
        sop_class=SPECTRUM,
    )
    return part10(made)


def pet() -> bytes:
    """Return a PET image whose activity decays from the start of the injection."""
    isotope = [(0x00181072, "TM", "093015"), (0x00181075, "DS", "6586.2")]
    made = instance((0x00080031, "TM", "103015"), (0x00540016, "SQ", [isotope]), sop_class=PET)
    return part10(made)


GEOMETRY = (
    Mutation(
        "gives geometry that is no number a dummy",
        code(ElementChanges._repair, ("repaired_numbers(step.tag, raw)", 'b"0\\\\0\\\\0"')),
        ct((0x00200032, "DS", "1,5\\2,5\\3,5")),
        BASIC,
        "no same numbers value (0020,0032)",
    ),
    Mutation(
        "takes a decimal comma for nothing",
        code(geometry_numbers.repaired_numbers, ('found[1] + b"." + found[2]', "found[1] + found[2]")),
        ct((0x00280030, "DS", "0,7\\0,7")),
        NEUTRAL,
        "no same numbers value (0028,0030)",
    ),
    Mutation(
        "removes a number that could be repaired",
        code(ElementChanges._repair, ("new is not None and not are_numbers(raw)", "False")),
        ct((0x00201041, "DS", "12,5")),
        BASIC,
        "missing where kept number is due (0020,1041)",
    ),
    Mutation(
        "makes the start of a radiopharmaceutical neutral",
        code(
            Level._by_table,
            ("if falsified else fixed_rules.DATE_IN_PLACE", "if False else fixed_rules.DATE_IN_PLACE"),
        ),
        pet(),
        NEUTRAL,
        "decay: not removed (0054,0016)[0].(0018,1072)",
    ),
    Mutation(
        "removes the references that the profile keeps",
        code(Level._by_table, ('references == "keep"', 'references == "none"')),
        ct(SCOUT),
        RESEARCH,
        "sequence missing where descended into is due (0008,1140)",
    ),
    Mutation(
        "keeps references under every profile",
        code(Level._by_table, ('self.profile.profile.references == "keep"', "True")),
        ct(SCOUT),
        BASIC,
        "sequence not gone (0008,1140)",
    ),
    Mutation(
        "empties what an allow-list does not name and the IOD demands",
        code(Level._demanded, ("rule.action is not Action.D", "True")),
        spectrum(),
        ALLOWING_NOTHING,
        "(5600,0020)",
    ),
)
