"""The interface of samples that stay in their file until they are written; `sources.sample_reader` implements it.

Read, checked and written piece by piece, samples stay in the processor's cache and never fill the memory.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Protocol, Self

SampleCheck = Callable[[memoryview], None]
"""Checks the pieces of samples one after another. An error that it raises withholds that piece and all after it."""


class UnreadSamples(Protocol):
    """The bytes at the end of a file, `length` of them, which are read when they are needed.

    Equality is by identity.
    """

    @property
    def length(self) -> int: ...

    def checked_by(self, check: SampleCheck) -> Self:
        """Return the same bytes with one more check."""
        ...

    def is_same(self, other: UnreadSamples) -> bool:
        """Whether both are the same bytes of the same file."""
        ...

    def pieces(self) -> Iterator[memoryview]:
        """Yield all bytes piece by piece, each checked, and valid until the next is requested.

        Raises SourceError where the bytes cannot be read, and what the checks raise.
        """
        ...

    def check_all(self) -> None:
        """Run every check over every piece, for readers that cannot be stopped once they have received bytes."""
        ...

    def between(self, start: int, end: int) -> memoryview:
        """Return the bytes from `start` to `end` (offsets from the first), unchecked, in memory of their own."""
        ...
