"""Errors in the treatment of private elements: sequences without a VR, values without one, numbers that are IDs."""

from __future__ import annotations

import struct

from faults.mutation_originals import ct
from faults.mutations import Mutation, code
from faults.mutations_of_rules import BASIC, RESEARCH
from orthanc_deid.deid import tiled_images, unread_items
from orthanc_deid.deid.changes import Changes
from orthanc_deid.deid.unread_values import may_stay_unread
from orthanc_deid.profile.compile import Level
from orthanc_deid.profile.model import Profile
from orthanc_deid.profile.options import Option
from orthanc_deid.profile.private_rules import PrivateRules
from support.data.datasets import IMPLICIT, DataSet, Element, item

FRAME_CREATOR: Element = (0x20050014, "LO", "Philips MR Imaging DD 005")
SCALED: DataSet = [
    (0x00181020, "LO", "R5.7"),
    (0x20050010, "LO", "Philips MR Imaging DD 001"),
    (0x20051003, "LO", "Kestrel"),
    (0x2005100E, "FL", struct.pack("<f", 0.5)),
]
FRAME = ct(FRAME_CREATOR, (0x2005140F, "SQ", [SCALED]))
HIDDEN_FRAME = ct(FRAME_CREATOR, (0x2005140F, "UN", item(SCALED, IMPLICIT)))
UNSAFE_FRAME = ct(FRAME_CREATOR, (0x2005140F, "SQ", [SCALED[:1]]))
SHOP = Profile(name="shop", options=(Option.RETAIN_SAFE_PRIVATE,), private_safe=('(0019,xx10) "SHOP"',))


def shop(value: bytes) -> bytes:
    """Return a CT with a private element whose VR nothing states, and that the profile `SHOP` keeps."""
    return ct((0x00190010, "LO", "SHOP"), (0x00191010, "UN", value))


SEQUENCES = (
    Mutation(
        "keeps the standard attributes inside a private sequence",
        code(Level._decide, ("if self.only_safe", "if False")),
        FRAME,
        RESEARCH,
        "private attributes: not removed (2005,140F)[0].(0018,1020)",
    ),
    Mutation(
        "keeps a private sequence of a creator that no list names",
        code(PrivateRules._sequence, ("and is_term", "")),
        ct((0x00110010, "LO", "TARN"), (0x00111001, "SQ", [SCALED])),
        RESEARCH,
        "private attributes: sequence not gone (0011,1001)",
    ),
    Mutation(
        "removes a private sequence though a safe element in it stays",
        code(Changes._private_sequence, ("self._private.stayed == stayed", "True")),
        FRAME,
        RESEARCH,
        "removed although it identifies nobody (2005,140F)[0].(2005,100E)",
    ),
    Mutation(
        "keeps a private sequence in which nothing safe stays",
        code(Changes._private_sequence, ("self._private.stayed == stayed", "False")),
        UNSAFE_FRAME,
        RESEARCH,
        "no safe element left in a private sequence (2005,140F)",
    ),
    Mutation(
        "does not read private sequences without a VR",
        code(unread_items._items, ("buffer[value : value + 4] != ITEM_KEY", "True")),
        HIDDEN_FRAME,
        RESEARCH,
        "removed although it identifies nobody (2005,140F)[0].(2005,100E)",
    ),
)

VALUES = (
    Mutation(
        "keeps a private number that is an accession number",
        code(Changes._identifies, ("if holds_number(raw, vr, self.subject.numbers):", "if False:")),
        ct(
            (0x00080050, "SH", "9021048"),
            (0x00210010, "LO", "GEMS_RELA_01"),
            (0x0021105A, "SL", struct.pack("<i", 9021048)),
        ),
        Profile(
            name="shop", options=(Option.RETAIN_SAFE_PRIVATE,), private_safe=('(0021,xx5A) "GEMS_RELA_01"',)
        ),
        "id found (0021,105A)",
    ),
    Mutation(
        "removes every private number",
        code(Changes._identifies, ("if holds_number(raw, vr, self.subject.numbers):", "if True:")),
        ct((0x00210010, "LO", "GEMS_RELA_01"), (0x0021104F, "SS", struct.pack("<h", 42))),
        RESEARCH,
        "removed although it identifies nobody (0021,104F)",
    ),
    Mutation(
        "keeps a text without a VR that names the patient",
        code(may_stay_unread, ("found_in_bytes(raw, subject.identity)", "False")),
        shop(b"\1\2TARN INES\3"),
        SHOP,
        "person found (0019,1010)",
    ),
    Mutation(
        "keeps a date without a VR",
        code(may_stay_unread, ("not reads_as_text(raw) or", "True or")),
        shop(b"seen 15.03.2021 "),
        SHOP,
        "a text to be cleaned was kept (0019,1010)",
    ),
    Mutation(
        "removes numbers without a VR",
        code(may_stay_unread, ("return True", "return False")),
        shop(b"0.5\\1.25"),
        SHOP,
        "missing where kept or gone by its bytes is due (0019,1010)",
    ),
)
MOSAIC = ct(
    (0x00080060, "CS", "MR"),
    (0x00080008, "CS", "ORIGINAL\\PRIMARY\\M\\ND\\MOSAIC"),
    (0x00190010, "LO", "SIEMENS MR HEADER"),
    (0x0019100A, "US", struct.pack("<H", 16)),
)
TILES = (
    Mutation(
        "announces tiles whose number is gone",
        code(tiled_images.lost_tiles, ("if not named", "if named")),
        MOSAIC,
        BASIC,
        "(0008,0008)",
    ),
    Mutation(
        "takes tiles out of Image Type though their number stays",
        code(tiled_images._is_kept, ('return bool(raw.strip(b" \\0"))', "return False")),
        MOSAIC,
        RESEARCH,
        "(0008,0008)",
    ),
)
PRIVATE_ELEMENTS = (*SEQUENCES, *VALUES, *TILES)
