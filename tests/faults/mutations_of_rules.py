"""Errors in the decisions: `profile/compile`, the floor, the kinds of VR, and how the Types are used."""

from __future__ import annotations

from faults.mutation_originals import (
    code_item,
    ct,
    overlay,
    phantom,
    presentation_state,
    structure_set,
    two_private_blocks,
)
from faults.mutations import Mutation, code, constant, entry
from orthanc_deid.deid.plan import Plan
from orthanc_deid.profile import fixed_rules, retained_private, type_floor, vr_kinds
from orthanc_deid.profile.action import Action
from orthanc_deid.profile.compile import CompiledProfile, Level
from orthanc_deid.profile.load import load_profile
from orthanc_deid.profile.model import AttributeRule, Profile
from orthanc_deid.profile.private_rules import PrivateRules
from orthanc_deid.profile.rule import Rule
from support.data.datasets import IMPLICIT


def _keeping_stations(name: str) -> Profile:
    """Return a built-in profile that keeps Station Name, a text that is searched and not cleaned by word."""
    kept = AttributeRule(attribute="StationName", action=Action.K)
    found = load_profile(name)
    return found.model_copy(update={"attributes": (*found.attributes, kept)})


BASIC, NEUTRAL, RESEARCH = map(_keeping_stations, ("basic", "neutral", "research"))

TABLE = (
    Mutation(
        "applies the table only where the VR decides nothing",
        code(
            Level._without_rule,
            (
                "self._by_table(tag, vr) or self._by_vr(tag, vr)",
                "self._by_vr(tag, vr) or self._by_table(tag, vr)",
            ),
        ),
        ct(),
        BASIC,
        "not removed (0010,1030)",
    ),
    Mutation(
        "applies the table at the top level only",
        code(Level._by_table, ("if row is None:", "if row is None or self.path:")),
        ct(),
        BASIC,
        "not removed (0010,0027)[0].(0010,1030)",
    ),
    Mutation(
        "takes C for K in an enabled option's column",
        code(Level._by_table, ('("C", self._cleaned)', '("C", self._retained)')),
        ct((0x00081030, "LO", "Chest of 2024-03-15")),
        RESEARCH,
        "date not changed in a text (0008,1030)",
    ),
    Mutation(
        "counts the columns of options that are not enabled",
        code(
            Level._by_table,
            ("row.options.get(OPTION_COLUMNS[option]) == letter", "letter in row.options.values()"),
        ),
        ct(),
        RESEARCH,
        "not removed (0008,0080)",
    ),
    Mutation(
        "reads Modified Dates in the column of Full Dates",
        code(
            Level._by_table, ("OPTION_COLUMNS[option])", 'OPTION_COLUMNS[option].replace("modif", "full"))')
        ),
        ct(),
        RESEARCH,
        "Modified Dates Option: no changed date value (0008,0022)",
    ),
    Mutation(
        "keeps overlays",
        code(Level._by_table, ("return fixed_rules.OVERLAY_GONE", "return None")),
        ct(*overlay()),
        BASIC,
        "overlay planes: not removed (6000,0010)",
    ),
    Mutation(
        "keeps group lengths",
        constant(fixed_rules, "DROPPED", Rule(Action.K, "structure")),
        ct(),
        NEUTRAL,
        "group lengths and padding: not removed (0008,0000)",
    ),
    Mutation(
        "takes the list of class UIDs for that of all other UIDs",
        code(Level._by_vr, ("is_class = tag in", "is_class = tag not in")),
        ct(),
        NEUTRAL,
        "missing where keyed UID is due (0018,991E)",
    ),
)

TYPES = (
    Mutation(
        "applies the Types of the top level in items",
        code(Level.child, ("self.types.child(tag)", "self.types")),
        ct(),
        BASIC,
        "no dummy value (0010,0027)[0].(0010,0020)",
    ),
    Mutation(
        "finds no IOD for any SOP class",
        code(CompiledProfile.level, ("tables.iod_for(sop_class_uid)", "None")),
        structure_set(),
        BASIC,
        "no empty value (0008,1070)",
    ),
    Mutation(
        "drops an attribute of Type 2",
        entry(type_floor._COLUMN, "2", 2),
        structure_set(),
        BASIC,
        "missing where empty is due (0008,1070)",
    ),
    Mutation(
        "empties an attribute of Type 1",
        entry(type_floor._COLUMN, "1", 1),
        presentation_state(),
        BASIC,
        "no dummy value (0070,0082)",
    ),
    Mutation(
        "keeps a sequence that must become a dummy",
        code(Plan._act, ("return Act.DUMMY_SEQUENCE", "return Act.KEEP")),
        presentation_state(),
        BASIC,
        "(0070,0001)",
    ),
)

KINDS = (
    Mutation(
        "trusts a value of another kind than the dictionary's",
        code(vr_kinds.agree, ("return known is None", "return True or known is None")),
        ct((0x00181210, "US", b"\1\2\3\4")),
        BASIC,
        "VR of another kind: not removed (0018,1210)",
    ),
    Mutation(
        "recognizes no sequences in implicit VR",
        code(vr_kinds.implicit_vr, ("dictionary_vrs(tag)", '(dictionary_vrs(tag) or frozenset()) - {"SQ"}')),
        ct(form=IMPLICIT),
        BASIC,
        "sequence missing where descended into is due (0008,2218)",
    ),
)

PRIVATE = (
    Mutation(
        "keeps a private block",
        constant(retained_private, "REMOVED", Rule(Action.K, "private")),
        ct(*two_private_blocks()),
        NEUTRAL,
        "private attributes: not removed (0019,110C)",
    ),
    Mutation(
        "takes every creator for one that is safe",
        code(
            PrivateRules.rule,
            ("tables.safe_private(creator,", 'tables.safe_private("SIEMENS MR HEADER",'),
        ),
        ct(*two_private_blocks()),
        RESEARCH,
        "private attributes: not removed (0019,110C)",
    ),
    Mutation(
        "keeps a UID inside a kept private element",
        code(retained_private.kept, ("return Rule(Action.U, name)", "return Rule(Action.K, name)")),
        ct((0x00990010, "LO", "NQHeader"), (0x00991002, "UI", "1.2.826.0.1.3680043.10.1.88")),
        RESEARCH,
        "Retain Safe Private Option: no keyed UID value (0099,1002)",
    ),
    Mutation(
        "keeps the words of a kept private text",
        code(retained_private.kept, ("return Rule(Action.C, name)", "return Rule(Action.K, name)")),
        ct((0x00190010, "LO", "GEMS_ACQU_01"), (0x0019109E, "LO", "FSE for PID-48151")),
        RESEARCH,
        "patient id found (0019,109E)",
    ),
)

DEEP = (
    Mutation(
        "gives every level the path of the one above",
        code(Level.child, ("types, (*self.path, tag), ", "types, self.path, ")),
        ct(phantom(code_item((0x00100020, "LO", "PID-48151")))),
        BASIC,
        "(0018,9346)[0].(0010,0020)",
    ),
)

RULES = (*TABLE, *TYPES, *KINDS, *PRIVATE, *DEEP)
