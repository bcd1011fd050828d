"""IDs and telephone numbers in texts by their digits, whatever signs, zeros and letters surround these.

RULES.md, "Identifying values": the digits of an ID count by themselves, as do the ends of a telephone number.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from orthanc_deid.deid.text.spans import Span
from orthanc_deid.deid.text.tokens import Token, tokens_of
from orthanc_deid.standard.medical_words import medical_words

FEWEST_DIGITS: Final = 5  # of an ID or a postal code that counts by its digits alone, zeros before them aside
_FEWEST_OF_PHONE: Final = 6  # digits of the end of a telephone number
_FEWEST_IN_PHONE: Final = 7  # digits of a number that is taken for a telephone number
_MOST_OF_PHONE: Final = 16
_FEWEST_MIXED: Final = 6  # letters and digits of an ID that counts with other signs between them
_FEWEST_LETTERS: Final = 6  # of an ID of letters that counts inside words
_FEWEST_BEHIND_LETTERS: Final = 3  # digits of an ID that counts behind letters: A123
_LONGEST_GAP: Final = 3  # signs between two parts of a number
_LONGEST: Final = 64  # letters and digits of an ID (PS3.5 section 6.2)
_CODE = re.compile(r"(?=[^\W_]*[^\W\d_])(?=[^\W_]*\d[^\W_]*\d)[^\W_]{3}")
_DECIMAL: Final = (".", ",")


def is_short_code(value: str) -> bool:
    """Whether a folded ID of three letters and digits, two digits at least, counts as a whole word: A17."""
    return _CODE.fullmatch(value) is not None


@dataclass(frozen=True, slots=True)
class KnownNumbers:
    """The search forms of an instance's numbers.

    `numbers`: digits without zeros before them. `mixed`: IDs as their letters and digits. `letters`: IDs of letters.
    `behind_letters`: short IDs of digits.
    """

    numbers: frozenset[str]
    mixed: frozenset[str]
    letters: frozenset[str]
    behind_letters: frozenset[str]

    @classmethod
    def of(
        cls, patients: Iterable[str], ids: Iterable[str], phones: Iterable[str], addresses: Iterable[str]
    ) -> KnownNumbers:
        """Return the search forms of folded values; `patients`: PatientIDs, which are found inside words as well."""
        numbers: set[str] = set()
        mixed: set[str] = set()
        letters: set[str] = set()
        short: set[str] = set()
        patients = frozenset(patients)
        for value in (*patients, *ids):
            tokens = tokens_of(value)
            joined = "".join(token.text for token in tokens)[:_LONGEST]
            numbers |= _digits(tokens)
            if joined.isalpha():
                if (
                    value in patients
                    and len(tokens) == 1
                    and len(joined) >= _FEWEST_LETTERS
                    and joined not in medical_words()
                ):
                    letters.add(joined)
            elif joined.isdigit():
                if _FEWEST_BEHIND_LETTERS <= len(joined) < FEWEST_DIGITS:
                    short.add(joined)
            elif len(joined) >= _FEWEST_MIXED:
                mixed.add(joined)
        for value in phones:
            numbers |= _phone_numbers(value)
        for value in addresses:
            numbers |= {token.text.lstrip("0") for token in tokens_of(value) if _is_long(token.text)}
        return cls(frozenset(numbers), frozenset(mixed), frozenset(letters), frozenset(short))

    def spans(self, tokens: Sequence[Token]) -> Iterator[Span]:
        """Yield the spans of the values in a text, given by its runs; in linear time."""
        if self.numbers:
            yield from self._joined(tokens, self.numbers, numbers_only=True)
        if self.mixed:
            yield from self._joined(tokens, self.mixed, numbers_only=False)
        lengths = {len(each) for each in self.letters}
        for before, token in zip((None, *tokens), tokens, strict=False):
            if token.is_number:
                if before and not before.is_number and not token.gap and token.text in self.behind_letters:
                    yield token.start, token.end
            elif lengths and any(
                token.text[at : at + length] in self.letters
                for length in lengths
                for at in range(len(token.text) - length + 1)
            ):
                yield token.start, token.end

    @staticmethod
    def _joined(tokens: Sequence[Token], wanted: frozenset[str], *, numbers_only: bool) -> Iterator[Span]:
        longest = max(map(len, wanted))
        for first, token in enumerate(tokens):
            if numbers_only and not token.is_number:
                continue
            joined = ""
            for last in range(first, len(tokens)):
                other = tokens[last]
                if last > first and numbers_only and not joined:
                    break  # zeros of another number
                if last > first and (len(other.gap) > _LONGEST_GAP or "\0" in other.gap):
                    break
                if numbers_only and not other.is_number:
                    break
                joined = (joined + other.text).lstrip("0") if numbers_only else joined + other.text
                if len(joined) > longest or last - first > longest:
                    break
                if joined in wanted and (
                    last == first or _is_number_in_groups(tokens[first : last + 1], joined)
                ):
                    yield token.start, other.end


def _digits(tokens: Sequence[Token]) -> set[str]:
    """Return the runs of digits of an ID that are long enough, and all its digits joined."""
    runs = [token.text for token in tokens if token.is_number]
    found = [*runs, "".join(runs)[:_LONGEST]]
    return {run.lstrip("0") for run in found if _is_long(run)}


def _is_long(run: str) -> bool:
    return run.isdigit() and FEWEST_DIGITS <= len(run.lstrip("0")) <= _LONGEST


def _phone_numbers(value: str) -> set[str]:
    """Return the ends of the telephone numbers in a value; before ten digits also with 8 and 7, as in Russia."""
    found: set[str] = set()
    digits = ""
    for token in (*tokens_of(value), Token(" ", 0, 0, False, "")):
        if token.is_number and len(token.gap) <= _LONGEST_GAP:
            digits += token.text
            continue
        if _FEWEST_IN_PHONE <= len(digits) <= _MOST_OF_PHONE:
            ends = {digits[at:].lstrip("0") for at in range(len(digits) - _FEWEST_OF_PHONE + 1)}
            found |= {end for end in ends if len(end) >= _FEWEST_OF_PHONE}
            found |= {trunk + digits[-10:] for trunk in "78" if len(digits) >= 10}
        digits = token.text if token.is_number else ""
    return found


def _is_number_in_groups(tokens: Sequence[Token], joined: str) -> bool:
    """Whether runs that give a value when joined are its groups: no list of single digits, no decimal number."""
    if len(tokens) == 2 and len(joined) == FEWEST_DIGITS and tokens[1].gap in _DECIMAL:
        return False
    return 2 * len(tokens) <= len(joined) + 1
