"""Given pseudonyms: a CSV file `id_old,id_new[,issuer]`, checked row by row; pure, on the file's text.

One file gives them to patients, others to accession numbers and study IDs. Nothing here says an original ID: a fault
names its line only.
"""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass, field
from typing import Final

COLUMNS = ("id_old", "id_new", "issuer")
"""The columns' names; `issuer` is for patients and may be left out, and the order is free."""

_LONGEST_OLD: Final = 64  # characters; also where SH allows 16, because devices write more all the same


@dataclass(frozen=True, slots=True)
class PseudonymFileKind:
    """What a file gives new values to. `name` and `original` say it in a sentence; `columns` are those it may have.

    New values have up to `longest` printable ASCII characters, none of them `forbidden`.
    """

    name: str
    original: str
    longest: int
    forbidden: str
    columns: tuple[str, ...] = COLUMNS[:2]

    def takes(self, new: str) -> bool:
        """Whether `new` can be written into every instance."""
        printable = new.isascii() and new.isprintable()
        return printable and len(new) <= self.longest and not set(self.forbidden) & set(new)


PATIENTS: Final = PseudonymFileKind("patient", "the ID of the patient", 64, "\\^=", COLUMNS)
"""PatientID is an LO; PatientName equals it, so that separators of components and groups are no part of it."""
ACCESSION_NUMBERS: Final = PseudonymFileKind("accession number", "the accession number", 16, "\\")
STUDY_IDS: Final = PseudonymFileKind("study ID", "the study ID", 16, "\\")

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


def read_pseudonyms(text: str, kind: PseudonymFileKind = PATIENTS) -> tuple[PseudonymTable, list[RowFault]]:
    """Return the table that the CSV `text` holds, and every fault; with faults the table is not to be used."""
    header_line = text.split("\n", 1)[0]
    delimiter = next((mark for mark in ",;\t" if mark in header_line), ",")
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    reading = _Reading(kind)
    try:
        header = [name.strip().lower() for name in next(rows, [])]
        fault = _header_fault(header, kind)
        if fault:
            return PseudonymTable(), [RowFault(1, fault)]
        for row in rows:
            if any(cell.strip() for cell in row):
                reading.take(rows.line_num, header, row)
    except csv.Error as error:
        reading.faults.append(RowFault(rows.line_num, f"not CSV: {error}; accepted: id_old,id_new per line"))
    if not reading.given and not reading.faults:
        reading.faults.append(RowFault(1, f"no {kind.name} in the file; accepted: at least one row"))
    return PseudonymTable(reading.given), sorted(
        [*reading.faults, *reading.old_among_new()], key=lambda fault: fault.line
    )


def _header_fault(header: list[str], kind: PseudonymFileKind) -> str:
    if len(set(header)) == len(header) and set(COLUMNS[:2]) <= set(header) <= set(kind.columns):
        return ""
    more = " and optionally issuer" if kind.columns == COLUMNS else ""
    return f"the first line must name the columns; accepted: id_old,id_new{more}"


class _Reading:
    """The rows read so far, with the lines on which patients and pseudonyms first stood."""

    def __init__(self, kind: PseudonymFileKind) -> None:
        self._of = kind
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
        message = _cell_fault(old, new, self._of)
        if message:
            self._fault(line, message)
            return
        patient: Patient = (cells.get("issuer"), old)
        if patient in self._patient_lines:
            first = self._patient_lines[patient]
            self._fault(line, f"the {self._of.name} of line {first} again; accepted: one row each")
        elif new in self._new_lines:
            first = self._new_lines[new]
            self._fault(line, f"the pseudonym of line {first} again; accepted: one {self._of.name} each")
        self._patient_lines.setdefault(patient, line)
        self._new_lines.setdefault(new, line)
        self.given.setdefault(patient, new)

    def old_among_new(self) -> list[RowFault]:
        """A pseudonym that is some patient's own ID hides nobody."""
        old_lines = {old: line for (_issuer, old), line in self._patient_lines.items()}
        message = f"the pseudonym is {self._of.original} on line {{}}; accepted: a new one"
        both = ((line, old_lines[new]) for new, line in self._new_lines.items() if new in old_lines)
        return [RowFault(line, message.format(first)) for line, first in both]

    def _fault(self, line: int, message: str) -> None:
        self.faults.append(RowFault(line, message))


def _cell_fault(old: str, new: str, kind: PseudonymFileKind) -> str:
    if not old or not new:
        return f"{'id_old' if not old else 'id_new'} is empty; accepted: both given"
    if len(old) > _LONGEST_OLD or any(ord(letter) < 0x20 or letter == "\\" for letter in old):
        return f"id_old cannot be an ID; accepted: up to {_LONGEST_OLD} characters, no backslash or control character"
    if not kind.takes(new):
        return (
            f"id_new cannot be written everywhere; accepted: up to {kind.longest} printable ASCII characters, "
            f"not {' '.join(kind.forbidden)}"
        )
    return ""
