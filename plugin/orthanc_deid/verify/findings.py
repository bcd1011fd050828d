"""What the check found: lines that name rule, kind and tag path, and never a value."""

from __future__ import annotations

from dataclasses import dataclass, field

from orthanc_deid.dicom.tags import ElementPath, format_path

MOST = 50
"""Findings that are listed; of further ones only the number."""


@dataclass(slots=True)
class Findings:
    """The lines in the order in which they were found, each once."""

    _lines: dict[str, None] = field(default_factory=dict)
    _more: int = 0

    def add(self, rule: str, kind: str, path: ElementPath = ()) -> None:
        """Note that `kind` was found at `path` where `rule` says otherwise; no path: the whole instance."""
        line = f"{rule}: {kind} {format_path(path)}" if path else f"{rule}: {kind}"
        if line in self._lines:
            return
        if len(self._lines) < MOST:
            self._lines[line] = None
        else:
            self._more += 1

    def __bool__(self) -> bool:
        return bool(self._lines)

    def lines(self) -> tuple[str, ...]:
        """Return the lines, the last one counting those that are not listed."""
        more = (f"and {self._more} more",) if self._more else ()
        return (*self._lines, *more)
