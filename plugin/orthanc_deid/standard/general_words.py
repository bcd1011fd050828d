"""Everyday words that texts keep beside the medical ones; `vocabulary/SOURCE.md` names their sources.

They are for keeping only: what counts as a name, a place or an address is judged by `medical_words` alone, so that
a hospital called `Sunrise` is found in a text although `sunrise` is a word.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Final

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
        line = self.lines.get(word[:BEGINNING])
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


@dataclass(frozen=True, slots=True)
class CompactWords:
    """The words of several lists."""

    lists: tuple[CompactList, ...]

    def __contains__(self, word: str) -> bool:
        return any(word in each for each in self.lists)


@cache
def general_words() -> CompactWords:
    """Return the everyday words of English and Russian, without names."""
    return read_compact("general_english.txt", "general_russian.txt")


def read_compact(*names: str) -> CompactWords:
    """Return the words of lists in the compact form; each numbers its endings from its own first line."""
    return CompactWords(tuple(_read(name) for name in names))


def _read(name: str) -> CompactList:
    text = files(__package__).joinpath("vocabulary", name).read_text(encoding="utf-8")
    head, _, words = text.partition("\n\n")
    numbered = (line.partition(" = ") for line in head.splitlines() if not line.startswith("#"))
    endings = {number: f" {ends} " for number, _, ends in numbered}
    return CompactList({line[:BEGINNING]: line for line in words.splitlines()}, endings)
