"""The reasons for which a text may be removed: it has something in common with an identifying value."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from orthanc_deid.verify.text.identifiers import UNSPACED, Kind, normalized
from orthanc_deid.verify.text.people import People
from orthanc_deid.verify.text.romanization import keys, split_scripts, without_modality_codes

_STEM = 3  # letters of a key that the spellings and cases of a name share
_FEWEST_LETTERS = 2  # of a part of a text in a script without spaces
_LETTERS = re.compile(r"[^\W\d_]+")


@dataclass(frozen=True, slots=True)
class RemovalReasons:
    """The words of the identifying values of one instance, the first letters of their keys, and the whole values.

    Looser than the search, since a removal only needs a reason; `Identifiers` decide on texts that remain.
    """

    words: frozenset[str]
    stems: frozenset[str]
    whole: frozenset[str]
    people: People

    @classmethod
    def of(cls, values: Iterable[tuple[Kind, str]]) -> RemovalReasons:
        """Return the reasons that follow from identifying values."""
        values = list(values)
        phrases = [normalized(value).split() for _, value in values]
        words = frozenset(word for phrase in phrases for word in phrase)
        stems = frozenset(key[:_STEM] for word in words for key in keys(word) if len(key) >= _STEM)
        parts = frozenset(word for word in words if len(word) >= _FEWEST_LETTERS and UNSPACED.search(word))
        return cls(
            words,
            stems,
            parts.union(map("".join, phrases)),
            People.of(value for kind, value in values if kind == "person"),
        )

    def may_be_in(self, text: str) -> bool:
        """Whether a text has anything in common with one of the values."""
        plain = normalized(text)
        words = {
            *plain.split(),
            *_LETTERS.findall(plain),
            *_LETTERS.findall(split_scripts(plain)),
        }  # IVANOV1985 contains a name as well
        words.update([part for part, _ in without_modality_codes(words)])
        if not self.words.isdisjoint(words):
            return True
        spelled = words | {word.replace("w", "v") for word in words}  # German and Polish w
        if any(key[:_STEM] in self.stems for word in spelled for key in keys(word)):
            return True
        dense = plain.replace(" ", "")
        return any(each in dense for each in self.whole) or self.people.may_be_named(text)
