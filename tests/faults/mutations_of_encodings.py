"""Errors in identifying numbers in binary, in labels and in encodings that few writers use."""

from __future__ import annotations

import struct

from faults.mutation_originals import code_item, ct, part10
from faults.mutations import Mutation, code
from faults.mutations_of_rules import NEUTRAL, RESEARCH
from orthanc_deid.deid import bound_attributes, identity_in_numbers
from orthanc_deid.deid.bytes_changes import BytesChanges
from orthanc_deid.deid.element_changes import ElementChanges
from orthanc_deid.deid.plan import LevelTable
from orthanc_deid.dicom import mended_encoding, numbers_in_texts
from support.data.datasets import Element, Form, instance

KNOWN = 48151222
PATIENT: Element = (0x00100020, "LO", str(KNOWN))
DURATION, CURRENT, REGIONS, POINTER = 0x00189073, 0x00189330, 0x00186011, 0x00280009
SEGMENTS = 0x00620002


def segmented(*labels: str) -> bytes:
    """Return an instance with segments of these labels."""
    return ct((SEGMENTS, "SQ", [[(0x00620005, "LO", label)] for label in labels]))


PLANE: list[Element] = [(0x00200037, "DS", "1\\0\\0\\0\\1\\0")]


def window(center: str, width: str) -> list[Element]:
    """Return a window of grey values."""
    return [(0x00281050, "DS", center), (0x00281051, "DS", width)]


IN_BINARY = (
    Mutation(
        "keeps an ID as a number in binary",
        code(BytesChanges._binary, ("elif holds_number(", "elif False and holds_number(")),
        ct(PATIENT, (DURATION, "FD", struct.pack("<d", KNOWN))),
        RESEARCH,
        "(0018,9073)",
    ),
    Mutation(
        "looks at no numbers of the instance at once",
        code(identity_in_numbers.may_hold_number, ("bool(values) and", "False and")),
        ct(PATIENT, (DURATION, "FD", struct.pack("<d", -KNOWN))),
        NEUTRAL,
        "(0018,9073)",
    ),
    Mutation(
        "looks at long numbers only",
        code(LevelTable._gathered_entry, (" and step.vr in SHORT_NUMBERS", "")),
        ct(PATIENT, (REGIONS, "SQ", [[(0x00186018, "UL", struct.pack("<I", KNOWN))]])),
        NEUTRAL,
        "(0018,6011)[0].(0018,6018)",
    ),
    Mutation(
        "compares floating point numbers of single precision with all digits",
        code(identity_in_numbers.holds_number, ('if vr == "FL"', "if False")),
        ct(PATIENT, (0x00189461, "FL", struct.pack("<f", KNOWN))),
        NEUTRAL,
        "(0018,9461)",
    ),
    Mutation(
        "takes tags for no numbers",
        code(identity_in_numbers.holds_number, ('vr != "AT"', "True")),
        ct(PATIENT, (POINTER, "AT", struct.pack("<HH", 0x4815, 0x1222))),
        NEUTRAL,
        "(0028,0009)",
    ),
    Mutation(
        "removes every number of eight digits",
        code(BytesChanges._binary, ("elif holds_number(", "elif len(kept) == 8 or holds_number(")),
        ct(
            PATIENT, (DURATION, "FD", struct.pack("<d", 2_000_000)), (CURRENT, "FD", struct.pack("<d", KNOWN))
        ),
        NEUTRAL,
        "(0018,9073)",
    ),
)

LABELS = (
    Mutation(
        "cuts the label of a segment",
        code(ElementChanges._words, ("if step.tag in structure_label_tags():", "if False:")),
        segmented("Lesion Marsdenova left"),
        NEUTRAL,
        "(0062,0002)[0].(0062,0005)",
    ),
    Mutation(
        "removes the label of a segment that names somebody",
        code(ElementChanges._words, ("if step.tag in structure_label_tags():", "if False:")),
        segmented("Lesion Quillfeather left"),
        NEUTRAL,
        "(0062,0002)[0].(0062,0005)",
    ),
    Mutation(
        "keeps labels with unknown words",
        code(ElementChanges._structure_name, ('(kept or clean == "vocabulary") and', "False and")),
        segmented("Lesion Marsdenova left"),
        NEUTRAL,
        "(0062,0002)[0].(0062,0005)",
    ),
    Mutation(
        "replaces every label",
        code(
            ElementChanges._structure_name,
            ("not known and (kept or", "(kept or"),
            ("not is_structure_name(name)", "True"),
        ),
        segmented("Lesion Marsdenova", "Lung"),
        NEUTRAL,
        "(0062,0002)[1].(0062,0005)",
    ),
)

BOUND = (
    Mutation(
        "leaves a window's width without its center",
        code(BytesChanges._fall, ("if value < end:\n        self.gone", "if False:\n        self.gone")),
        ct(PATIENT, *window(str(KNOWN), "400")),
        NEUTRAL,
        "(0028,1051)",
    ),
    Mutation(
        "removes every window's width",
        code(bound_attributes.without_bound, ("not needs.isdisjoint(gone[starts[-1]])", "True")),
        ct((0x00081115, "SQ", [[(0x00200032, "DS", "n/a"), *PLANE, *window("40", "400")]])),
        NEUTRAL,
        "(0008,1115)[0].(0028,1051)",
    ),
    Mutation(
        "leaves what says how a window is meant",
        code(bound_attributes.without_bound, ("needs is not None", 'needs is not None and step.vr == "DS"')),
        ct(PATIENT, *window(str(KNOWN), "400"), (0x00281056, "CS", "LINEAR")),
        NEUTRAL,
        "(0028,1056)",
    ),
)

MENDED = (
    Mutation(
        "drops a sequence whose delimiter is missing",
        code(mended_encoding.mended, ("data += ", "data[data.rindex(b'@\\x00U\\x05') :] = b'' and ")),
        part10([*instance(), (0x00400555, "SQ", [code_item()])], Form(open_sequences=True, open_items=True))[
            :-16
        ],
        RESEARCH,
        "(0040,0555)",
    ),
    Mutation(
        "reads numbers that are a text by their bytes",
        code(numbers_in_texts.packed_numbers, ("return vr, b", "return vr, text[:2] or b")),
        part10(instance((0x00181310, "LO", "12"))),
        RESEARCH,
        "(0018,1310)",
    ),
)

ENCODINGS = (*IN_BINARY, *LABELS, *BOUND, *MENDED)
