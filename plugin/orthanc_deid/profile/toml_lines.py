"""The line of each key of a TOML text, which `tomllib` does not report.

The text must be valid: `tomllib` has parsed it before.
"""

from __future__ import annotations

import re
import tomllib
from bisect import bisect_left

KeyPath = tuple[str | int, ...]
"""Keys and array indices from the top of the document, as in ("attributes", 2, "when", 0, "equals")."""

_BLANK = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_STRING = re.compile(
    r'"""(?:[^\\]|\\.)*?"{3,5}|' + r"'''.*?'{3,5}|" + r'"(?:[^"\\\n]|\\.)*"|' + r"'[^'\n]*'", re.DOTALL
)
_BARE_VALUE = re.compile(r"[^,\]}#\n]*")
_KEY_DOT = re.compile(r"[ \t]*\.[ \t]*")
_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")


class TomlLines:
    """The lines (counted from 1) of a TOML document's keys, tables and array items."""

    def __init__(self, text: str) -> None:
        self._lines = _Scanner(text.replace("\r\n", "\n")).scan()

    def line(self, key_path: KeyPath) -> int:
        """Return the line of `key_path`, or of the innermost enclosing table or array that has one."""
        while key_path and key_path not in self._lines:
            key_path = key_path[:-1]
        return self._lines.get(key_path, 1)


class _Scanner:
    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._line_ends = [found.start() for found in re.finditer("\n", text)]
        self._counts: dict[KeyPath, int] = {}
        self._lines: dict[KeyPath, int] = {}

    def scan(self) -> dict[KeyPath, int]:
        table: KeyPath = ()
        self._skip_blank()
        while self._at < len(self._text):
            table = self._header() if self._text[self._at] == "[" else self._pair(table)
            self._skip_blank()
        return self._lines

    def _header(self) -> KeyPath:
        repeated = self._text.startswith("[[", self._at)
        start = self._at
        self._at += 2 if repeated else 1
        self._skip_blank()
        key_path: KeyPath = ()
        keys = self._key()
        for key in keys[:-1]:
            key_path = self._current((*key_path, key))
        key_path = (*key_path, keys[-1])
        if repeated:
            self._note(key_path, start)
            self._counts[key_path] = self._counts.get(key_path, -1) + 1
            key_path = (*key_path, self._counts[key_path])
        self._note(key_path, start)
        self._at = self._text.index("]", self._at) + (2 if repeated else 1)
        return key_path

    def _current(self, key_path: KeyPath) -> KeyPath:
        """Return the path of the latest table where `key_path` names an array of tables."""
        return (*key_path, self._counts[key_path]) if key_path in self._counts else key_path

    def _pair(self, table: KeyPath) -> KeyPath:
        """Read `key = value`; the table stays the same."""
        start = self._at
        key_path = table
        for key in self._key():
            key_path = (*key_path, key)
            self._note(key_path, start)
        self._at = self._text.index("=", self._at) + 1
        self._value(key_path)
        return table

    def _value(self, key_path: KeyPath) -> None:
        self._skip_blank()
        self._note(key_path, self._at)
        opening = self._text[self._at]
        if opening in "[{":
            self._at += 1
            self._skip_blank()
            self._items(key_path, "]" if opening == "[" else "}")
        else:
            pattern = _STRING if opening in "\"'" else _BARE_VALUE
            self._match(pattern)

    def _items(self, key_path: KeyPath, closing: str) -> None:
        index = 0
        while self._text[self._at] != closing:
            if closing == "]":
                self._value((*key_path, index))
                index += 1
            else:
                self._pair(key_path)
            self._skip_blank()
            if self._text[self._at] == ",":
                self._at += 1
                self._skip_blank()
        self._at += 1

    def _key(self) -> list[str]:
        keys = [self._simple_key()]
        while _KEY_DOT.match(self._text, self._at):
            self._match(_KEY_DOT)
            keys.append(self._simple_key())
        return keys

    def _simple_key(self) -> str:
        if self._text[self._at] in "\"'":
            quoted = self._match(_STRING)
            return str(tomllib.loads(f"key = {quoted}")["key"])
        return self._match(_BARE_KEY)

    def _skip_blank(self) -> None:
        self._match(_BLANK)

    def _match(self, pattern: re.Pattern[str]) -> str:
        found = pattern.match(self._text, self._at)
        if found is None:
            raise ValueError(f"not TOML at character {self._at}")
        self._at = found.end()
        return found[0]

    def _note(self, key_path: KeyPath, at: int) -> None:
        self._lines.setdefault(key_path, bisect_left(self._line_ends, at) + 1)
