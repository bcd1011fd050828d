"""Errors in the treatment of what is not as the standard wants it: old dates, unknown character sets, lost UIDs."""

from __future__ import annotations

from faults.mutation_originals import CHARACTER_SET, ct
from faults.mutations import Mutation, code, constant, entry
from faults.mutations_of_rules import NEUTRAL, RESEARCH
from orthanc_deid.deid import dates, missing_uids, unread_items
from orthanc_deid.dicom import character_sets, reencode
from orthanc_deid.dicom.tags import SERIES_INSTANCE_UID, SOP_INSTANCE_UID, STUDY_INSTANCE_UID
from support.data.datasets import instance, part10
from support.data.nested_private import nested_stacks

DATES = (
    Mutation(
        "shifts a date of ACR-NEMA in its own form",
        code(dates._shifted_date, ("{moved.year:04d}{moved.month", "{moved.year:04d}.{moved.month")),
        ct(),
        RESEARCH,
        "no changed date value (0008,0021)",
    ),
)

CHARACTER_SETS = (
    Mutation(
        "leaves a character set that nobody knows",
        code(character_sets.parse, ("found[0] or _UNKNOWN", "found[0] or values[0]")),
        ct((CHARACTER_SET, "CS", "KOI8"), name="Wexler^Ottilie"),
        NEUTRAL,
        "no character set value (0008,0005)",
    ),
    Mutation(
        "takes a character set that nobody knows for Latin-1",
        constant(character_sets, "_UNKNOWN", "ISO_IR 100"),
        ct((CHARACTER_SET, "CS", "KOI8"), name="Wexler^Ottilie"),
        NEUTRAL,
        "no character set value (0008,0005)",
    ),
    Mutation(
        "takes one part of ISO 8859 for another",
        entry(character_sets._PARTS, 5, 100),
        ct((CHARACTER_SET, "CS", "ISO-8859-5"), name="Wexler^Ottilie"),
        NEUTRAL,
        "no character set value (0008,0005)",
    ),
)

NESTING = (
    Mutation(
        "keeps an unmarked private sequence that is nested too deep to be read",
        code(unread_items._items, ("depth=len(step.level.path)", "depth=0")),
        nested_stacks(65),
        RESEARCH,
        "not removed (2001,105F)[0]",
    ),
)


def _lacking(*tags: int) -> bytes:
    kept = [each for each in instance((0x00200011, "IS", "5")) if each[0] not in tags]
    return part10(kept)


MISSING_UIDS = (
    Mutation(
        "does not take the SOP Instance UID of the file meta",
        code(missing_uids.completed, ("tag == SOP_INSTANCE_UID and in_meta", "False")),
        _lacking(SOP_INSTANCE_UID),
        NEUTRAL,
        "no keyed UID value (0008,0018)",
    ),
    Mutation(
        "makes one study of all patients of a day",
        code(missing_uids._message, ("*patient, STUDY_DATE", "STUDY_DATE")),
        _lacking(STUDY_INSTANCE_UID),
        NEUTRAL,
        "no keyed UID value (0020,000D)",
    ),
    Mutation(
        "makes one series of all that have the same number",
        code(missing_uids._message, ("joined(STUDY_INSTANCE_UID, MODALITY", "joined(MODALITY")),
        _lacking(SERIES_INSTANCE_UID),
        NEUTRAL,
        "no keyed UID value (0020,000E)",
    ),
)

LONG_VALUES = (
    Mutation(
        "empties the numbers in a text VR",
        code(
            reencode._Reader._element,
            (
                "return _Element(tag, vr, raw), stop",
                'return _Element(tag, vr, b"" if vr == "DS" else raw), stop',
            ),
        ),
        ct((0x00101030, "LO", "81.5")),
        RESEARCH,
        "(0010,1030)",
    ),
    Mutation(
        "changes the spaces of values when it re-encodes",
        code(
            reencode._Reader._element,
            ("return _Element(tag, vr, raw), stop", 'return _Element(tag, vr, bytes(raw).strip(b" ")), stop'),
        ),
        ct((0x00180060, "DS", " 120"), (0x00081032, "UN", "")),
        NEUTRAL,
        "(0018,0060)",
    ),
)

DAMAGE = (*DATES, *CHARACTER_SETS, *NESTING, *MISSING_UIDS, *LONG_VALUES)
