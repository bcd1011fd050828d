"""The chart of identifying tags as SVG: bars by modality and definition, and a line at the 60 % of the article."""

from __future__ import annotations

from collections.abc import Sequence

from orthanc_deid.report.analysis.analysis import ARTICLE, Scope, Shares
from orthanc_deid.report.analysis.layout import MOST_SCOPES, NAMES
from orthanc_deid.report.catalogue import word
from orthanc_deid.report.html import Html, html
from orthanc_deid.report.quantities import percent

TONES = ("accent", "quarantined", "other")
"""One for each definition, in the order of `Shares`."""

_NAMES = {name: word(key, name="tspan") for name, key in NAMES.items()} | {"": "\u2211"}
_WIDTH, _HEIGHT = 960, 340
_LEFT, _RIGHT, _TOP, _BOTTOM = 52, 16, 18, 40


def shares(values: Shares) -> tuple[float, float, float]:
    """Return the three shares in order."""
    return values.table, values.table_or_private, values.table_or_private_or_vr


def charted(scopes: Sequence[Scope]) -> list[Scope]:
    """Return the scopes that the chart shows: all instances, then modalities."""
    whole = [scope for scope in scopes if scope.kind == "all"]
    return whole + [scope for scope in scopes if scope.kind == "modality"][:MOST_SCOPES]


def chart(scopes: Sequence[Scope], heading: str) -> Html:
    """Return the chart of the share of distinct attributes; `heading` is the id of the element that names it."""
    shown = charted(scopes)
    drawn = [_axis()]
    step = (_WIDTH - _LEFT - _RIGHT) / max(len(shown), 1)
    for number, scope in enumerate(shown):
        drawn.append(_group(scope, _LEFT + number * step, step))
    drawn.append(_line())
    size = f"0 0 {_WIDTH} {_HEIGHT}"
    return Html(f'<svg viewBox="{size}" role="img" aria-labelledby="{heading}">{"".join(drawn)}</svg>')


def _y(share: float) -> float:
    return _TOP + (1.0 - share) * (_HEIGHT - _TOP - _BOTTOM)


def _axis() -> str:
    lines = []
    for level in range(0, 101, 20):
        y = _y(level / 100)
        lines.append(f'<line class="grid" x1="{_LEFT}" x2="{_WIDTH - _RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>')
        lines.append(f'<text x="{_LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{level} %</text>')
    return "".join(lines)


def _group(scope: Scope, left: float, step: float) -> str:
    width = min(34.0, step * 0.26)
    start = left + (step - 3 * width) / 2
    parts = []
    for place, share in enumerate(shares(scope.by_attribute)):
        x, y = start + place * width, _y(share)
        parts.append(
            f'<rect class="{TONES[place]}" x="{x:.1f}" y="{y:.1f}" width="{width - 2:.1f}" '
            f'height="{_y(0.0) - y:.1f}">{percent(share, "title")}</rect>'
        )
        if width >= 24:
            middle = x + width / 2 - 1
            parts.append(
                f'<text class="small" x="{middle:.1f}" y="{y - 4:.1f}" text-anchor="middle">{share:.0%}</text>'
            )
    name = _NAMES.get(scope.name) or html(scope.name)
    parts.append(f'<text x="{left + step / 2:.1f}" y="{_HEIGHT - 18}" text-anchor="middle">{name}</text>')
    return "".join(parts)


def _line() -> str:
    y = _y(ARTICLE)
    return f'<line class="mark" x1="{_LEFT}" x2="{_WIDTH - _RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>'
