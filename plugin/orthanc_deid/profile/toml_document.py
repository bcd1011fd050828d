"""The TOML text of one profile file: parsed and validated to a `Profile`, with all faults by key path."""

from __future__ import annotations

import json
import math
import re
import tomllib
from datetime import date, time
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from orthanc_deid.profile.entry_conflicts import cross_faults
from orthanc_deid.profile.faults import Fault, faults_of, format_key_path
from orthanc_deid.profile.model import Profile
from orthanc_deid.profile.pseudonym_file import PseudonymFileKind, PseudonymTable, read_pseudonyms
from orthanc_deid.profile.pseudonym_settings import PSEUDONYM_FILES
from orthanc_deid.profile.toml_lines import KeyPath, TomlLines


class TomlDocument:
    """A profile file: `data` as parsed (empty where it is not TOML), and all faults found so far.

    Pseudonym files are read from `folder`. Nothing is raised: `profile` is None where there are `faults`.
    """

    def __init__(self, label: str, text: str, folder: Path | None) -> None:
        self.label = label
        self.faults: list[Fault] = []
        self.data: dict[str, Any] = {}
        self._folder = folder
        self._text = text
        try:
            self.data = tomllib.loads(text)
        except (tomllib.TOMLDecodeError, RecursionError) as error:
            self.faults.append(_syntax_fault(str(error), text))
            self.profile: Profile | None = None
            return
        self.profile = self._validate()

    @property
    def name(self) -> str:
        """The name of the profile in the file; empty where it has none."""
        name = self.data.get("name")
        return name if isinstance(name, str) else ""

    def report(self) -> list[str]:
        """Return the faults as lines of text, in the order of their lines in the file."""
        lines = TomlLines(self._text) if self.data else None  # invalid TOML has no keys
        placed = [
            (fault.line or (lines.line(fault.key_path) if lines else 1), fault) for fault in self.faults
        ]
        placed.sort(key=lambda pair: (bool(pair[1].file), pair[0]))
        return [_report_line(line, fault) for line, fault in placed]

    def _validate(self) -> Profile | None:
        plain = _plain(self.data, (), self.faults)
        reported = {fault.key_path for fault in self.faults}
        self.faults += cross_faults(plain)
        tables = self._pseudonyms(plain)
        try:
            profile = Profile.model_validate_json(
                json.dumps(plain), strict=True, by_alias=True, by_name=False
            )
        except ValidationError as error:
            self.faults += [fault for fault in faults_of(error) if fault.key_path not in reported]
            return None
        if tables:  # the default Pseudonyms are shared by all profiles that say nothing of them
            profile.pseudonyms._tables = tables
        return None if self.faults else profile

    def _pseudonyms(self, data: dict[str, Any]) -> dict[str, PseudonymTable]:
        """Read the pseudonym files that the profile names, by the setting that names each."""
        settings = data.get("pseudonyms")
        named = settings if isinstance(settings, dict) else {}
        files = {setting: named[setting] for setting in PSEUDONYM_FILES if setting in named}
        return {
            setting: self._table(("pseudonyms", setting), file, PSEUDONYM_FILES[setting])
            for setting, file in files.items()
            if isinstance(file, str) and file  # the model reports all else
        }

    def _table(self, key_path: KeyPath, named: str, kind: PseudonymFileKind) -> PseudonymTable:
        if self._folder is None:
            self.faults.append(Fault(key_path, "a built-in profile has no pseudonym file"))
            return PseudonymTable()
        try:
            text = (self._folder / named).read_text(encoding="utf-8-sig")
        except OSError as error:
            reason = error.strerror or type(error).__name__
            self.faults.append(Fault(key_path, f"cannot be read ({reason}); accepted: a CSV file's path"))
            return PseudonymTable()
        except ValueError:  # not UTF-8, or a path with a NUL
            self.faults.append(Fault(key_path, "not a text in UTF-8; accepted: a CSV file in UTF-8"))
            return PseudonymTable()
        table, row_faults = read_pseudonyms(text, kind)
        file = Path(named).name
        self.faults += [Fault(key_path, fault.message, file, fault.line) for fault in row_faults]
        return table


def _report_line(line: int, fault: Fault) -> str:
    if fault.file:
        return f"{fault.file} line {line}: {fault.message}"
    return f"line {line}, {format_key_path(fault.key_path)}: {fault.message}"


def _syntax_fault(message: str, text: str) -> Fault:
    found = re.search(r" \(at (?:line (\d+), column \d+|end of document)\)$", message)
    line = int(found[1]) if found and found[1] else text.count("\n") + 1
    reason = message[: found.start()] if found else message
    return Fault((), f"not TOML: {reason}; accepted: key = value, [table] and [[table]]", line=line)


def _plain(value: Any, key_path: KeyPath, faults: list[Fault]) -> Any:
    """Return `value` as JSON can represent it; TOML's dates and infinite numbers are faults."""
    if isinstance(value, dict):
        return {key: _plain(item, (*key_path, key), faults) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item, (*key_path, index), faults) for index, item in enumerate(value)]
    if isinstance(value, date | time):
        faults.append(Fault(key_path, "a date or time without quotes; accepted: text in quotes"))
        return str(value)
    if isinstance(value, float) and not math.isfinite(value):
        faults.append(Fault(key_path, "not a number; accepted: a whole number"))
        return 0
    return value
