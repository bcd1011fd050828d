"""The expected result for a row's attribute, computed from `profile/RULES.md` and Table E.1-1 without the engine."""

from __future__ import annotations

import re
import struct
from base64 import b32encode
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from pydicom.datadict import dictionary_has_tag, dictionary_VM

from standard.table_cases import KEY, SHIFT, TEXTS, Case, Column
from support.data.datasets import (
    DataSet,
    Form,
    values,
)

LONGITUDINAL = {"rtn_long_full_dates", "rtn_long_modif_dates"}
PATIENT_NAME, PATIENT_ID = 0x00100010, 0x00100020
REFERENCES = {
    "ReferencedPerformedProcedureStepSequence",
    "ReferencedStudySequence",
    "ReferencedPatientSequence",
}
OURS = {0x00120062, 0x00120063, 0x00120064, 0x00280303}

# RULES.md, "Names of structures, plans and beams"
NAMES_OF_STRUCTURES = {
    *(0x30060002, 0x30060004, 0x30060026, 0x30060085, 0x300A0002, 0x300A0003, 0x300A00C2, 0x300A0183),
    *(0x300A0236, 0x30100017, 0x30100033, 0x30100034, 0x30100035, 0x30100036),
}

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
        return "K" if vr not in ("UN", "CS") else floored("X", case, vr)  # a CS of no known word
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
    return {"SQ": "K", "US": "K"}.get(vr) or floored("X", case, vr)


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


def structure_name(name: bytes) -> bytes:
    """Return the name's replacement: one in which a person is named is replaced whole, never cut."""
    letters = b32encode(KEY.digest("patient", b"structure\0" + name.strip())).lower()
    return b"X-" + letters.translate(bytes.maketrans(b"234567", b"qrstuv"))[:12]


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
        "text": structure_name(case.value()) if case.tag in NAMES_OF_STRUCTURES else case.medical,
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
