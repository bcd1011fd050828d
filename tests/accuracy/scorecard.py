"""The figures: how many answers hold, by category, by place and by what was planted."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from accuracy.answers import Answer, Category

FLOORS: Final[dict[Category, float]] = {
    Category.TAG_RETAINED: 0.999,
    Category.TEXT_NOTNULL: 0.999,
    Category.TEXT_RETAINED: 0.98,
    Category.TEXT_REMOVED: 1.0,
    Category.DATE_SHIFTED: 1.0,
    Category.UID_CHANGED: 1.0,
    Category.UID_CONSISTENT: 1.0,
    Category.PATID_CONSISTENT: 1.0,
    Category.GEOMETRY: 1.0,
    Category.PIXELS_RETAINED: 1.0,
}
"""The least share of each category that must hold; pixels_hidden is reported only."""

LIMITS: Final = ("stranger", "transcribed", "respelled")
"""What begins `about` where nobody can know the name, scored apart: that of a person whom the instance names nowhere
else, an English name that a Russian text spells by its sound (Graves as Грейвс), which is no transliteration, and a
Russian name that is a medical word too, in the other alphabet than the instance has it (RULES.md, "Forms of names")."""


class Failure(NamedTuple):
    """An answer that does not hold, and what was found instead."""

    case: str
    answer: Answer
    found: str


@dataclass(slots=True)
class Figure:
    """How many of some answers hold."""

    right: int = 0
    total: int = 0

    @property
    def share(self) -> float:
        """The part that holds; 1 where nothing was asked."""
        return self.right / self.total if self.total else 1.0

    def add(self, *, holds: bool) -> None:
        self.total += 1
        self.right += holds

    def __str__(self) -> str:
        return f"{100 * self.share:7.2f} %  {self.right:6d} of {self.total:6d}"


@dataclass(slots=True)
class Scorecard:
    """The score of one run.

    `limit`: the names that nobody can know (`LIMITS`). `words`: kept words of the texts among `text_retained`.
    `withheld`: instances refused as they had to be. `refused`, `unverified`: instances that were lost by mistake.
    """

    figures: dict[Category, Figure] = field(default_factory=dict)
    limit: dict[str, Figure] = field(default_factory=dict)
    groups: dict[tuple[Category, str, str], Figure] = field(default_factory=dict)
    words: Figure = field(default_factory=Figure)
    failures: list[Failure] = field(default_factory=list)
    instances: int = 0
    withheld: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    unverified: Counter[str] = field(default_factory=Counter)

    def add(self, case: str, answer: Answer, *, holds: bool, found: str = "") -> None:
        """Count one answer."""
        if answer.about.startswith(LIMITS):
            self.limit.setdefault(answer.about, Figure()).add(holds=holds)
        else:
            self.figures.setdefault(answer.category, Figure()).add(holds=holds)
            self.groups.setdefault((answer.category, answer.group, answer.about), Figure()).add(holds=holds)
        if not holds:
            self.failures.append(Failure(case, answer, found))

    def texts(self) -> Figure:
        """Return the part of text_retained that is about texts cleaned by word, not about values kept as they are."""
        made = Figure()
        for (category, _, about), figure in self.groups.items():
            if category is Category.TEXT_RETAINED and about not in ("value", "private safe"):
                made.right += figure.right
                made.total += figure.total
        return made

    def below_floor(self) -> list[str]:
        """Return the categories that do not reach their floor."""
        found = [name for name, floor in FLOORS.items() if self.figures.get(name, Figure()).share < floor]
        return [str(name) for name in found]

    def __str__(self) -> str:
        lines = [f"{'category':<18} {'share':>9}  answers", *self._by_category(), ""]
        lines.append(f"texts cleaned by word, whole  {self.texts()}")
        lines.append(f"words of these texts          {self.words}")
        for about, figure in sorted(self.limit.items()):
            lines.append(f"known limit: {about:<24}{figure}")
        lines.append("")
        lines.append(f"instances scored: {self.instances}")
        lines += [
            f"withheld, as they must be: {name}: {count}" for name, count in sorted(self.withheld.items())
        ]
        lines += [f"REFUSED: {name}: {count}" for name, count in sorted(self.refused.items())]
        lines += [f"NOT VERIFIED: {name}: {count}" for name, count in sorted(self.unverified.items())]
        return "\n".join(lines)

    def _by_category(self) -> list[str]:
        lines = []
        for category in Category:
            figure = self.figures.get(category)
            if figure is None:
                lines.append(f"{category:<18}       -    reported only; nothing to score")
                continue
            floor = FLOORS.get(category)
            verdict = "" if floor is None or figure.share >= floor else f"   BELOW {100 * floor:g} %"
            lines.append(f"{category:<18} {figure}{verdict}")
        return lines

    def breakdown(self) -> str:
        """Return the figures of each category by place and kind."""
        rows = sorted(self.groups.items(), key=lambda row: tuple(map(str, row[0])))
        return "\n".join(
            f"{category:<17} {group:<12} {about:<18} {figure}" for (category, group, about), figure in rows
        )
