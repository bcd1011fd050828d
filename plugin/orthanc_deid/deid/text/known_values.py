"""Dates, IDs, telephone numbers and addresses of an instance, found in texts by one pass over their runs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from itertools import chain
from typing import Final

from orthanc_deid.deid.text.address_words import AddressWords
from orthanc_deid.deid.text.dates_in_text import NEUTRAL
from orthanc_deid.deid.text.known_numbers import KnownNumbers
from orthanc_deid.deid.text.spans import Span
from orthanc_deid.deid.text.tokens import tokens_of
from orthanc_deid.deid.text.transliteration import unaccented
from orthanc_deid.deid.text.written_days import KnownDays

SHORTEST_INTEGER: Final = 6  # digits of a value that is searched among numbers; shorter ones occur by chance
_DIGITS_OF_DAY: Final = 8


@dataclass(frozen=True, slots=True)
class KnownValues:
    """`births`: the days of birth. `days`: all other days of the instance. `integers`: what no number may be."""

    births: KnownDays
    days: KnownDays
    numbers: KnownNumbers
    addresses: AddressWords
    integers: frozenset[int]

    @classmethod
    def of(
        cls,
        *,
        births: Iterable[str],
        days: Iterable[str],
        patients: Iterable[str],
        ids: Iterable[str],
        phones: Iterable[str],
        addresses: Iterable[str],
    ) -> KnownValues:
        """Return the search forms of folded values: days as DA, DT or ranges of them."""
        born = KnownDays.of(chain.from_iterable(map(days_of, births)), in_part=False)
        others = KnownDays.of(set(chain.from_iterable(map(days_of, days))) - {NEUTRAL}, in_part=True)
        plain = [unaccented(address) for address in addresses]
        numbers = KnownNumbers.of(map(unaccented, patients), map(unaccented, ids), phones, plain)
        digits = {form for form in born.compact | others.compact if len(form) == _DIGITS_OF_DAY}
        digits |= {number for number in numbers.numbers if len(number) >= SHORTEST_INTEGER}
        return cls(born, others, numbers, AddressWords.of(plain), frozenset(map(int, digits)))

    def finds(self, plain: str) -> bool:
        """Whether any of the values is in a folded text without accents; NULs in it divide texts."""
        return any(self.spans(plain)) or any(self.day_spans(plain))

    def spans(self, plain: str) -> Iterator[Span]:
        """Yield the spans of the values other than the days of the instance, in no order."""
        tokens = tokens_of(plain)
        yield from self.births.spans(tokens)
        yield from self.numbers.spans(tokens)
        yield from self.addresses.spans(tokens)

    def day_spans(self, plain: str) -> Iterator[Span]:
        """Yield the spans of the days of the instance."""
        if self.days.days:
            yield from self.days.spans(tokens_of(plain))


def days_of(value: str) -> Iterator[date]:
    """Yield the days of a DA (also with ACR-NEMA dots) or DT, or of both ends of a range; a partial one has none."""
    for part in value.replace(".", "").split("-"):
        digits = part.strip(" \0")[:_DIGITS_OF_DAY]
        if len(digits) == _DIGITS_OF_DAY and digits.isascii() and digits.isdigit():
            try:
                yield date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
            except ValueError:
                continue
