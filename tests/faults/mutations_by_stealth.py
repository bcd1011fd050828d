"""Errors that are easily overlooked: ranges, second values, retired groups, padding, dummies."""

from __future__ import annotations

import struct

from faults.mutation_originals import (
    DESCRIPTION,
    ROOT,
    code_item,
    ct,
    phantom,
    presentation_state,
    two_private_blocks,
)
from faults.mutations import Mutation, code, constant
from faults.mutations_of_rules import BASIC, NEUTRAL, RESEARCH
from orthanc_deid.deid import changed_texts, changed_values, dates, element_encoder, prescan, uids
from orthanc_deid.deid.changes import Changes
from orthanc_deid.deid.edits import Edits
from orthanc_deid.deid.plan import LevelTable
from orthanc_deid.deid.private_blocks import PrivateBlocks
from orthanc_deid.deid.text.identity import Identity
from orthanc_deid.dicom import file_meta
from orthanc_deid.profile import compile as compiling
from orthanc_deid.profile.compile import Level
from support.data.datasets import Element

CURVE: tuple[Element, ...] = (
    (0x50000005, "US", struct.pack("<H", 1)),
    (0x50000030, "SH", "Wexler"),
    (0x50003000, "OW", bytes(range(8))),
)
SECOND_OVERLAY: tuple[Element, ...] = (
    (0x60020010, "US", struct.pack("<H", 16)),
    (0x60022000, "US", struct.pack("<H", 1)),
    (0x60023000, "OW", bytes(range(32))),
)

VALUES = (
    Mutation(
        "shifts the first day of a range only",
        code(
            dates._change,
            (
                "(start.rstrip(), end.lstrip())]",
                "(start.rstrip(),)] + [end.lstrip()]",
            ),
        ),
        ct((0x00080022, "DA", "20240315-20240319")),
        RESEARCH,
        "no changed date value (0008,0022)",
    ),
    Mutation(
        "changes the first of several dates only",
        code(
            changed_values.changed_date,
            ("[change(vr, part) for", "[change(vr, part) if part is parts[0] else part for"),
        ),
        ct((0x00189074, "DT", "20240315101500\\19991231")),
        NEUTRAL,
        "no changed date value (0018,9074)",
    ),
    Mutation(
        "leaves the offset from UTC of a neutral time",
        code(
            dates.neutral,
            ("_neutral_datetime)", "lambda part: (_neutral_datetime(part) or '')[:-5] + part[-5:])"),
        ),
        ct((0x00189074, "DT", "20240315101500+0900")),
        NEUTRAL,
        "no changed date value (0018,9074)",
    ),
    Mutation(
        "replaces the first of several UIDs only",
        code(
            uids._replaced,
            (
                "uid: replace_uid(uid, key) for uid in uids",
                "uid: replace_uid(uid, key) if uid == uids[0] else uid for uid in uids",
            ),
        ),
        ct((0x0018991E, "UI", f"{ROOT}.77\\{ROOT}.78")),
        NEUTRAL,
        "no keyed UID value (0018,991E)",
    ),
    Mutation(
        "replaces UIDs at the top level only",
        code(Changes._uid, ("self.uids[raw]", "raw if step.level.path else self.uids[raw]")),
        ct(phantom(code_item((0x0008010D, "UI", f"{ROOT}.5"), (0x00081155, "UI", f"{ROOT}.6")))),
        NEUTRAL,
        "(0018,9346)[0].(0008,1155)",
    ),
    Mutation(
        "pads with the original's bytes",
        code(
            element_encoder.encode_element,
            ('b"\\0" if vr', 'b"7" if tag == 0x00081030 else b"\\0" if vr'),
        ),
        ct((DESCRIPTION, "LO", "Chest, Черёмухин")),
        RESEARCH,
        "(0008,1030)",
    ),
    Mutation(
        "cleans the first of several texts only",
        code(
            changed_texts.cleaned_value,
            ("return encoded_texts(cleaned,", "return encoded_texts([*cleaned[:1], *parts[1:]],"),
        ),
        ct((0x00081030, "LO", "Chest\\PID-48151")),
        RESEARCH,
        "found (0008,1030)",
    ),
    Mutation(
        "writes another dummy than the published one",
        code(
            Changes._apply,
            (
                "change((start, end, step.replacement))",
                "change((start, end, step.replacement.replace(b'20000101', b'20240101')))",
            ),
        ),
        presentation_state(),
        BASIC,
        "no dummy value (0070,0082)",
    ),
)

PLACES = (
    Mutation(
        "keeps curves",
        code(
            Level._by_table,
            ("row = tables.row_for(tag)", "row = tables.row_for(tag) if tag >> 24 != 0x50 else None"),
        ),
        ct(*CURVE),
        BASIC,
        "not removed (5000,0005)",
    ),
    Mutation(
        "drops the first overlay plane only",
        code(Level._by_table, ("tag >> 24 == _OVERLAY_GROUPS", "tag >> 16 == 0x6000")),
        ct(*SECOND_OVERLAY),
        BASIC,
        "overlay planes: not removed (6002,0010)",
    ),
    Mutation(
        "keeps the length to the end",
        constant(compiling, "LENGTH_TO_END", 0),
        ct((0x00080001, "UL", struct.pack("<I", 4096))),
        NEUTRAL,
        "group lengths and padding: not removed (0008,0001)",
    ),
    Mutation(
        "leaves the stamps of others in items",
        code(Level._structure, ("if tag in STAMPS:", "if tag in STAMPS and not self.path:")),
        ct(phantom(code_item((0x00120062, "CS", "YES")))),
        NEUTRAL,
        "(0018,9346)[0].(0012,0062)",
    ),
    Mutation(
        "takes every text for a technical one",
        code(compiling._is_technical, ("return tag in", "return True or tag in")),
        ct((0x00182045, "SH", "ward 7")),
        NEUTRAL,
        "not removed (0018,2045)",
    ),
    Mutation(
        "reads private blocks one off",
        code(
            PrivateBlocks._block,
            ("(step.tag & 0xFFFF) >> 8", "((step.tag & 0xFFFF) >> 8) - (step.tag & 0xFF00 == 0x1100)"),
        ),
        ct(*two_private_blocks()),
        RESEARCH,
        "private attributes: not removed (0019,110C)",
    ),
    Mutation(
        "writes bytes after the last element",
        code(
            Edits.assemble,
            ("return [", "runs.append([b'Wexler']); return ["),
        ),
        ct(),
        NEUTRAL,
        "output: bytes that belong to no element",
    ),
    Mutation(
        "names the sender's software in private file meta information",
        code(
            file_meta._around,
            (
                '"SH", _VERSION_NAME.encode())',
                '"SH", _VERSION_NAME.encode()) + encode_short(0x00020100, "UI", b"1.2.3.4")',
            ),
        ),
        ct(),
        NEUTRAL,
        "(0002,0100)",
    ),
)

NAMED = (
    Mutation(
        "reads the first group of a name's letters only",
        code(
            Identity.of,
            ("person_words(folded)", 'person_words(folded.split("=")[0])'),
        ),
        ct(name="Yamada^Tarou=Ждан^Ян", station="Ждан"),
        NEUTRAL,
        "person found (0008,1010)",
    ),
    Mutation(
        "gathers the first of several other names only",
        code(prescan._identifying, ("for part in parts)", "for part in parts[:1])")),
        ct((0x00101001, "PN", "Wexler^Ottilie\\Kestrelby^Nora"), station="Kestrelby"),
        NEUTRAL,
        "person found (0008,1010)",
    ),
    Mutation(
        "recognizes an ID in its original spelling only",
        code(
            Identity.of,
            (
                "filter(None, (_value_pattern(*whole) for whole in wholes))",
                "((each, each) for each, _ in wholes)",
            ),
        ),
        ct((0x00100020, "LO", "PID-48"), station="pid 48"),
        NEUTRAL,
        "id found (0008,1010)",
    ),
    Mutation(
        "does not gather names in removed elements",
        code(LevelTable._gone_step, ("if tag != SPECIFIC_CHARACTER_SET and not (", "if True or not (")),
        ct((0x00081110, "SQ", [[(0x00081050, "PN", "Kestrelby^Nora")]]), station="Kestrelby"),
        NEUTRAL,
        "person found (0008,1010)",
    ),
)

STEALTH = (*VALUES, *PLACES, *NAMED)
