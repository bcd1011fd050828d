"""Every row of Table E.1-1 under every option, at depth 0 and 2, in explicit and implicit VR, by its written bytes.

What must come out is read here from `profile/RULES.md` and the table alone. Rows stand in instances of IODs that
give the attribute each kind of Type that any IOD gives it.
"""

from __future__ import annotations

import re
import struct
from base64 import b32encode
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

import pytest
from pydicom._uid_dict import UID_dictionary
from pydicom.datadict import dictionary_has_tag, dictionary_VM, dictionary_VR

from orthanc_deid import Key, deidentify
from orthanc_deid.profile.compile import CompiledProfile
from orthanc_deid.profile.model import Condition, Dates, PixelRule, Profile, Texts
from orthanc_deid.profile.options import COLUMNS, Option
from orthanc_deid.standard.attribute_types import _iod_keys
from orthanc_deid.standard.tables import ConfidentialityRow, TypeContext, all_rows, identity_kinds, iod_for
from support.data.datasets import (
    CT_IMAGE_STORAGE,
    EXPLICIT,
    IMPLICIT,
    DataSet,
    Element,
    Form,
    in_order,
    instance,
    part10,
    read_file,
    values,
)

KEY = Key(bytes(range(32)))
DIRECTORY = "1.2.840.10008.1.3.10"
UNNAMED_SEQUENCES = (0x30060010, 0x30060012)  # no row of the table, and not of the CT IOD
SHIFT = (-3650, -1)
LONGITUDINAL = {"rtn_long_full_dates", "rtn_long_modif_dates"}
TEXTS = {"LO", "SH", "ST", "LT", "UT", "UC"}
PATIENT_NAME, PATIENT_ID = 0x00100010, 0x00100020
REFERENCES = {
    "ReferencedPerformedProcedureStepSequence",
    "ReferencedStudySequence",
    "ReferencedPatientSequence",
}
OURS = {0x00120062, 0x00120063, 0x00120064, 0x00280303}
SYLLABLES = ("ba", "du", "fi", "go", "le", "mi", "no", "pu", "ra", "se", "ti", "vo", "zu", "be", "da", "fo")
# VRs of attributes newer than pydicom's dictionary, by how their keyword ends (PS3.6)
NEWER = (("Sequence", "SQ"), ("DateTime", "DT"), ("Comment", "UT"), ("Reference", "UR"), ("", "LO"))


@dataclass(frozen=True)
class Column:
    """A profile with one option or none, as the table's columns are."""

    name: str
    option: Option | None = None
    dates: str = "table"
    zero: str = "empty"

    @property
    def letters(self) -> str:
        return COLUMNS[self.option] if self.option else ""

    def profile(self) -> CompiledProfile:
        suspected = PixelRule(when=(Condition(attribute="SOPClassUID", exists=True),))
        profile = Profile(
            name="columns",
            options=(self.option,) if self.option else (),
            dates=Dates.model_validate({"mode": self.dates, "shift_days": SHIFT}),
            texts=Texts.model_validate({"zero": self.zero}),
            pixels=(suspected,),
            documents="drop-document",
        )
        return CompiledProfile(profile)


COLUMNS_OF_THE_TABLE = (
    Column("basic"),
    Column("neutral", dates="neutral", zero="placeholder"),
    Column("shift", dates="shift"),
    Column("year", dates="year"),
    *(
        Column(column, option, dates="shift" if option is Option.RETAIN_MODIFIED_DATES else "table")
        for option, column in COLUMNS.items()
    ),
)


# what stands in the instances


@dataclass(frozen=True)
class Case:
    """One row's attribute at one place of one IOD."""

    row: ConfidentialityRow
    tag: int
    number: int
    sop_class: str
    path: tuple[int, ...]
    type: str | None

    @property
    def vr(self) -> str:
        """The VR that the standard gives it."""
        if self.tag >> 24 == 0x50:
            return {0x3000: "OW", 0x0010: "US"}[self.tag & 0xFFFF]
        try:
            return "OW" if dictionary_VR(self.tag) == "OB or OW" else dictionary_VR(self.tag)
        except KeyError:
            return next(vr for ending, vr in NEWER if self.row.keyword.endswith(ending))

    def vr_in(self, form: Form) -> str:
        """The VR by which it can be judged; in implicit VR a dictionary is needed."""
        try:
            return self.vr if form.explicit or self.tag >> 24 == 0x50 else dictionary_VR(self.tag) and self.vr
        except KeyError:
            return "UN"

    @property
    def token(self) -> bytes:
        """A word that no vocabulary knows, and that no transliteration takes for another case's."""
        return b"Zq" + "".join(SYLLABLES[int(digit, 16)] for digit in f"{self.number:x}").encode() + b"x"

    @property
    def medical(self) -> bytes:
        """What a cleaned text may keep: nothing where the whole text identifies."""
        return b"" if self.tag in identity_kinds() else b"CHEST"

    def value(self) -> Any:
        number = self.number
        if self.vr == "SQ":
            return [
                [(0x00101060, "PN", self.token + b"^Maiden"), (0x00280010, "US", struct.pack("<H", number))]
            ]
        if self.vr in TEXTS:
            return (self.medical + b" " + self.token).strip()
        made = {
            "DA": b"20190214",
            "TM": b"101530",
            "DT": b"20190214101530",
            "AS": b"045Y",
            "PN": self.token + b"^Zoe",
            "CS": self.token.upper(),
            "AE": self.token,
            "UI": f"1.2.826.0.1.3680043.10.7.{number}".encode(),
            "UR": b"https://example.org/" + self.token,
            "DS": f"1.{number}".encode(),
            "IS": str(number).encode(),
            "US": struct.pack("<H", number),
            "SL": struct.pack("<l", number),
            "FL": struct.pack("<f", number),
            "FD": struct.pack("<d", number),
            "AT": b"\x08\0\x60\0",
            "OB": self.token + b"\0" * (len(self.token) & 1),
            "UN": self.token + b"\0" * (len(self.token) & 1),
            "OW": self.token + b"\0" * (len(self.token) & 1),
        }
        return made[self.vr]

    def element(self) -> Element:
        return (self.tag, self.vr, self.value())


def tags_of(row: ConfidentialityRow) -> tuple[int, ...]:
    if row.tag == "(50xx,xxxx)":
        return (0x50003000, 0x50100010)
    return (int(row.tag[1:5].replace("xx", "02") + row.tag[6:10], 16),)


@cache
def sop_classes() -> dict[str, str]:
    """One SOP class of each IOD, by the IOD's name."""
    found: dict[str, str] = {}
    for sop_class in _iod_keys():
        iod = iod_for(sop_class)
        assert iod is not None
        if sop_class != DIRECTORY and sop_class in UID_dictionary:
            found.setdefault(iod.name, sop_class)
    return found


def kind(type_in_iod: str | None) -> str | None:
    return type_in_iod[0] if type_in_iod else None


def places_inside(types: TypeContext) -> Iterator[tuple[tuple[int, ...], TypeContext]]:
    """Yield the places two sequences down, through sequences that every profile here descends into."""
    by_row = {tag for row in all_rows() if row.tag != "private" for tag in tags_of(row)}
    for outer, entry in types._named().items():
        if entry.levels and outer not in by_row:
            middle = types.child(outer)
            for inner, below in middle._named().items():
                if below.levels and inner not in by_row and inner != outer:
                    yield (outer, inner), middle.child(inner)


def all_cases() -> Iterator[Case]:
    """Yield each row's attribute once for each kind of Type that it has anywhere, at depth 0 and at depth 2."""
    rows = {tag: row for row in all_rows() if row.tag != "private" for tag in tags_of(row)}
    number = 1000
    contexts = [
        (sop_class, path, types)
        for sop_class in (CT_IMAGE_STORAGE, *sop_classes().values())
        for path, types in (((), _types(sop_class)), *places_inside(_types(sop_class)))
    ]
    seen: set[tuple[int, bool, str | None]] = set()
    for sop_class, path, types in contexts:
        for tag in rows if not path else rows.keys() & types._named().keys():
            found = kind(types.type_of(tag))
            key = (tag, bool(path), found)
            if key not in seen and not (tag >> 16 in (0x0002, 0x0004) and not path):
                seen.add(key)
                number += 1
                yield Case(rows[tag], tag, number, sop_class, path, found)
    types = _types(CT_IMAGE_STORAGE).child(UNNAMED_SEQUENCES[0]).child(UNNAMED_SEQUENCES[1])
    for tag, row in rows.items():
        number += 1
        assert types.type_of(tag) is None
        yield Case(row, tag, number, CT_IMAGE_STORAGE, UNNAMED_SEQUENCES, None)


def _types(sop_class: str) -> TypeContext:
    iod = iod_for(sop_class)
    assert iod is not None
    return iod.types


@cache
def cases_by_instance() -> dict[str, list[Case]]:
    found: dict[str, list[Case]] = defaultdict(list)
    for case in all_cases():
        if case.tag != 0x00080016:
            found[case.sop_class].append(case)
    return found


def made(sop_class: str, cases: Iterable[Case], form: Form) -> bytes:
    """Return an instance that holds all cases, each at its place."""
    by_path: dict[tuple[int, ...], list[Element]] = defaultdict(list)
    for case in cases:
        by_path[case.path].append(case.element())
    extra: DataSet = by_path.pop((), [])
    outer: dict[int, dict[int, DataSet]] = defaultdict(dict)
    for (first, second), content in by_path.items():
        outer[first][second] = in_order(content)
    for first, inner in outer.items():
        extra.append((first, "SQ", [[(tag, "SQ", [content]) for tag, content in sorted(inner.items())]]))
    return part10(instance(*extra, sop_class=sop_class), form)


# what the published rules say

FLOOR = {
    "X": "DZXX",
    "Z": "DZZZ",
    "D": "DDDD",
    "U": "UUUU",
    "X/Z": "DZXZ",
    "X/D": "DZXD",
    "X/Z/D": "DZXD",
    "Z/D": "DZZD",
    "X/Z/U*": "KKXK",
}


def fate(case: Case, column: Column, vr: str) -> str:
    """Return what becomes of the element: X, Z, D, K, U, `text`, `date`, `patient`; by RULES.md, top to bottom."""
    if case.tag >> 24 == 0x60:
        return "X"
    if case.tag in OURS:
        return "X" if case.path else "ours"
    if not case.path and case.tag in (PATIENT_ID, PATIENT_NAME):
        return "patient"
    letter = case.row.options.get(column.letters, "")
    if letter == "K":
        return "K" if vr != "UN" else floored("X", case, vr)
    if letter == "C":
        return cleaned(case, vr)
    if vr in ("DA", "DT", "TM") and (
        column.dates == "neutral" or (column.dates != "table" and LONGITUDINAL & case.row.options.keys())
    ):
        return "date"
    return floored(case.row.basic, case, vr)


def cleaned(case: Case, vr: str) -> str:
    if vr in ("DA", "DT", "TM"):
        return "date"
    if vr in TEXTS:
        return "text"
    return {"CS": "K", "SQ": "K", "US": "K"}.get(vr) or floored("X", case, vr)


def floored(code: str, case: Case, vr: str) -> str:
    letter = FLOOR[code]["123".index(case.type) if case.type else 3]
    if letter == "D" and vr == "UI":
        return "U"
    if letter == "D" and case.row.keyword in REFERENCES:
        return "K"
    return "D" if letter == "K" and vr != "SQ" else letter


def dummy(case: Case, vr: str) -> bytes:
    if vr in ("OB", "OW", "UN"):
        return b"\0\0"
    number = 1
    if dictionary_has_tag(case.tag):
        number = int(re.match(r"\d+", dictionary_VM(case.tag))[0])  # type: ignore[index]
    if vr in ("US", "SS", "SL", "UL", "FL", "FD", "AT"):
        return bytes({"US": 2, "SS": 2, "FD": 8}.get(vr, 4) * number)
    one = {
        "DA": b"20000101",
        "TM": b"000000",
        "DT": b"20000101000000",
        "AS": b"000Y",
        "DS": b"0",
        "IS": b"0",
        "UR": b"urn:removed",
    }.get(vr, b"REMOVED")
    return b"\\".join([one] * number)


def keyed_uid(uid: bytes) -> bytes:
    number = int.from_bytes(KEY.digest("uid", uid)[:16], "big")
    number = number & ~(0xF << 76) | 8 << 76
    return b"2.25.%d" % (number & ~(3 << 62) | 2 << 62)


@dataclass(frozen=True)
class Patient:
    """Who the instance is about, and what the key makes of that."""

    message: bytes

    @classmethod
    def of(cls, cases: Iterable[Case]) -> Patient:
        top = {case.tag: case.value() for case in cases if not case.path}
        issuer, patient_id = top.get(0x00100021, b""), top.get(PATIENT_ID, b"PID-48151")
        return cls(b"id\0" + issuer + b"\0" + patient_id)

    @property
    def pseudonym(self) -> bytes:
        return b32encode(KEY.digest("patient", self.message)).lower()[:16]

    def moved(self, vr: str, value: bytes) -> bytes:
        if vr == "TM":
            return value
        offsets = [days for days in range(SHIFT[0], SHIFT[1] + 1) if days]
        index = int.from_bytes(KEY.digest("date", self.message)[:8], "big") % len(offsets)
        day = datetime.strptime(value[:8].decode(), "%Y%m%d") + timedelta(days=offsets[index])
        return day.strftime("%Y%m%d").encode() + value[8:]


def changed_date(case: Case, column: Column, vr: str, patient: Patient) -> bytes:
    value: bytes = case.value()
    if column.dates == "shift":
        return patient.moved(vr, value)
    day = {"neutral": b"20000101", "year": value[:4] + b"0101"}.get(column.dates, b"20000101")
    return {"DA": day, "TM": b"000000", "DT": day + b"000000"}[vr]


def complaint(case: Case, column: Column, form: Form, found: DataSet, patient: Patient) -> str | None:
    """Return what is wrong with the case's element in the output, or nothing."""
    vr = case.vr_in(form)
    wanted = fate(case, column, vr)
    there = values(found, *case.path, case.tag)
    if wanted == "X":
        return None if not there else "still there"
    if wanted == "ours":
        return None if there else "not stamped"
    if len(there) != 1:
        return f"{len(there)} times there, wanted {wanted}"
    value = there[0]
    if vr == "SQ":
        return sequence_complaint(case, wanted, value)
    value = value.rstrip(b" \0") if vr not in ("US", "SL", "FL", "FD", "AT", "OB", "OW", "UN") else value
    expected = {
        "Z": b"REMOVED" if column.zero == "placeholder" and vr in TEXTS | {"PN"} else b"",
        "D": dummy(case, vr),
        "U": keyed_uid(case.value()) if wanted == "U" else b"",
        "K": case.value(),
        "patient": patient.pseudonym,
        "text": case.medical,
        "date": changed_date(case, column, vr, patient) if wanted == "date" else b"",
    }[wanted]
    return None if value == expected else f"{value!r} instead of {expected!r} ({wanted})"


def sequence_complaint(case: Case, wanted: str, items: list[DataSet]) -> str | None:
    if wanted == "Z":
        return None if items == [] else "items left"
    if len(items) != 1:
        return f"{len(items)} items, wanted {wanted}"
    rows = values(items[0], 0x00280010)
    if wanted == "K":
        return None if rows == [struct.pack("<H", case.number)] else "not descended into"
    return None if items[0] and rows != [struct.pack("<H", case.number)] else f"wanted {wanted}"


# the tests


@pytest.mark.parametrize("form", [EXPLICIT, IMPLICIT], ids=str)
@pytest.mark.parametrize("column", COLUMNS_OF_THE_TABLE, ids=lambda column: column.name)
def test_every_row_becomes_what_the_rules_say(column: Column, form: Form) -> None:
    profile = column.profile()
    wrong = []
    for sop_class, cases in cases_by_instance().items():
        output = bytes(deidentify(made(sop_class, cases, form), profile, KEY))
        found, patient = read_file(output), Patient.of(cases)
        for case in cases:
            problem = complaint(case, column, form, found, patient)
            if problem is None and case.token in output and fate(case, column, case.vr_in(form)) != "K":
                problem = "its value stands in the output"
            if problem is not None:
                wrong.append(
                    f"{case.row.tag} {case.row.keyword} {case.vr} Type {case.type} {case.path}: {problem}"
                )
    assert not wrong, "\n".join(wrong)


def test_every_row_stands_at_both_depths_and_under_many_types() -> None:
    cases = [case for found in cases_by_instance().values() for case in found]
    tags = {tag for row in all_rows() if row.tag != "private" for tag in tags_of(row)}
    top = {tag for tag in tags if tag >> 16 not in (0x0002, 0x0004)}
    assert {case.tag for case in cases if not case.path} == top - {0x00080016}
    assert {case.tag for case in cases if len(case.path) == 2} == tags - {0x00080016}
    kinds = Counter((len(case.path), case.type) for case in cases)
    assert kinds.keys() == {
        *((0, kind) for kind in ("1", "2", "3")),  # IODs that are known in part have no row of their own
        *((2, kind) for kind in ("1", "2", "3", None)),
    }


PRIVATE: DataSet = [
    (0x00090010, "LO", b"SHOP OF SECRETS "),
    (0x00091001, "LO", b"Zq-private-x"),
    (0x00091002, "SQ", [[(0x00280010, "US", b"\x07\x00"), (0x00101060, "PN", b"Zq-private-y")]]),
]


@pytest.mark.parametrize("form", [EXPLICIT, IMPLICIT], ids=str)
@pytest.mark.parametrize("column", COLUMNS_OF_THE_TABLE, ids=lambda column: column.name)
@pytest.mark.parametrize("depth", [0, 2])
def test_the_row_of_private_attributes_holds_for_what_nobody_lists(
    column: Column, form: Form, depth: int
) -> None:
    outer, inner = UNNAMED_SEQUENCES
    content: DataSet = PRIVATE if depth == 0 else [(outer, "SQ", [[(inner, "SQ", [PRIVATE])]])]
    output = bytes(deidentify(part10(instance(*content), form), column.profile(), KEY))
    assert b"SHOP OF SECRETS" not in output
    assert b"Zq-private" not in output
    assert not any(tag >> 16 == 9 for tag, _, _ in read_file(output))
