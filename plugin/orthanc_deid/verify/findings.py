"""The findings of the check: lines that name rule, kind and tag path, and never a value."""

from __future__ import annotations

from dataclasses import dataclass, field

from orthanc_deid.dicom.tags import ElementPath, format_path

MOST = 50
"""Findings that are listed; further ones are only counted."""


@dataclass(slots=True)
class Findings:
    """The lines in the order in which they were added, each once; false while there are none."""

    _lines: dict[str, None] = field(default_factory=dict)
    _more: int = 0

    def add(self, rule: str, kind: str, path: ElementPath = ()) -> None:
        """Add a finding: `kind` at `path` violates `rule`; an empty path means the whole instance."""
        line = f"{rule}: {kind} {format_path(path)}" if path else f"{rule}: {kind}"
        if line in self._lines:
            return
        if len(self._lines) < MOST:
            self._lines[line] = None
        else:
            self._more += 1

    def __len__(self) -> int:
        """Return how many were found, those that are not listed included."""
        return len(self._lines) + self._more

    def lines(self) -> tuple[str, ...]:
        """Return the lines, the last one counting those that are not listed."""
        more = (f"and {self._more} more",) if self._more else ()
        return (*self._lines, *more)
