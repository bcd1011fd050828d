"""quarantine.csv: the files that were not delivered, with reasons. No other file of a report names source paths.

Its mode is 0600. Every run writes it anew, with the files of earlier runs from the ledger, and replaces the last one
at the end.
"""

from __future__ import annotations

import csv
import os
from collections import Counter
from pathlib import Path
from types import TracebackType

from orthanc_deid.pipeline.tasks import State
from orthanc_deid.sources.folder_source import Skipped

QUARANTINE_COLUMNS = ("File", "Path", "Outcome", "Rule", "Reason")
_OUTCOMES = {State.IGNORED: "not DICOM"}


class QuarantineCsv:
    """The file while it is written. All methods raise OSError where it cannot be written."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._part = path.with_name(f".{path.name}.part")
        self._part.unlink(missing_ok=True)
        handle = os.open(self._part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        self._file = os.fdopen(handle, "w", encoding="utf-8", newline="")
        self._rows = csv.writer(self._file)
        self._rows.writerow(QUARANTINE_COLUMNS)
        self._retracted: Counter[str] = Counter()

    def add(self, file_id: bytes, path: str, state: State, rule: str, reason: str) -> None:
        """Add a file that was not delivered; `file_id` is that of the ledger and of instances.csv."""
        self._rows.writerow((file_id.hex(), printable(path), _OUTCOMES.get(state, state.value), rule, reason))

    def retract(self, file_id: bytes) -> None:
        """Remove the first line that was added for the file: its outcome has changed."""
        self._retracted[file_id.hex()] += 1

    def add_skipped(self, skipped: Skipped) -> None:
        """Add an entry of the tree that is not a file to be read."""
        outcome = "failed" if skipped.failed else "passed"
        self._rows.writerow(("", printable(skipped.path), outcome, skipped.rule, skipped.rule))

    def close(self, keep: bool) -> None:
        """Replace the last file, or leave it where the run was stopped (`keep` false)."""
        if self._file.closed:
            return
        self._file.close()
        if keep:
            self._drop_retracted()
            os.replace(self._part, self._path)  # noqa: PTH105 - pathlib's docstring promises less on Windows
        else:
            self._part.unlink(missing_ok=True)

    def _drop_retracted(self) -> None:
        if not self._retracted:
            return
        kept = self._part.with_name(f"{self._part.name}.kept")
        kept.unlink(missing_ok=True)
        handle = os.open(kept, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with (
            os.fdopen(handle, "w", encoding="utf-8", newline="") as target,
            self._part.open(encoding="utf-8", newline="") as source,
        ):
            rows = csv.writer(target)
            for row in csv.reader(source):
                if self._retracted[row[0]] > 0:
                    self._retracted[row[0]] -= 1
                else:
                    rows.writerow(row)
        os.replace(kept, self._part)  # noqa: PTH105 - as above

    def __enter__(self) -> QuarantineCsv:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close(keep=False)


def printable(path: str) -> str:
    """Return a relative path in a form that is safe in a table.

    It starts with `./`, so that no spreadsheet reads it as a formula; control characters, and bytes that are not
    UTF-8, are written as `\\xNN`.
    """
    shown = "".join(_shown(character) for character in path)
    return f".{os.sep}{shown}" if shown else "."


def _shown(character: str) -> str:
    number = ord(character)
    if 0xDC80 <= number <= 0xDCFF:
        return f"\\x{number - 0xDC00:02X}"
    if number < 0x20 or 0x7F <= number <= 0x9F or 0xD800 <= number <= 0xDFFF or number in (0x2028, 0x2029):
        return f"\\x{number:02X}"
    return character
