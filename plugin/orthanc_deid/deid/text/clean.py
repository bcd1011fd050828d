"""Cleaning of free text by word (the C action of PS3.15 Table E.1-1a; RULES.md, "Cleaned text").

Removed are, in order: the identifying values of the instance; identifiers that their form reveals; long numbers and
postal addresses; and, in the mode `vocabulary`, every word that is in no medical vocabulary. Dates are changed.
A removed part leaves a space, or nothing at the ends; the rest is unchanged. Cleaning is idempotent, apart from dates
that `change_dates` moves.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Collection, Iterable, Iterator
from operator import itemgetter
from typing import Final, Literal

from orthanc_deid.bounded_cache import bounded_cache
from orthanc_deid.deid.text.dates_in_text import changed_spans, date_spans, holds_date
from orthanc_deid.deid.text.identifier_patterns import identifier_spans, number_and_address_spans
from orthanc_deid.deid.text.identity import Identity, with_initials
from orthanc_deid.deid.text.spans import Span
from orthanc_deid.deid.text.transliteration import composed
from orthanc_deid.deid.text.vocabulary import unknown_spans

CleanMode = Literal["vocabulary", "known", "remove"]

MOST_PASSES: Final = 10  # a text that still changes then is removed: cuts join words only a few times

NO_IDENTITY: Final = Identity.of(())

_GAP: Final = "\ue000"  # marks a cut; a private-use character, which is no letter
_SIGNS: Final = r"\s,;:.=^_/\\|'\"«»„“”·•*#№&+-"
_BLANKS: Final = r"(?:(?<![ \t])[ \t]+)?"  # matched once per run of blanks, not from each blank on
_JOINED_GAPS = re.compile(rf"{_GAP}(?:[{_SIGNS}]*{_GAP})+")
_EMPTY_BRACKETS = re.compile(rf"\(\s*{_GAP}[{_SIGNS}]*\)|\[\s*{_GAP}[{_SIGNS}]*\]|<\s*{_GAP}[{_SIGNS}]*>")
_GAP_AT_START = re.compile(
    rf"^[{_SIGNS}]*{_GAP}(?:(?!(?<=[\s_])[+-]\d)[{_SIGNS}])*"
)  # the sign of a number stays
_GAP_AT_END = re.compile(rf"(?:(?<![({_SIGNS}])[({_SIGNS}]+)?{_GAP}[{_SIGNS}]*$")
_GAP_BETWEEN_SAME_SIGNS = re.compile(rf"([,;:_^/|-])[ \t]*{_GAP}[ \t]*\1")
_GAP_BEFORE_SIGN = re.compile(rf"{_BLANKS}{_GAP}[ \t]*(?=[,.;:)\]\r\n]|$)")
_GAP_BETWEEN = re.compile(rf"{_BLANKS}{_GAP}[ \t]*")


def clean_text(text: str, identity: Identity, mode: CleanMode, change_dates: Callable[[str], str]) -> str:
    """Return `text` without its identifying parts.

    `mode`: `vocabulary` removes unknown words as well, `known` does not, `remove` removes everything. `change_dates`
    gets text and returns it with every date changed. The result is composed (NFC), and empty where nothing is left.
    """
    if mode == "remove":
        return ""
    text = composed(text.replace(_GAP, " "))
    if not identity.finds(text) and not _holds_date(text):
        cleaned = _clean_impersonal(text, mode)
        if cleaned == text or not identity.finds(cleaned):
            return cleaned
        text = cleaned  # a removed part had hidden an identifying value
    marked = _cut_named_dates(text, identity)
    marked = change_dates(_cut_identifiers(marked, identity, _unread_days(marked, identity)))
    marked = _cut_named_dates(marked, identity)
    marked = replaced(marked, _unread_days(marked, identity))
    dates = frozenset(marked[start:end] for start, end in date_spans(marked))
    return _close_gaps(_cut_words(marked, mode, dates), identity, mode, dates)


def _cut_named_dates(text: str, identity: Identity) -> str:
    """Cut the dates that contain an identifying value: a month that is also a name, a day that is an ID.

    If only the value were cut, the rest would no longer be a date and would stay.
    """
    dates = date_spans(text)
    named = merged(identity.spans(text)) if dates else []
    beside = {date: list(_overlapping(date, named)) for date in dates}
    return replaced(text, [span for date, found in beside.items() if found for span in (date, *found)])


_holds_date = bounded_cache(maxsize=8192)(holds_date)


@bounded_cache(maxsize=8192)
def _clean_impersonal(text: str, mode: CleanMode) -> str:
    """Clean a text that holds no known identity and no date: the result is cached for all instances."""
    marked = _cut_words(_cut_identifiers(text, NO_IDENTITY), mode, ())
    return _close_gaps(marked, NO_IDENTITY, mode, ())


def _close_gaps(marked: str, identity: Identity, mode: CleanMode, dates: Collection[str]) -> str:
    """Close the gaps, and clean again where cuts joined words, until nothing is left to cut."""
    if _GAP not in marked:
        return marked if marked.strip() else ""
    for _ in range(MOST_PASSES):
        tidied = tidy(marked)
        if not any(char.isalnum() for char in tidied):
            return ""
        marked = _cut_words(_cut_identifiers(tidied, identity, _unread_days(tidied, identity)), mode, dates)
        if _GAP not in marked:
            return marked
    return ""


def _cut_words(text: str, mode: CleanMode, dates: Collection[str]) -> str:
    """Cut apparent identifiers and, in the mode `vocabulary`, unknown words, but not the known `dates`.

    Any other date was formed by a cut, and is cut as well.
    """
    kept: list[Span] = []
    cuts: list[Span] = []
    for start, end in date_spans(text):
        (kept if text[start:end] in dates else cuts).append((start, end))
    found = list(number_and_address_spans(text))
    if mode == "vocabulary":
        found += [with_initials(text, start, end) for start, end in unknown_spans(text)]
    cuts += [span for cut in found for span in _outside(cut, kept)]
    return replaced(text, cuts)


def _outside(cut: Span, kept: list[Span]) -> Iterable[Span]:
    """Yield the parts of `cut` that lie outside the `kept` stretches, which are in order."""
    start, end = cut
    for kept_start, kept_end in _overlapping(cut, kept):
        if start < kept_start:
            yield start, kept_start
        start = kept_end
    if start < end:
        yield start, end


def _overlapping(span: Span, spans: list[Span]) -> Iterator[Span]:
    """Yield those of `spans`, which are in order and apart, that share a character with `span`."""
    for index in range(bisect_right(spans, span[0], key=itemgetter(1)), len(spans)):
        if spans[index][0] >= span[1]:
            return
        yield spans[index]


def merged(spans: Iterable[Span]) -> list[Span]:
    """Return stretches in order and apart that cover the same as `spans`."""
    merged: list[Span] = []
    for start, end in sorted(spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def _cut_identifiers(text: str, identity: Identity, days: Iterable[Span] = ()) -> str:
    """Cut the instance's identifying values and the identifiers that no date can be, all found in the same text."""
    known = identity.spans(text)
    return replaced(text, [*known, *_addresses_with(known, text), *identifier_spans(text), *days])


def _addresses_with(known: Iterable[Span], text: str) -> Iterator[Span]:
    """Yield the addresses and long numbers that contain an identifying value: their rest would not be recognized."""
    inside = merged(known)
    if inside:
        dates = date_spans(text)
        for span in number_and_address_spans(text):
            if any(_overlapping(span, inside)) and not any(_overlapping(span, dates)):
                yield span


def _unread_days(text: str, identity: Identity) -> list[Span]:
    """Return the days of the instance in forms that are not changed in place: they are cut."""
    days = identity.day_spans(text)
    read = changed_spans(text) if days else []
    return [
        day
        for day in days
        if not any(start <= day[0] and day[1] <= end for start, end in _overlapping(day, read))
    ]


def replaced(text: str, cuts: list[Span]) -> str:
    """Return `text` with a gap for each of `cuts`, which may overlap."""
    pieces = []
    end = 0
    for start, stop in sorted(cuts):
        if start >= end:
            pieces += [text[end:start], _GAP]
        end = max(end, stop)
    return "".join([*pieces, text[end:]]) if cuts else text


def tidy(marked: str) -> str:
    """Return `marked` with its gaps closed: signs between gaps, empty brackets and outer signs go as well."""
    for _ in range(MOST_PASSES):
        before, marked = marked, _EMPTY_BRACKETS.sub(_GAP, _JOINED_GAPS.sub(_GAP, marked))
        if before == marked:
            break
    marked = _GAP_AT_END.sub("", _GAP_AT_START.sub("", marked))
    marked = _GAP_BETWEEN_SAME_SIGNS.sub(r"\1", marked)
    marked = _GAP_BEFORE_SIGN.sub("", marked)
    return _GAP_BETWEEN.sub(" ", marked)
