"""Names that are no words of a text by themselves (RULES.md, "Names inside and across words").

They are joined with others, taken apart, reversed, or have digits for letters; or they are words that everybody uses,
and names only where a name has its place.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator
from itertools import accumulate
from typing import Final

from orthanc_deid.deid.text.names import alphabet_spans, mixes_alphabets
from orthanc_deid.deid.text.parts_of_names import GRAM, LETTER_FOR_SIGN, Parts, consonants, parts_of
from orthanc_deid.deid.text.spans import Span
from orthanc_deid.deid.text.transliteration import unaccented
from orthanc_deid.standard.medical_words import medical_words, name_titles

SHORTEST_TAKEN_APART: Final = 5  # letters of a name of which words of a text are the pieces
SHORTEST_INSIDE: Final = 6  # of a name inside a longer word
SHORTEST_ACROSS: Final = 8  # of one that begins or ends with a word, and inside another
SHORTEST_ALONE: Final = 3  # of a doubtful word that is the whole text
LONGEST_ALONE: Final = 64  # characters of a text that may be a name and nothing else

_LETTERS: Final = re.compile(r"[^\W\d_]+")
_CODED: Final = re.compile(r"[^\W_](?:[^\W_]|[@$!|€](?=[^\W_]))+")
_SPELLED_OUT: Final = re.compile(r"(?<![^\W_])[^\W\d_](?:(?:[^\w\0\\]|_){1,3}[^\W\d_](?![^\W_]))+")
_DIVIDERS: Final = re.compile(r"[\0\\]")
_NOT_ACROSS: Final = re.compile(r"[\d\0\\]")
_NEIGHBOURS: Final = re.compile(r"[\s,.;:^=_'’/-]{0,4}")


def hidden_spans(people: frozenset[str], folded: str, is_name: Callable[[str], bool]) -> Iterator[Span]:
    """Yield the spans of hidden names in a folded text, in no order; texts in it are divided by NULs.

    `people`: folded PN values. `is_name`: whether a word is known as a name by itself.
    """
    if not people:
        return
    yield from _spans(people, folded, is_name)
    if mixes_alphabets(folded):
        parts = parts_of(people)
        words = [span for match in _LETTERS.finditer(folded) for span in alphabet_spans(match)]
        yield from _in_place(parts, folded, words, is_name)
    if (plain := unaccented(folded)) != folded:
        yield from _spans(people, plain, is_name)


def _spans(people: frozenset[str], folded: str, is_name: Callable[[str], bool]) -> Iterator[Span]:
    parts = parts_of(people)
    words = [match.span() for match in _LETTERS.finditer(folded)]
    dense = "".join([folded[start:end] for start, end in words])
    places = [at for at in range(len(dense) - GRAM + 1) if dense[at : at + GRAM] in parts.joined]
    if places:
        yield from _joined(parts, folded, words, dense, places)
    for run in _SPELLED_OUT.finditer(folded):
        if "".join(_LETTERS.findall(run[0])) in parts.short:
            yield run.span()
    for coded in _CODED.finditer(folded):
        if (
            len(coded[0]) >= GRAM
            and not coded[0].isalpha()
            and not coded[0].isdigit()
            and _is_coded(parts, coded[0])
        ):
            yield coded.span()
    yield from _in_place(parts, folded, words, is_name)


def _joined(parts: Parts, folded: str, words: list[Span], dense: str, places: list[int]) -> Iterator[Span]:
    """Yield the names in the joined letters of a text; `words`: their spans, `places`: where a name may begin."""
    ends = list(accumulate(end - start for start, end in words))
    for at in places:
        for form in parts.joined[dense[at : at + GRAM]]:
            if not dense.startswith(form, at):
                continue
            first, last = bisect_right(ends, at), bisect_right(ends, at + len(form) - 1)
            begin = at - (ends[first - 1] if first else 0)
            rest = ends[last] - at - len(form)
            start, end = words[first][0] + begin, words[last][1] - rest
            if first == last:
                word = folded[slice(*words[first])]
                counts = word == form or (len(form) >= SHORTEST_INSIDE and word not in medical_words())
                start, end = words[first]
            elif _NOT_ACROSS.search(folded, start, end):
                counts = False
            elif len(form) >= SHORTEST_ACROSS:
                counts = not (begin and rest)
            else:
                counts = not begin and not rest
            if counts:
                yield start, end


def _is_coded(parts: Parts, word: str) -> bool:
    """Whether a word of letters, digits and signs is a name in which some stand for letters of their shape."""
    if sum(map(str.isalpha, word)) < 2:
        return False
    code = word.translate(LETTER_FOR_SIGN)
    return any(
        code.startswith(form, at)
        for at in range(len(code) - GRAM + 1)
        for form in parts.coded.get(code[at : at + GRAM], ())
    )


def _in_place(parts: Parts, folded: str, words: list[Span], is_name: Callable[[str], bool]) -> Iterator[Span]:
    """Yield the words that may be a part of a name and stand beside another part, a title or an initial."""
    if not parts.doubtful and not parts.consonants:
        return
    texts = [folded[start:end] for start, end in words]
    found = [_doubtful(parts, text) for text in texts]
    if not any(found):
        return
    for index, marks in enumerate(found):
        if not marks:
            continue
        if _is_alone(parts, folded, words[index]):
            yield words[index]
        for other in (index - 1, index + 1):
            if not 0 <= other < len(words):
                continue
            between = sorted((words[index], words[other]))
            if not _NEIGHBOURS.fullmatch(folded, between[0][1], between[1][0]):
                continue
            beside = texts[other]
            if (
                (len({*marks, *found[other]}) > 1 and found[other])
                or (other < index and beside in name_titles())
                or (len(beside) == 1 and parts.initials.get(beside, frozenset()) - marks)
                or is_name(beside)
            ):
                yield words[index]
                break


def _is_alone(parts: Parts, folded: str, span: Span) -> bool:
    """Whether the text of a doubtful word holds nothing else but such words, titles and initials."""
    first = max(span[0] - LONGEST_ALONE - 1, 0)
    before = max(folded.rfind(divider, first, span[0]) for divider in "\0\\") + 1 or first
    behind = _DIVIDERS.search(folded, span[1], span[1] + LONGEST_ALONE)
    text = folded[before : behind.start() if behind else span[1] + LONGEST_ALONE]
    if len(text) > LONGEST_ALONE or any(map(str.isdigit, text)):
        return False
    return all(
        len(word) == 1 or word in name_titles() or (len(word) >= SHORTEST_ALONE and _doubtful(parts, word))
        for word in _LETTERS.findall(text)
    )


def _doubtful(parts: Parts, word: str) -> frozenset[int]:
    """Return the numbers of the parts of names that a word may be."""
    marks = parts.doubtful.get(word, frozenset())
    if parts.consonants and word.isascii() and len(word) > 2 and word not in medical_words():
        marks |= parts.consonants.get(consonants(word), frozenset())
    return marks
