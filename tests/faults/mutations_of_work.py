"""Errors in the changes: dates, UIDs, private blocks, kept values, stamps."""

from __future__ import annotations

from faults.mutation_originals import DESCRIPTION, ROOT, ct, report, two_private_blocks
from faults.mutations import Mutation, code, constant
from faults.mutations_of_rules import BASIC, NEUTRAL, RESEARCH
from orthanc_deid.deid import changed_values, dates, plan, stamps, subject, uids
from orthanc_deid.deid.changes import Changes
from orthanc_deid.deid.private_blocks import PrivateBlocks
from orthanc_deid.deid.replaced_uids import ReplacedUids
from orthanc_deid.deid.text import identifier_patterns
from orthanc_deid.profile.action import Action
from orthanc_deid.profile.model import AttributeRule, Profile

DATES = (
    Mutation(
        "shifts a date with dots the other way",
        code(dates._shifted_date, ("match[4]), days)", "match[4]), -days if match[2] else days)")),
        ct(),
        RESEARCH,
        "no changed date value (0008,0021)",
    ),
    Mutation(
        "shifts one date by a day more",
        code(Changes._date, ("self.subject.offset", "self.subject.offset + (step.tag == 0x00080022)")),
        ct(),
        RESEARCH,
        "(0008,0022)",
    ),
    Mutation(
        "shifts by study, not by patient",
        code(
            subject._subject.__wrapped__,
            ("date_offset(key, message,", "date_offset(key, message + patient.study_instance_uid.encode(),"),
        ),
        ct(),
        RESEARCH,
        "(0008,0022)",
    ),
    Mutation(
        "leaves the dates of cleaned texts",
        code(changed_values.cleaned_text, ("return shift_in_text(part, offset)", "return part")),
        ct((0x00081030, "LO", "Chest control 2024-03-15")),
        RESEARCH,
        "(0008,1030)",
    ),
    Mutation(
        "keeps an age above the limit",
        code(
            changed_values.collapsed_age,
            ('found[2] == b"Y" and years > limit', 'found[2] == b"Y" and years > limit + 10'),
            ("years >= limit + 1 or", "years >= limit + 11 or"),
        ),
        ct(),
        RESEARCH,
        "(0010,1010)",
    ),
)

UIDS = (
    Mutation(
        "swaps two UIDs",
        code(
            Changes._uid,
            (
                "self.uids[raw]",
                "self.uids[self.prescan.first(step.tag ^ 3).encode() if step.tag in (0x20000D, 0x20000E) else raw]",
            ),
        ),
        ct(),
        NEUTRAL,
        "no keyed UID value (0020,000D)",
    ),
    Mutation(
        "takes every UID of a national body for a registered one",
        code(uids.replace_uid, ("uid in UID_dictionary", 'uid.startswith("1.2.")')),
        ct(),
        NEUTRAL,
        "(0020,000D)",
    ),
    Mutation(
        "leaves the UID of a UIDREF",
        code(Changes._uid, ("self.uids[raw]", "raw if step.tag == 0x0040A124 else self.uids[raw]")),
        report(),
        RESEARCH,
        "no keyed UID value (0040,A730)[0].(0040,A730)[0].(0040,A124)",
    ),
    Mutation(
        "leaves an own UID in a kept text",
        code(ReplacedUids.occur_in, ("self._found.occur_in(raw)", "False")),
        ct(station=f"scan {ROOT}.4"),
        NEUTRAL,
        "UIDs: a UID of the original is left",
    ),
    Mutation(
        "takes every UID in a cleaned text for a registered one",
        code(
            identifier_patterns.identifier_spans,
            ("match[0] not in UID_dictionary", "match[0].count('.') < 3"),
        ),
        ct((DESCRIPTION, "LO", "Chest 1.2.826.0.1.3680043.8.498.7")),
        RESEARCH,
        "no cleaned value (0008,1030)",
    ),
)

PRIVATE = (
    Mutation(
        "resolves a private element by the first creator of its group",
        code(
            PrivateBlocks._block,
            ("self._blocks.get(", "next(iter(self._blocks.values())) or self._blocks.get("),
        ),
        ct(*two_private_blocks()),
        RESEARCH,
        "private attributes: not removed (0019,110C)",
    ),
    Mutation(
        "lets an item use the blocks that are reserved around it",
        code(PrivateBlocks.enter, ("self._blocks = {}", "pass")),
        ct(
            (0x00090010, "LO", "GEMS_IDEN_01"),
            (0x00190010, "LO", "SIEMENS MR HEADER"),
            (0x0019100C, "IS", "1000"),
            (0x00209222, "SQ", [[(0x0019100C, "IS", "4711")]]),
        ),
        RESEARCH,
        "(0020,9222)[0].(0019,100C)",
    ),
)

KEPT = (
    Mutation(
        "keeps a sequence that must be removed",
        code(
            Changes._instead_of_sequence,
            ("(Act.KEEP, Act.EQUIPMENT, ", "(Act.KEEP, Act.EQUIPMENT, Act.REMOVE, "),
        ),
        ct((0x00400275, "SQ", [[(0x00401001, "SH", "RP-4242")]])),
        BASIC,
        "(0040,0275)",
    ),
    Mutation(
        "claims the options that are not enabled",
        code(
            stamps.codes,
            ("if option in compiled.options and option in OPTION_CODES", "if option in OPTION_CODES"),
        ),
        ct(),
        NEUTRAL,
        "stamps: codes that are not those that hold (0012,0064)",
    ),
    Mutation(
        "states that shifted dates are removed",
        code(stamps.longitudinal, ("if shifted", "if not shifted")),
        ct(),
        RESEARCH,
        "stamps: wrong value (0028,0303)",
    ),
)

SCANNER = ct((0x0018A001, "SQ", [[(0x00080070, "LO", "ACME IMAGING"), (0x00081070, "PN", "TARN^INES")]]))
NO_EQUIPMENT = Profile(
    name="no-equipment",
    attributes=(AttributeRule(attribute="ContributingEquipmentSequence", action=Action.X),),
)

EQUIPMENT = (
    Mutation(
        "adds no equipment item where others stand",
        code(Changes._leave_sequence, ("self.edits.append_item(items, end, item)", "pass")),
        SCANNER,
        BASIC,
        "stamps: last item does not name this software and its version (0018,A001)",
    ),
    Mutation(
        "adds two equipment items",
        code(Changes._leave_sequence, ("items, end, item", "items, end, item * 2")),
        SCANNER,
        BASIC,
        "sequence items: number changed (0018,A001)",
    ),
    Mutation(
        "adds a second equipment sequence before the kept one",
        code(Changes._enter_sequence, ("self.edits.take_back()", "pass")),
        SCANNER,
        BASIC,
        "elements out of order or twice",
    ),
    Mutation(
        "states another purpose of its equipment item",
        constant(stamps, "_DEIDENTIFYING_EQUIPMENT", ("109103", "Modifying Equipment")),
        ct(),
        BASIC,
        "stamps: last item does not name this software and its version (0018,A001)",
    ),
    Mutation(
        "names another software",
        constant(stamps, "SOFTWARE", "orthanc"),
        ct(),
        BASIC,
        "(0012,0063)",
    ),
    Mutation(
        "keeps the other equipment items where they must be removed",
        code(plan._equipment_act, ("act == Act.KEEP", "act != Act.CASES")),
        SCANNER,
        NO_EQUIPMENT,
        "sequence items: number changed (0018,A001)",
    ),
    Mutation(
        "loses the other equipment items where they stay",
        code(plan._equipment_act, ("if act == Act.KEEP", "if act == Act.CASES")),
        SCANNER,
        BASIC,
        "sequence items: number changed (0018,A001)",
    ),
)

WORK = (*DATES, *UIDS, *PRIVATE, *KEPT, *EQUIPMENT)
