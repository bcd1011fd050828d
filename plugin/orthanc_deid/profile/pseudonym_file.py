"""Given pseudonyms: a CSV file `id_old,id_new[,issuer]`, checked row by row; pure, on the file's text.

Nothing here says a patient's ID: a fault names its line only.
"""

from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass, field

COLUMNS = ("id_old", "id_new", "issuer")
"""The columns' names; `issuer` may be left out, and the order is free."""

_NEW_ID = re.compile(r"[\x20-\x7e]{1,64}")
_NOT_IN_NAMES = frozenset("\\^=")  # value, component and group separators: PatientName equals PatientID

Patient = tuple[str | None, str]
"""(issuer, id), both trimmed; the issuer is None where the file has no such column."""


@dataclass(frozen=True)
class PseudonymTable:
    """The given pseudonyms by patient. Never printed: `repr` tells how many."""

    given: dict[Patient, str] = field(default_factory=dict, repr=False)

    def __len__(self) -> int:
        return len(self.given)

    def pseudonym(self, patient_id: str, issuer: str = "") -> str | None:
        """Return the pseudonym given to the patient (values as they stand in the instance), or None.

        A file with an issuer column names patients by issuer and ID; one without it by the ID alone.
        """
        trimmed = trim(patient_id)
        return self.given.get((trim(issuer), trimmed)) or self.given.get((None, trimmed))


@dataclass(frozen=True, slots=True)
class RowFault:
    """What is wrong on one line (counted from 1) of a pseudonym file, without any ID."""

    line: int
    message: str


def trim(text: str) -> str:
    """Return `text` without the padding that DICOM allows around an ID (spaces, NULs)."""
    return text.strip(" \0")


def read_pseudonyms(text: str) -> tuple[PseudonymTable, list[RowFault]]:
    """Return the table that the CSV `text` holds, and every fault; with faults the table is not to be used."""
    header_line = text.split("\n", 1)[0]
    delimiter = next((mark for mark in ",;\t" if mark in header_line), ",")
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    reading = _Reading()
    try:
        header = [name.strip().lower() for name in next(rows, [])]
        fault = _header_fault(header)
        if fault:
            return PseudonymTable(), [RowFault(1, fault)]
        for row in rows:
            if any(cell.strip() for cell in row):
                reading.take(rows.line_num, header, row)
    except csv.Error as error:
        reading.faults.append(RowFault(rows.line_num, f"not CSV: {error}; accepted: id_old,id_new per line"))
    if not reading.given and not reading.faults:
        reading.faults.append(RowFault(1, "no patient in the file; accepted: at least one row"))
    return PseudonymTable(reading.given), sorted(
        [*reading.faults, *reading.old_among_new()], key=lambda fault: fault.line
    )


def _header_fault(header: list[str]) -> str:
    if len(set(header)) == len(header) and set(COLUMNS[:2]) <= set(header) <= set(COLUMNS):
        return ""
    return "the first line must name the columns; accepted: id_old,id_new and optionally issuer"


class _Reading:
    """The rows read so far, with the lines on which patients and pseudonyms first stood."""

    def __init__(self) -> None:
        self.given: dict[Patient, str] = {}
        self.faults: list[RowFault] = []
        self._patient_lines: dict[Patient, int] = {}
        self._new_lines: dict[str, int] = {}

    def take(self, line: int, header: list[str], row: list[str]) -> None:
        if len(row) != len(header):
            self._fault(line, f"{len(row)} columns; accepted: {len(header)}, as the first line names them")
            return
        cells = dict(zip(header, map(trim, row), strict=True))
        old, new = cells["id_old"], cells["id_new"]
        message = _cell_fault(old, new)
        if message:
            self._fault(line, message)
            return
        patient: Patient = (cells.get("issuer"), old)
        if patient in self._patient_lines:
            self._fault(
                line, f"the patient of line {self._patient_lines[patient]} again; accepted: one row each"
            )
        elif new in self._new_lines:
            self._fault(
                line, f"the pseudonym of line {self._new_lines[new]} again; accepted: one patient each"
            )
        self._patient_lines.setdefault(patient, line)
        self._new_lines.setdefault(new, line)
        self.given.setdefault(patient, new)

    def old_among_new(self) -> list[RowFault]:
        """A pseudonym that is some patient's own ID hides nobody."""
        old_lines = {old: line for (_issuer, old), line in self._patient_lines.items()}
        return [
            RowFault(
                line, f"the pseudonym is the ID of the patient on line {old_lines[new]}; accepted: a new one"
            )
            for new, line in self._new_lines.items()
            if new in old_lines
        ]

    def _fault(self, line: int, message: str) -> None:
        self.faults.append(RowFault(line, message))


def _cell_fault(old: str, new: str) -> str:
    if not old or not new:
        return f"{'id_old' if not old else 'id_new'} is empty; accepted: both given"
    if len(old) > 64 or any(ord(letter) < 0x20 or letter == "\\" for letter in old):
        return "id_old is no LO value; accepted: up to 64 characters, no backslash, no control character"
    if not _NEW_ID.fullmatch(new) or _NOT_IN_NAMES & set(new):
        return (
            "id_new cannot be written everywhere; accepted: up to 64 printable ASCII characters, not \\ ^ ="
        )
    return ""
