"""Lists of words in the compact form of `vocabulary/SOURCE.md`, which are searched as they are written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Final

LONGEST: Final = 40
"""Letters of the longest word that is looked up."""
BEGINNING: Final = 3
"""The letters that the words of a line have in common."""


@dataclass(frozen=True, slots=True)
class CompactList:
    """Words by their first letters, as a list has them: complete words, and stems with the number of their endings.

    The strings are searched as they are: 500,000 forms would take 80 MB as a set, and take 4 MB here.
    """

    lines: Mapping[str, str]
    endings: Mapping[str, str]

    def __contains__(self, word: str) -> bool:
        line = self.lines.get(word[:BEGINNING]) if len(word) <= LONGEST else None
        if line is None:
            return False
        line = f" {line} "
        return f" {word} " in line or any(
            self._has_ending(line, word, length) for length in range(len(word), BEGINNING - 1, -1)
        )

    def _has_ending(self, line: str, word: str, length: int) -> bool:
        """Whether the first letters of `word` are a stem of the line, and the others one of its endings."""
        stem = f" {word[:length]}:"
        at = line.find(stem)
        if at < 0:
            return False
        number = line[at + len(stem) : line.index(" ", at + 1)]
        return f" {word[length:] or '-'} " in self.endings[number]


def read_compact(name: str) -> CompactList:
    """Return the words of a list of `vocabulary`; each numbers its sets of endings by itself."""
    text = files(__package__).joinpath("vocabulary", name).read_text(encoding="utf-8")
    head, _, words = text.partition("\n\n")
    numbered = (line.partition(" = ") for line in head.splitlines() if not line.startswith("#"))
    endings = {number: f" {ends} " for number, _, ends in numbered}
    return CompactList({line[:BEGINNING]: line for line in words.splitlines()}, endings)
