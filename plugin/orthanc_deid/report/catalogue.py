"""Russian words for rules, reasons and findings, for every page that shows them; the English ones are the record's.

`russian.json` maps each phrase; `{}` stands for a part that varies. What the record holds is put together from
phrases: `identifying values (Basic Profile): person found (0010,0010)`. The page inside Orthanc is served the same
file, and does the same with it (`host/web/app/rules.js`).
"""

from __future__ import annotations

import json
import re
from functools import cache
from importlib.resources import files

from orthanc_deid.report.html import Html, both

_BETWEEN = re.compile(r"(: |; | \(|\))")
_HOLE = "{}"


def phrases_json() -> bytes:
    """Return the file with all phrases: an object in JSON, English to Russian."""
    return (files(__package__) / "russian.json").read_bytes()


@cache
def phrases() -> dict[str, str]:
    """Return all phrases, English to Russian."""
    found: dict[str, str] = json.loads(phrases_json())
    return found


def parts(text: str) -> list[str]:
    """Return the phrases and separators that a text is put together from, by turns."""
    return _BETWEEN.split(text)


def in_russian(text: str) -> str:
    """Return a rule, a reason or a finding in Russian, as far as it is known; the rest stays as it is."""
    return "".join(map(_phrase, parts(text)))


def told(text: str) -> Html:
    """Return a rule, a reason or a finding in both languages."""
    return both(text, in_russian(text))


@cache
def _patterns() -> tuple[tuple[re.Pattern[str], str], ...]:
    """Return the phrases that have a hole, those with most letters first."""
    holed = sorted((each for each in phrases() if _HOLE in each), key=len, reverse=True)
    return tuple(
        (re.compile(re.escape(each).replace(re.escape(_HOLE), "(.+)")), phrases()[each]) for each in holed
    )


def _phrase(text: str) -> str:
    known = phrases().get(text)
    if known is not None:
        return known
    for pattern, russian in _patterns():
        if found := pattern.fullmatch(text):
            return russian.replace(_HOLE, _phrase(found[1]))
    return text
