"""The catalogue of words, English and Russian, for all pages: those inside Orthanc and those that are one file.

`words.json` holds the words of the interface by key; `{0}`, `{1}` stand for values. `reasons.json` translates what
the ledger holds (rules, reasons, findings, notes): it maps each English phrase to Russian, and `{}` stands for the
part that varies. The ledger's texts are composed of phrases: `identifying values (Basic Profile): person found
(0010,0010)`.

The modules of the page inside Orthanc get the same two tables (`host/web/static_pages.py`) and translate in the same
way (`host/web/app/words.js`, `host/web/app/reasons.js`).
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

from orthanc_deid.report.html import Html, both, grouped

_SEPARATOR = re.compile(r"(: |; | \(|\))")
_HOLE = "{}"


def words_json() -> str:
    """Return the text of `words.json`: an object in JSON, key to `{"en": ..., "ru": ...}`."""
    return files(__package__).joinpath("words.json").read_text(encoding="utf-8")


def reasons_json() -> str:
    """Return the text of `reasons.json`: an object in JSON, English to Russian."""
    return files(__package__).joinpath("reasons.json").read_text(encoding="utf-8")


@cache
def words() -> Mapping[str, tuple[str, str]]:
    """Return the words of the interface by key, each in English and in Russian."""
    return {key: (each["en"], each["ru"]) for key, each in json.loads(words_json()).items()}


@cache
def reasons() -> Mapping[str, str]:
    """Return the phrases of the ledger, English to Russian."""
    found: dict[str, str] = json.loads(reasons_json())
    return found


def texts(key: str, *values: str | int | tuple[str, str]) -> tuple[str, str]:
    """Return the words under a key in English and in Russian, with the values filled in.

    An integer is written with spaces between thousands; a pair is a value in English and in Russian. Raises KeyError
    where the catalogue has no such key.
    """
    english, russian = words()[key]
    pairs = [_pair(value) for value in values]
    return english.format(*(one for one, _ in pairs)), russian.format(*(other for _, other in pairs))


def word(key: str, *values: str | int | tuple[str, str], name: str = "span") -> Html:
    """Return the words under a key as HTML in both languages, as `texts` does; `name` is the element's name."""
    return both(*texts(key, *values), name=name)


def _pair(value: str | int | tuple[str, str]) -> tuple[str, str]:
    if isinstance(value, tuple):
        return value
    text = grouped(value) if isinstance(value, int) else value
    return text, text


def reason(text: str) -> Html:
    """Return a rule, a reason or a finding of the ledger as HTML in both languages."""
    return both(text, in_russian(text))


def in_russian(text: str) -> str:
    """Return a rule, a reason or a finding in Russian; phrases that the table does not have stay English."""
    return "".join(map(_phrase, phrases_of(text)))


def phrases_of(text: str) -> list[str]:
    """Return the phrases and separators that a text is composed of, in turn."""
    return _SEPARATOR.split(text)


@cache
def _patterns() -> tuple[tuple[re.Pattern[str], str], ...]:
    """Return the phrases with a part that varies, the longest first."""
    holed = sorted((each for each in reasons() if _HOLE in each), key=len, reverse=True)
    return tuple(
        (re.compile(re.escape(each).replace(re.escape(_HOLE), "(.+)")), reasons()[each]) for each in holed
    )


def _phrase(text: str) -> str:
    known = reasons().get(text)
    if known is not None:
        return known
    for pattern, russian in _patterns():
        if found := pattern.fullmatch(text):
            return russian.replace(_HOLE, _phrase(found[1]))
    return text
