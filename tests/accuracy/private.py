"""Private elements: those that Table E.3.10-1 of PS3.15 calls safe, and those that it does not name."""

from __future__ import annotations

from random import Random
from typing import Any, Final

from pydicom.dataelem import DataElement

from accuracy.answers import Category
from accuracy.headers import Study, new_uid
from accuracy.reading import text_of
from accuracy.sheet import Sheet

_SAFE_VALUES: Final[dict[str, tuple[tuple[str, int, str, Any], ...]]] = {
    "CT": (("GEMS_ACQU_01", 0x00190023, "DS", "39.37"), ("GEMS_PARM_01", 0x00430027, "SH", "0.984:1"),
           ("ELSCINT1", 0x00E10021, "DS", "412.5")),
    "MR": (("GEMS_PARM_01", 0x00430039, "IS", ["800", "8", "0", "0"]), ("GEMS_ACQU_01", 0x0019009E, "LO", "EFGRE3D"),
           ("Philips Imaging DD 001", 0x20010003, "FL", 800.0), ("SIEMENS MR HEADER", 0x0019000C, "IS", "1000")),
    "PT": (("ELSCINT1", 0x00E10050, "DS", "12.5"),),
}  # fmt: skip
_UNSAFE: Final = (
    ("SIEMENS CSA HEADER", 0x00290008, "CS"),
    ("GEMS_IDEN_01", 0x00090004, "SH"),
    ("ACME RIS 1.0", 0x00110020, "LO"),
    ("ACME RIS 1.0", 0x00110021, "PN"),
    ("SPI", 0x00090015, "LO"),
)


def put_private(sheet: Sheet, study: Study, modality: str, rng: Random) -> None:
    """Write private elements of a scanner and of a site's own software, at the top level and in an item."""
    for creator, tag, vr, value in _SAFE_VALUES.get(modality, ()):
        if rng.random() < 0.7:
            _safe_value(sheet, creator, tag, vr, value, rng.choice((0x10, 0x11)))
    if modality in ("MR", "CT") and rng.random() < 0.4:
        _safe_texts(sheet, study, rng)
    for creator, tag, vr in _UNSAFE:
        if rng.random() < 0.4:
            _unsafe(sheet, study, creator, tag, vr, rng)
    if rng.random() < 0.3:
        request = sheet.item("RequestAttributesSequence")
        _unsafe(request, study, "ACME RIS 1.0", 0x00110020, "LO", rng)


def _safe_value(sheet: Sheet, creator: str, tag: int, vr: str, value: Any, block: int) -> None:
    taken: DataElement | None = sheet.data_set.get((tag >> 16, block))
    if taken is not None and taken.value != creator:
        block += 0x20
    path = sheet.private(creator, tag, vr, value, block=block)
    text = text_of(sheet.data_set[tag | block << 8])
    for category in (Category.TAG_RETAINED, Category.TEXT_NOTNULL, Category.TEXT_RETAINED):
        sheet.add(category, path, about="private safe", value=text)


def _safe_texts(sheet: Sheet, study: Study, rng: Random) -> None:
    """Write texts and a UID into safe elements: they obey the rules of their VR."""
    creator = "NQHeader"
    path = sheet.private(creator, 0x00990005, "LT", (written := study.writer.report(2000)).text)
    sheet.answer_text(path, written)
    uid = new_uid(rng)
    path = sheet.private(creator, 0x00990002, "UI", uid)
    for category in (Category.UID_CHANGED, Category.UID_CONSISTENT, Category.TAG_RETAINED):
        sheet.add(category, path, about="private safe", value=uid)


def _unsafe(sheet: Sheet, study: Study, creator: str, tag: int, vr: str, rng: Random) -> None:
    cast = study.cast
    values = [("patient_id", cast.patient_id), ("accession", study.accession)]
    name = cast.patient.person_name(cast.pn_script)
    if vr in ("PN", "LO") and cast.encodable(name):
        values = [(f"name ({cast.patient.kind})", name)]
    about, value = rng.choice(values)
    if vr == "CS":
        value = value.upper().replace("/", "_").replace("-", "_")[:16]
    path = sheet.private(creator, tag, vr, value[:16] if vr == "SH" else value, block=0x1F)
    forms = tuple(word for word in value.split("^") if len(word) > 1)
    sheet.add(Category.TEXT_REMOVED, path, about=about, forms=forms)
