"""What a benchmark reports: absolute figures, ratios, and claims held against what must be reached."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from benchmarks.measuring import Rounds


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured thing: `seconds` per unit (median), spread as the quickest and slowest round."""

    name: str
    seconds: float
    quickest: float
    slowest: float
    ratios: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Claim:
    """A figure that must be reached: at least, or at most, `target`. `value` is None where it was not measured."""

    name: str
    value: float | None
    target: float
    at_most: bool = False
    unit: str = "x"
    aim: float | None = None

    @property
    def reached(self) -> bool | None:
        """Whether the target is reached; None where nothing was measured."""
        if self.value is None:
            return None
        return self.value <= self.target if self.at_most else self.value >= self.target


@dataclass(frozen=True, slots=True)
class Group:
    """The figures of one benchmark."""

    title: str
    unit: str
    figures: Sequence[Figure]
    claims: Sequence[Claim] = ()
    notes: Sequence[str] = ()
    micro: bool = False
    """Whether times are printed in microseconds instead of milliseconds."""

    def as_json(self) -> dict[str, Any]:
        """Return everything as JSON values."""
        claims = [{**asdict(claim), "reached": claim.reached} for claim in self.claims]
        return {**asdict(self), "claims": claims}

    def as_text(self) -> str:
        """Return the tables that are printed."""
        lines = [self.title, "=" * len(self.title), *self._figure_lines()]
        if self.claims:
            lines += ["", *_claim_lines(self.claims)]
        return "\n".join([*lines, *(f"  - {note}" for note in self.notes), ""])

    def _figure_lines(self) -> list[str]:
        columns = list(dict.fromkeys(name for figure in self.figures for name in figure.ratios))
        shown = 1e6 if self.micro else 1e3
        head = [
            "",
            f"{'us' if self.micro else 'ms'} per {self.unit}",
            "(least - most)",
            "per second",
            *columns,
        ]
        rows = [head]
        for figure in self.figures:
            spread = f"({figure.quickest * shown:.3f} - {figure.slowest * shown:.3f})"
            rate = f"{1 / figure.seconds:,.1f}"
            ratios = [f"{figure.ratios[name]:.2f}" if name in figure.ratios else "" for name in columns]
            rows.append([figure.name, f"{figure.seconds * shown:.3f}", spread, rate, *ratios])
        return _aligned(rows)


def figures(rounds: Rounds, columns: Mapping[str, str]) -> list[Figure]:
    """Return a figure per contender; `columns` names the ratios: heading to the contender that they refer to."""
    made = []
    for name, seconds in rounds.seconds.items():
        ratios = {heading: rounds.rate(name, reference) for heading, reference in columns.items()}
        known = {heading: ratio for heading, ratio in ratios.items() if ratio is not None}
        made.append(Figure(name, rounds.median(name), min(seconds), max(seconds), known))
    return made


def notes(rounds: Rounds) -> list[str]:
    """Say what could not be measured, and why."""
    return [f"not measured: {name} ({why})" for name, why in rounds.left_out.items()]


def _claim_lines(claims: Sequence[Claim]) -> list[str]:
    rows = [["must reach", "measured", "target", "aim", ""]]
    for claim in claims:
        word = "at most" if claim.at_most else "at least"
        measured = "-" if claim.value is None else f"{claim.value:.2f}{claim.unit}"
        aim = "" if claim.aim is None else f"{claim.aim:g}{claim.unit}"
        verdict = {True: "reached", False: "NOT REACHED", None: "not measured"}[claim.reached]
        rows.append([claim.name, measured, f"{word} {claim.target:g}{claim.unit}", aim, verdict])
    return _aligned(rows)


def _aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = []
    for row in rows:
        first = row[0].ljust(widths[0])
        rest = [cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True)]
        lines.append("  " + "  ".join([first, *rest]).rstrip())
    lines.insert(1, "  " + "  ".join("-" * width for width in widths))
    return lines
