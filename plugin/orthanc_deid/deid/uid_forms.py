"""UIDs in texts in any written form: with leading zeros, signs other than dots, or groups before and behind."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from orthanc_deid.deid.uids import shaped_like_uids

_SIGNS: Final = rb"[^0-9A-Za-z\x00\x80-\xff]{1,2}"
_GROUPS = re.compile(
    rb"(?<![0-9])0*+(?:[012](?:%b[0-9]++){3,}|2%b0*+25%b[0-9]{16,})" % (_SIGNS, _SIGNS, _SIGNS)
)
"""Four groups of digits and more, as UIDs begin, or 2.25 and a long number."""
_DIGITS = re.compile(rb"[0-9]+")
_BLANKS = re.compile(" {2,}")
_FEWEST_GROUPS, _FEWEST_OF_LONG, _LONG = 4, 3, 16  # a UID has four groups, or three in at least 16 characters


def may_hold_uid(raw: bytes) -> bool:
    """Whether a part of the raw text has the form of a UID that the standard does not register."""
    return bool(shaped_like_uids(raw)) or _GROUPS.search(raw) is not None


@dataclass(frozen=True, slots=True)
class UidForms:
    """UIDs as groups of digits without leading zeros; `lengths`: how many groups they have."""

    groups: frozenset[tuple[bytes, ...]]
    lengths: tuple[int, ...]

    @classmethod
    def of(cls, uids: Iterable[bytes]) -> UidForms:
        """Return the forms of those UIDs that are long enough to be no version, size or date."""
        found = frozenset(_groups(uid) for uid in uids if _is_long_enough(uid))
        return cls(found, tuple(sorted({len(groups) for groups in found})))

    def occur_in(self, raw: bytes) -> bool:
        """Whether one of them is in the raw text; linear in its length."""
        return any(
            groups[at : at + length] in self.groups
            for groups in _stretches(raw)
            for length in self.lengths
            for at in range(len(groups) - length + 1)
        )


def without_uids(text: str) -> str:
    """Return `text` with a space for each stretch of digits that may be a UID, in whatever form."""
    raw = text.encode("utf-8")
    for shaped in shaped_like_uids(raw):
        raw = raw.replace(shaped, b" ")
    return _BLANKS.sub(" ", _GROUPS.sub(b" ", raw).decode("utf-8")).strip()


def _stretches(raw: bytes) -> Iterator[tuple[bytes, ...]]:
    """Yield the stretches of digits that dots or other signs divide, each as its groups."""
    for shaped in shaped_like_uids(raw):
        yield _groups(shaped)
    for match in _GROUPS.finditer(raw):
        yield _groups(match[0])


def _groups(written: bytes) -> tuple[bytes, ...]:
    return tuple(group.lstrip(b"0") or b"0" for group in _DIGITS.findall(written))


def _is_long_enough(uid: bytes) -> bool:
    groups = len(_DIGITS.findall(uid))
    return groups >= _FEWEST_GROUPS or (groups == _FEWEST_OF_LONG and len(uid) >= _LONG)
