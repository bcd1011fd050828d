"""Checks of retained texts, numbers and UIDs: all of an instance in one go, one by one only where that fails."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import TypeAlias

from orthanc_deid.bounded_cache import bounded_cache
from orthanc_deid.deid.element_steps import STRUCTURAL, Act, Gathered
from orthanc_deid.deid.identity_in_bytes import holds_identity_in_bytes, may_hold_values
from orthanc_deid.deid.identity_in_numbers import may_hold_number
from orthanc_deid.deid.readings import all_readings
from orthanc_deid.deid.structural_values import are_terms
from orthanc_deid.deid.text.ages import old_age_spans
from orthanc_deid.deid.text.identity import Identity
from orthanc_deid.deid.text.kept_text import kept_code, kept_text
from orthanc_deid.deid.uid_forms import may_hold_uid
from orthanc_deid.deid.uids import is_registered
from orthanc_deid.deid.words_in_bytes import IN_PRIVATE_BYTES, reads_as_words
from orthanc_deid.dicom import character_sets
from orthanc_deid.dicom.slices import Buffer
from orthanc_deid.standard.tables import defined_terms

# No two parts of these patterns match the same byte, so that a long value that does not match takes linear time.
# Possessive quantifiers (`*+`) ensure that; groups have none, as CPython 3.11.2 does not leave such groups cleanly.
_NUMBER = rb" *+(?:[+-]?(?:\d++(?:\.\d*+)?|\.\d++)(?:[eE][+-]?\d++)? *+)?"
_NUMBERS = re.compile(rb"%b(?:\\%b)*\0*+" % (_NUMBER, _NUMBER)).fullmatch
_LONG = re.compile(rb"[\\ +-]\d{6}").search  # a whole number of six digits and more, the first value apart
_RAISED = re.compile(rb"[eE]\+?0*+[1-9]").search
_MOST_DIGITS = 20  # of a number of 64 bits
_BETWEEN_VALUES = re.compile(r"[\\\0]")
_ONE_VALUE = frozenset({"ST", "LT", "UT"})
_UIDS = re.compile(rb"[0-9. ]*+\0*+(?:\\[0-9. ]*+\0*+)*").fullmatch

_TERMS_TOO = frozenset({Act.TERM})
_NUMBERS_TOO = frozenset({Act.NUMBER})
Kept: TypeAlias = "Callable[[str, int], str]"
"""`kept_text` or `kept_code`."""

_APART = bytes(8)  # between numbers in binary: no word extends over two of them, and UTF-16 stays aligned


def are_numbers(raw: bytes) -> bool:
    """Whether the values of a DS or IS are written as numbers (PS3.5 section 6.2), of any length."""
    return _NUMBERS(raw) is not None


def are_uids(raw: bytes) -> bool:
    """Whether the values of a UI consist of digits and dots, as UIDs do."""
    return _UIDS(raw) is not None


def are_registered(raw: bytes) -> bool:
    """Whether the values of a UI are UIDs that a public registry names, or empty."""
    return all(is_registered(part.strip(b" \0").decode("latin-1")) for part in set(raw.split(b"\\")))


def hold_integer(raw: bytes, integers: frozenset[int]) -> bool:
    """Whether one of the values of a DS or IS, which are numbers, is one of `integers` with any sign."""
    if not integers or not _may_be_known(raw):
        return False
    parts = (part.strip(b" \0+-") for part in raw.split(b"\\") if _may_be_known(part))
    return any((int(part) if _is_exact(part) else float(part)) in integers for part in parts)


def _may_be_known(numbers: bytes) -> bool:
    """Whether one of the values is a whole number of six digits and more, or one with a positive exponent."""
    if numbers[:6].isdigit() or _LONG(numbers):
        return True
    return (b"e" in numbers or b"E" in numbers) and _RAISED(numbers) is not None


def _is_exact(number: bytes) -> bool:
    return number.isdigit() and len(number) <= _MOST_DIGITS


def unchanged_acts(gathered: Sequence[Sequence[Buffer]], identity: Identity, oldest: int) -> frozenset[int]:
    """Return the acts that change no element of the instance; elements of other acts must be checked one by one.

    `oldest`: the highest age that may stand in a text.
    """
    texts, numbers, uids, classes, words, codes = gathered[: Gathered.BINARY]
    unchanged = _unchanged_texts(b"\0".join(texts), b"\0".join(words), b"\0".join(codes), identity, oldest)
    terms = zip(STRUCTURAL, gathered[Gathered.TERMS :], strict=True)
    if all(are_terms(tag, b"\\".join(values)) for tag, values in terms if values):
        unchanged |= _TERMS_TOO
    if all_uids(uids) and (not classes or _are_registered(b"\\".join(classes))):
        written = b"\\".join(numbers)
        if are_numbers(written) and not hold_integer(written, identity.known.integers):
            unchanged |= _NUMBERS_TOO
    return unchanged


def may_read_as_words(values: Sequence[Buffer], identity: Identity) -> bool:
    """Whether any of the numbers in binary may read as words or hold identifying values; False is certain."""
    joined = _APART.join(values)
    return (
        bool(values)
        and may_hold_values(joined)
        and (reads_as_words(joined, "", IN_PRIVATE_BYTES) or holds_identity_in_bytes(joined, identity))
    )


def numbers_may_go(values: Sequence[Buffer], identity: Identity) -> bool:
    """Whether any of the numbers in binary may have to go; False is certain."""
    return may_read_as_words(values, identity) or may_hold_number(values, identity.known.integers)


def all_numbers(values: Sequence[Buffer]) -> bool:
    """Whether all the values look like numbers; False may also mean that they must be checked one by one."""
    return are_numbers(b"\\".join(values))


def all_uids(values: Sequence[Buffer]) -> bool:
    """Whether all the values look like UIDs; False may also mean that they must be checked one by one."""
    return are_uids(b"\\".join(values))


_are_registered = bounded_cache(maxsize=256)(are_registered)


@bounded_cache(maxsize=1024)  # the instances of a series share nearly all texts
def _unchanged_texts(
    texts: bytes, words: bytes, codes: bytes, identity: Identity, oldest: int
) -> frozenset[int]:
    """Return the acts on texts that change nothing, for the joined texts of each."""
    if not _without_identity(b"\0".join((texts, words, codes)), identity, oldest):
        return frozenset()
    of_words = {Act.WORDS} if _all_kept(words, kept_text, oldest) else set()
    of_codes = {Act.CODE} if _all_kept(codes, kept_code, oldest) else set()
    return frozenset({Act.SEARCH, *of_words, *of_codes})


def _without_identity(joined: bytes, identity: Identity, oldest: int) -> bool:
    """Whether nothing in the raw texts identifies, nor any age; False may also mean that each must be checked."""
    if may_hold_uid(joined):
        return False  # perhaps a UID of the instance
    if not joined.isascii() or b"\x1b" in joined:
        return False
    text = joined.decode("ascii")
    return not identity.finds(text) and not old_age_spans(text, oldest)


def _all_kept(joined: bytes, kept: Kept, oldest: int) -> bool:
    """Whether all of every value stays; the texts are in ASCII, since they were searched before."""
    values = {value.strip(" \0") for value in _BETWEEN_VALUES.split(joined.decode("ascii"))}
    return all(kept(value, oldest) == value for value in values if value)


@lru_cache(maxsize=4096)
def kept_words(
    raw: bytes, vr: str, terms: tuple[str, ...], placeholder: str, kept: Kept, oldest: int
) -> bytes | None:
    """Return what stays of the values of a kept text, None where all of it does; `oldest`: of the ages in it.

    In a CS, `placeholder` takes the place of a value that goes where others stay, since their order has a meaning.
    Call `__wrapped__` for a value longer than `LONGEST`.
    """
    text = character_sets.decode(raw, terms, vr)
    parts = [part.strip(" \0") for part in ([text] if vr in _ONE_VALUE else text.split("\\"))]
    if vr == "CS":
        new = [kept(part, oldest) if part.isascii() else "" for part in parts]
        if any(new):
            new = [after or (before and placeholder) for before, after in zip(parts, new, strict=True)]
    else:
        new = [kept(part, oldest) for part in parts]
    if new == parts:
        return None
    return character_sets.encode("\\".join(new), terms) if any(new) else b""


@bounded_cache(maxsize=2048)
def holds_old_age(raw: bytes, vr: str, terms: tuple[str, ...], oldest: int) -> bool:
    """Whether a retained text holds an age above `oldest` years."""
    return any(old_age_spans(text, oldest) for text in all_readings(raw, terms, vr))


@bounded_cache(maxsize=2048)
def holds_identity(raw: bytes, vr: str, terms: tuple[str, ...], identity: Identity) -> bool:
    """Whether a retained text must not stay: an identifying value occurs in it, or it cannot be decoded.

    Defined terms of a CS do not count: Chest is a family name as well.
    """
    try:
        texts = all_readings(raw, terms, vr)
    except UnicodeDecodeError:
        return True
    if vr == "CS":
        texts = tuple(
            "\0".join(part for part in text.split("\\") if part.strip() not in defined_terms())
            for text in texts
        )
    return any(map(identity.finds, texts))
