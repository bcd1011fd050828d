"""Files of pseudonyms assigned by the site: CSV `id_old,id_new[,issuer]`, validated row by row.

One file is for patients, one for accession numbers, one for study IDs. No message holds an original ID: a fault names
its line only.
"""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass, field
from typing import Final

PSEUDONYM_COLUMNS = ("id_old", "id_new", "issuer")
"""The names of the columns, in any order; `issuer` is optional, and only for patients."""

_LONGEST_OLD: Final = 64  # characters, also for SH (16 by the standard), because devices write longer values


@dataclass(frozen=True, slots=True)
class PseudonymFileKind:
    """The kind of values that a file replaces: `name` and `original` are its words in messages.

    `columns` are those that the file may have. New values have up to `longest` printable ASCII characters, none of
    them `forbidden`.
    """

    name: str
    original: str
    longest: int
    forbidden: str
    columns: tuple[str, ...] = PSEUDONYM_COLUMNS[:2]

    def takes(self, new: str) -> bool:
        """Return whether `new` can be written into every instance."""
        printable = new.isascii() and new.isprintable()
        return printable and len(new) <= self.longest and not set(self.forbidden) & set(new)


PATIENTS: Final = PseudonymFileKind("patient", "the ID of the patient", 64, "\\^=", PSEUDONYM_COLUMNS)
"""PatientID has VR LO; PatientName equals it, so that the separators of PN are forbidden."""
ACCESSION_NUMBERS: Final = PseudonymFileKind("accession number", "the accession number", 16, "\\")
STUDY_IDS: Final = PseudonymFileKind("study ID", "the study ID", 16, "\\")

Patient = tuple[str | None, str]
"""(issuer, id), both trimmed; the issuer is None where the file has no such column."""


@dataclass(frozen=True)
class PseudonymTable:
    """The assigned pseudonyms by patient; never part of its `repr`."""

    given: dict[Patient, str] = field(default_factory=dict, repr=False)

    def __len__(self) -> int:
        return len(self.given)

    def pseudonym(self, patient_id: str, issuer: str = "") -> str | None:
        """Return the pseudonym assigned to the patient (arguments as encoded in the instance), or None.

        A file with an issuer column identifies patients by issuer and ID; one without it by the ID alone.
        """
        trimmed = trim(patient_id)
        return self.given.get((trim(issuer), trimmed)) or self.given.get((None, trimmed))


@dataclass(frozen=True, slots=True)
class RowFault:
    """A fault on one line (counted from 1) of a pseudonym file; the message holds no ID."""

    line: int
    message: str


def trim(text: str) -> str:
    """Return `text` without the padding that DICOM allows around an ID (spaces, NULs)."""
    return text.strip(" \0")


def read_pseudonyms(text: str, kind: PseudonymFileKind = PATIENTS) -> tuple[PseudonymTable, list[RowFault]]:
    """Return the table in the CSV `text`, and all faults; if there are any, the table must not be used."""
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
    if len(set(header)) == len(header) and set(PSEUDONYM_COLUMNS[:2]) <= set(header) <= set(kind.columns):
        return ""
    more = " and optionally issuer" if kind.columns == PSEUDONYM_COLUMNS else ""
    return f"the first line must name the columns; accepted: id_old,id_new{more}"


class _Reading:
    """The rows read so far, with the first line of each patient and each pseudonym."""

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
        """Return a fault for each pseudonym that equals an original ID: it would identify a patient."""
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
