"""Parts of the instance's addresses in texts: a street with its number, the words that no other text has."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from orthanc_deid.deid.text.spans import Span
from orthanc_deid.deid.text.tokens import Token, tokens_of
from orthanc_deid.standard.medical_words import address_words, medical_words

_FEWEST_LETTERS: Final = 4  # of a word that counts by itself
_FEWEST_IN_PAIR: Final = 3  # letters of a word that counts beside another part of the address
_LONGEST_GAP: Final = 4  # signs between two parts of an address


@dataclass(frozen=True, slots=True)
class AddressWords:
    """`words`: those that count by themselves. `parts`: all.

    `pairs`: two parts beside each other, in either order, one of which no other text has. `triples`: three in their
    order, one of them a number.
    """

    words: frozenset[str]
    pairs: frozenset[tuple[str, str]]
    triples: frozenset[tuple[str, str, str]]
    parts: frozenset[str]

    @classmethod
    def of(cls, addresses: Iterable[str]) -> AddressWords:
        """Return the parts of folded addresses."""
        words: set[str] = set()
        pairs: set[tuple[str, str]] = set()
        triples: set[tuple[str, str, str]] = set()
        parts: set[str] = set()
        for address in addresses:
            tokens = tokens_of(address)
            parts.update(token.text for token in tokens)
            words.update(token.text for token in tokens if _is_own(token, _FEWEST_LETTERS))
            for one, two in pairwise(tokens):
                if _is_own(one, _FEWEST_IN_PAIR) or _is_own(two, _FEWEST_IN_PAIR):
                    pairs |= {(one.text, two.text), (two.text, one.text)}
            for three in zip(tokens, tokens[1:], tokens[2:], strict=False):
                if 0 < sum(token.is_number for token in three) < len(three):
                    triples.add((three[0].text, three[1].text, three[2].text))
        return cls(frozenset(words), frozenset(pairs), frozenset(triples), frozenset(parts))

    def spans(self, tokens: Sequence[Token]) -> Iterator[Span]:
        """Yield the spans of addresses: with a part that is found go the other parts beside it."""
        if not self.parts:
            return
        row: list[Token] = []
        for token in tokens:
            follows = len(token.gap) <= _LONGEST_GAP and "\0" not in token.gap
            if row and not (follows and token.text in self.parts):
                yield from self._in(row)
                row = []
            if token.text in self.parts:
                row.append(token)
        yield from self._in(row)

    def _in(self, row: Sequence[Token]) -> Iterator[Span]:
        """Yield the span of a row of parts if one of them, or two beside each other, is enough."""
        texts = [token.text for token in row]
        if (
            not self.words.isdisjoint(texts)
            or not self.pairs.isdisjoint(pairwise(texts))
            or not self.triples.isdisjoint(zip(texts, texts[1:], texts[2:], strict=False))
        ):
            yield row[0].start, row[-1].end


def _is_own(token: Token, fewest: int) -> bool:
    """Whether a word is long enough, and no word of medical texts or of addresses in general."""
    return (
        not token.is_number
        and len(token.text) >= fewest
        and token.text not in address_words()
        and token.text not in medical_words()
    )
