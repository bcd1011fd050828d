"""The original's UIDs in texts, in whatever form: their numbers count, not how zeros and signs write them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

_LONGEST = 64  # digits of a number; a longer one is no part of a UID (PS3.5 section 9)
_MOST_SIGNS = 2  # between two numbers
_BETWEEN = b"\x1e"  # ends a text
_LIKELY = re.compile(
    rb"(?<![0-9])0*+(?:[012](?:[^0-9A-Za-z\x00\x1e\x80-\xff]{1,2}[0-9]++){3,}"
    rb"|2[^0-9A-Za-z]{1,2}0*+25[^0-9A-Za-z]{1,2}[0-9]{14,})"
)


def hold_uid(texts: Iterable[bytes], wanted: Iterable[bytes]) -> bool:
    """Whether the numbers of one of the `wanted` UIDs follow one another in a text, with signs between them."""
    joined = _BETWEEN.join(texts)
    if not _LIKELY.search(joined):
        return False
    uids = {tuple(map(int, uid.split(b"."))) for uid in wanted if all(map(_is_number, uid.split(b".")))}
    lengths = {len(uid) for uid in uids}
    return any(
        tuple(row[-length:]) in uids for row in _rows(joined, max(lengths, default=0)) for length in lengths
    )


def _is_number(group: bytes) -> bool:
    return group.isdigit() and len(group) <= _LONGEST


def _rows(joined: bytes, longest: int) -> Iterator[list[int]]:
    """Yield the numbers that end at each number of the text and follow one another, `longest` at most."""
    row: list[int] = []
    end = 0
    for match in re.finditer(rb"[0-9]+", joined):
        between = joined[end : match.start()]
        adjacent = 0 < len(between) <= _MOST_SIGNS and not any(_parts(byte) for byte in between)
        end = match.end()
        if len(match[0].lstrip(b"0")) > _LONGEST:
            row = []
            continue
        row = (
            [*(row[1 - longest :] if longest > 1 else ()), int(match[0].lstrip(b"0") or b"0")]
            if adjacent
            else [int(match[0].lstrip(b"0") or b"0")]
        )
        yield row


def _parts(byte: int) -> bool:
    """Whether a byte between two numbers is a letter, or ends a text."""
    return byte in (0, _BETWEEN[0]) or byte >= 0x80 or chr(byte).isalpha()
