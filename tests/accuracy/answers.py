"""The answer key: what must have become of an instance, in the vocabulary of the MIDI-B benchmark."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple


class Category(StrEnum):
    """The actions that MIDI-B scores, and geometry: numbers that must be equal or absent."""

    TAG_RETAINED = "tag_retained"
    TEXT_NOTNULL = "text_notnull"
    TEXT_RETAINED = "text_retained"
    TEXT_REMOVED = "text_removed"
    DATE_SHIFTED = "date_shifted"
    UID_CHANGED = "uid_changed"
    UID_CONSISTENT = "uid_consistent"
    PATID_CONSISTENT = "patid_consistent"
    GEOMETRY = "geometry"
    PIXELS_RETAINED = "pixels_retained"
    PIXELS_HIDDEN = "pixels_hidden"


class Step(NamedTuple):
    """One step into a data set: a tag, the creator of a private one (its block then counts as 10), an item or -1."""

    tag: int
    creator: str = ""
    item: int = -1

    def __str__(self) -> str:
        tag = f"({self.tag >> 16:04X},{self.tag & 0xFFFF:04X})"
        return (
            tag + (f'"{self.creator}"' if self.creator else "") + (f"[{self.item}]" if self.item >= 0 else "")
        )


Path = tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """What must hold of one place of an instance.

    `group`: where it stands, `about`: what it is; both for the breakdown. `value`: the value as it was, or the text
    that must stay. `whole`: whether that is the whole value. `forms`: the words and phrases of which none may stay.
    `style`: how a date in a text is written; empty where the whole value is a date.
    """

    category: Category
    path: Path
    group: str
    about: str = ""
    value: str = ""
    whole: bool = True
    forms: tuple[str, ...] = ()
    style: str = ""

    @property
    def where(self) -> str:
        return ".".join(str(step) for step in self.path)
