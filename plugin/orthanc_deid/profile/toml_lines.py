"""On which line of a TOML text each key stands: `tomllib` reads the values, this finds their places.

The text must already have been read by `tomllib` without an error; what is not TOML is not looked for here.
"""

from __future__ import annotations

import re
import tomllib
from bisect import bisect_left

Place = tuple[str | int, ...]
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

    def line(self, place: Place) -> int:
        """Return the line of `place`, or of the nearest thing around it that is written out."""
        while place and place not in self._lines:
            place = place[:-1]
        return self._lines.get(place, 1)


class _Scanner:
    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._line_ends = [found.start() for found in re.finditer("\n", text)]
        self._counts: dict[Place, int] = {}
        self._lines: dict[Place, int] = {}

    def scan(self) -> dict[Place, int]:
        table: Place = ()
        self._skip_blank()
        while self._at < len(self._text):
            table = self._header() if self._text[self._at] == "[" else self._pair(table)
            self._skip_blank()
        return self._lines

    def _header(self) -> Place:
        repeated = self._text.startswith("[[", self._at)
        start = self._at
        self._at += 2 if repeated else 1
        self._skip_blank()
        place: Place = ()
        keys = self._key()
        for key in keys[:-1]:
            place = self._current((*place, key))
        place = (*place, keys[-1])
        if repeated:
            self._note(place, start)
            self._counts[place] = self._counts.get(place, -1) + 1
            place = (*place, self._counts[place])
        self._note(place, start)
        self._at = self._text.index("]", self._at) + (2 if repeated else 1)
        return place

    def _current(self, place: Place) -> Place:
        """An array of tables stands for its latest table in the headers after it."""
        return (*place, self._counts[place]) if place in self._counts else place

    def _pair(self, table: Place) -> Place:
        """Read `key = value`; the table stays the same."""
        start = self._at
        place = table
        for key in self._key():
            place = (*place, key)
            self._note(place, start)
        self._at = self._text.index("=", self._at) + 1
        self._value(place)
        return table

    def _value(self, place: Place) -> None:
        self._skip_blank()
        self._note(place, self._at)
        opening = self._text[self._at]
        if opening in "[{":
            self._at += 1
            self._skip_blank()
            self._items(place, "]" if opening == "[" else "}")
        else:
            pattern = _STRING if opening in "\"'" else _BARE_VALUE
            self._match(pattern)

    def _items(self, place: Place, closing: str) -> None:
        index = 0
        while self._text[self._at] != closing:
            if closing == "]":
                self._value((*place, index))
                index += 1
            else:
                self._pair(place)
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

    def _note(self, place: Place, at: int) -> None:
        self._lines.setdefault(place, bisect_left(self._line_ends, at) + 1)
