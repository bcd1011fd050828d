"""The chart of identifying tags as PNG and SVG files, by matplotlib (the extra `report`)."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from matplotlib import rc_context
from matplotlib.figure import Figure

from orthanc_deid.report.analysis.analysis import ARTICLE, Scope
from orthanc_deid.report.analysis.chart import charted, shares

_COLOURS = ("#0b6e99", "#c9772b", "#9aa7b4")
_NAMES = (
    "Table E.1-1",
    "Table E.1-1 or private",
    "Table E.1-1, private, or of a VR that can hold identity",
)


def draw(scopes: Sequence[Scope], png: Path, svg: Path) -> None:
    """Draw the chart into two files; the same numbers give the same files. Raises OSError."""
    shown = charted(scopes)
    with rc_context({"svg.hashsalt": "orthanc-deid", "svg.fonttype": "none", "font.size": 10}):
        figure = Figure(figsize=(max(7.0, 1.1 * len(shown) + 2.5), 4.5), layout="constrained")
        axes = figure.add_subplot()
        for place, (colour, name) in enumerate(zip(_COLOURS, _NAMES, strict=True)):
            heights = [100 * shares(scope.by_attribute)[place] for scope in shown]
            bars = axes.bar(
                [at + (place - 1) * 0.27 for at in range(len(shown))], heights, 0.25, color=colour, label=name
            )
            axes.bar_label(bars, fmt="%.0f", padding=2, fontsize=8)
        axes.axhline(
            100 * ARTICLE, color="#b23b3b", linestyle="--", linewidth=1.2, label="60 % (the article)"
        )
        axes.set_xticks(range(len(shown)), [scope.name or "all" for scope in shown])
        axes.set_ylim(0, 109)
        axes.set_ylabel("identifying among distinct attributes, %")
        axes.spines[["top", "right"]].set_visible(False)
        figure.legend(loc="outside upper center", ncols=2, frameon=False, fontsize=9)
        figure.savefig(png, dpi=150, metadata={"Software": None})
        figure.savefig(svg, metadata={"Date": None})
