"""Instances of an invented patient with every identifier an engine could leave, encoded by `datasets` alone."""

from __future__ import annotations

import struct

from support.data.datasets import EXPLICIT, Element, Form, element, encode, instance

NAME = "Черёмухин^Лаврентий"
UTF_8, CYRILLIC, LATIN_1, LATIN_2 = "ISO_IR 192", "ISO_IR 144", "ISO_IR 100", "ISO_IR 101"
THAI = "ISO_IR 166"  # a character set that is read only where it is declared
CODECS = {UTF_8: "utf-8", CYRILLIC: "iso8859_5", LATIN_1: "latin-1", LATIN_2: "iso8859_2", THAI: "iso8859_11"}

PRESENTATION_STATE = "1.2.840.10008.5.1.4.1.1.11.1"
STRUCTURE_SET = "1.2.840.10008.5.1.4.1.1.481.3"
COMPREHENSIVE_SR = "1.2.840.10008.5.1.4.1.1.88.33"

ROOT = "1.2.826.0.1.3680043.10.1"
STATION, DESCRIPTION, OPERATOR = 0x00081010, 0x00081030, 0x00081070
ANATOMIC_REGION, PHANTOM, GROUP_OF_PATIENTS = 0x00082218, 0x00189346, 0x00100027
CHARACTER_SET, CONTENT = 0x00080005, 0x0040A730


def part10(elements: list[Element], form: Form = EXPLICIT, preamble: bytes = bytes(128)) -> bytes:
    """Return a Part 10 file with the file meta information of a sender."""
    sop_class, sop_instance = (value for tag, _, value in elements if tag in (0x00080016, 0x00080018))
    meta = encode(
        [
            (0x00020001, "OB", b"\0\1"),
            (0x00020002, "UI", sop_class),
            (0x00020003, "UI", sop_instance),
            (0x00020010, "UI", form.transfer_syntax),
            (0x00020012, "UI", f"{ROOT}.9"),
            (0x00020016, "AE", "KESTREL_CT"),
        ]
    )
    length = element(0x00020000, "UL", struct.pack("<I", len(meta)))
    return preamble + b"DICM" + length + meta + encode(elements, form)


def code_item(*extra: Element) -> list[Element]:
    """Return a coded entry, followed by `extra` elements."""
    return [
        (0x00080100, "SH", "51185008"),
        (0x00080102, "SH", "SCT"),
        (0x00080104, "LO", "Chest"),
        *extra,
    ]


def ct(
    *extra: Element,
    charset: str = UTF_8,
    name: str | bytes = NAME,
    station: str | bytes = "B31f",
    form: Form = EXPLICIT,
    preamble: bytes = bytes(128),
) -> bytes:
    """Return a CT in a Part 10 file; `extra` elements are added or replace others. `str` is encoded in `charset`."""
    codec = CODECS[charset]
    region = code_item((0x00081070, "PN", "TARN^INES"), (0x00101030, "DS", "81.5"))
    group_length = struct.pack("<I", 300)
    elements = instance(
        (0x00080000, "UL", group_length),
        (CHARACTER_SET, "CS", charset),
        (0x00080008, "CS", "ORIGINAL\\PRIMARY\\AXIAL"),
        (0x00080021, "DA", "2024.03.16"),
        (0x00080022, "DA", "20240315"),
        (0x00080050, "SH", "ACC-90210"),
        (0x00080070, "LO", "ACME IMAGING"),
        (0x00080080, "LO", "Kestrelmoor Infirmary"),
        (0x00080090, "PN", "QUILLFEATHER^ABELARD"),
        (DESCRIPTION, "LO", "Chest control"),
        (ANATOMIC_REGION, "SQ", [region, code_item((0x00081070, "PN", "TARN^INES"))]),
        (0x00100010, "PN", _encoded(name, codec)),
        (0x00100021, "LO", "KESTREL"),
        (GROUP_OF_PATIENTS, "SQ", [[(0x00100020, "LO", "PID-48151"), (0x00101030, "DS", "81.5")]]),
        (0x00100040, "CS", "M"),
        (0x00101010, "AS", "094Y"),
        (0x00101030, "DS", "81.5"),
        (0x00180015, "CS", "CHEST"),
        (0x00180060, "DS", "120"),
        (STATION, "SH", _encoded(station, codec)),
        (PHANTOM, "SQ", [code_item()]),
        (0x0018991E, "UI", f"{ROOT}.77"),
        (0x00200052, "UI", f"{ROOT}.4"),
        *_pixels(),
        *extra,
    )
    return part10(elements, form, preamble=preamble)


def _encoded(text: str | bytes, codec: str) -> bytes:
    return text if isinstance(text, bytes) else text.encode(codec)


def _pixels() -> list[Element]:
    """Return Pixel Data of 16 x 16 and the attributes that describe it."""
    numbers = {0x00280002: 1, 0x00280010: 16, 0x00280011: 16, 0x00280100: 16, 0x00280101: 12, 0x00280102: 11}
    described: list[Element] = [(tag, "US", struct.pack("<H", value)) for tag, value in numbers.items()]
    samples = b"".join(struct.pack("<H", value * 7 + 1) for value in range(256))
    return [
        *described,
        (0x00280004, "CS", "MONOCHROME2"),
        (0x00280103, "US", bytes(2)),
        (0x7FE00010, "OW", samples),
    ]


def without(tag: int, *extra: Element) -> list[Element]:
    """Return the elements of a small CT without `tag`, with `extra` added."""
    return [each for each in instance(*extra) if each[0] != tag]


def phantom(*items: list[Element]) -> Element:
    """Return the last sequence before the private elements, with coded entries as items."""
    return (PHANTOM, "SQ", list(items))


def overlay() -> list[Element]:
    """Return an overlay plane of 16 x 16, which might show a name."""
    return [
        (0x60000010, "US", struct.pack("<H", 16)),
        (0x60000011, "US", struct.pack("<H", 16)),
        (0x60000040, "CS", "G"),
        (0x60000050, "SS", struct.pack("<hh", 1, 1)),
        (0x60000100, "US", struct.pack("<H", 1)),
        (0x60000102, "US", bytes(2)),
        (0x60003000, "OW", bytes(range(32))),
    ]


def two_private_blocks() -> list[Element]:
    """Return a safe element of one creator, and the same element number of another, which has no safe elements."""
    return [
        (0x00190010, "LO", "SIEMENS MR HEADER"),
        (0x00190011, "LO", "ACME SERVICE"),
        (0x0019100C, "IS", "1000"),
        (0x0019110C, "IS", "4711"),
    ]


def presentation_state() -> bytes:
    """Return a presentation state with an annotation of its reader."""
    text: list[Element] = [(0x00700006, "ST", "seen by Tarn")]
    graphic = [(0x00700002, "CS", "NOTES"), (0x00700008, "SQ", [text])]
    made = instance(
        (0x00080060, "CS", "PR"),
        (0x00700001, "SQ", [graphic]),
        (0x00700080, "CS", "NOTES"),
        (0x00700082, "DA", "20240316"),
        (0x00700083, "TM", "101530"),
        sop_class=PRESENTATION_STATE,
    )
    return part10(made)


def structure_set() -> bytes:
    """Return an RT structure set that its operator signed."""
    made = instance((0x00080060, "CS", "RTSTRUCT"), (OPERATOR, "PN", "TARN^INES"), sop_class=STRUCTURE_SET)
    return part10(made)


def report() -> bytes:
    """Return a structured report that refers to a UID inside a container inside its root."""
    uid: list[Element] = [
        (0x0040A010, "CS", "CONTAINS"),
        (0x0040A040, "CS", "UIDREF"),
        (0x0040A124, "UI", f"{ROOT}.99"),
    ]
    container: list[Element] = [
        (0x0040A010, "CS", "CONTAINS"),
        (0x0040A040, "CS", "CONTAINER"),
        (CONTENT, "SQ", [uid]),
    ]
    made = instance(
        (0x00080060, "CS", "SR"),
        (0x0040A040, "CS", "CONTAINER"),
        (CONTENT, "SQ", [container]),
        sop_class=COMPREHENSIVE_SR,
    )
    return part10(made)
