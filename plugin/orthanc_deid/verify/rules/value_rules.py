"""The check of one value of the output by its requirement, without any other element."""

from __future__ import annotations

import re
import struct
from dataclasses import dataclass

from orthanc_deid.bounded_cache import bounded_cache
from orthanc_deid.profile.model import Profile
from orthanc_deid.profile.options import Option
from orthanc_deid.standard.tables import structure_label_tags
from orthanc_deid.verify.reading.stored_numbers import STRUCT_CODES
from orthanc_deid.verify.rules.dummy_table import DATE_VRS, TEXT_VRS, is_dummy
from orthanc_deid.verify.rules.expectations import Expectation, Requirement
from orthanc_deid.verify.rules.expected_dates import expected_dates
from orthanc_deid.verify.rules.expected_pseudonyms import (
    ExpectedUids,
    identifier,
    is_public,
    is_registered,
    structure_name,
    uids_in,
)
from orthanc_deid.verify.rules.expected_seconds import expected_seconds
from orthanc_deid.verify.rules.geometry_numbers import has_same_numbers
from orthanc_deid.verify.text.cleaned_text_dates import DateMode, dates_are_changed
from orthanc_deid.verify.text.date_spellings import month_names
from orthanc_deid.verify.text.decoding import Terms, decode, decode_whole, is_defined, parse_terms
from orthanc_deid.verify.text.identifiers import UNSPACED
from orthanc_deid.verify.text.known_words import is_shortened
from orthanc_deid.verify.text.romanization import as_seen, split_scripts, without_modality_codes

_PADDING = b" \0"
# Possessive quantifiers, so that matching takes linear time.
_NUMBER = rb" *+(?:[+-]?(?:\d++(?:\.\d*+)?|\.\d++)(?:[eE][+-]?\d++)? *+)?"
_NUMBERS = re.compile(rb"%b(?:\\%b)*+\0*+" % (_NUMBER, _NUMBER))
_UIDS = re.compile(rb"[0-9. ]*+\0*+(?:\\[0-9. ]*+\0*+)*+")
_AGE = re.compile(rb"(\d{3})([DWMY])")
_IN_A_YEAR = {b"D": 365.25, b"W": 52.18, b"M": 12.0, b"Y": 1.0}
_LETTERS = re.compile(r"[^\W\d_]+")
_DIGITS = re.compile(r"\d+")
_DATE_PARTS = (1, 2, 4, 6, 8, 10, 12, 14)  # lengths of the digit runs in a date or a date and time


@dataclass(frozen=True, slots=True)
class ValueRules:
    """The rules of values under a profile.

    `patient`: the patient's pseudonym; `offset`: the days of a date shift; `issuer`: of the original PatientID.
    """

    profile: Profile
    uids: ExpectedUids
    patient: str
    offset: int
    issuer: str

    def accepts(
        self,
        requirement: Requirement,
        expected: Expectation,
        tag: int,
        value: bytes,
        source: bytes,
        terms: Terms,
    ) -> bool:
        """Whether the output may have `value` where the original has `source`, under a requirement.

        Whether the element may be missing is not decided here.
        """
        if requirement is Requirement.DUMMY:
            accepted = self._is_dummy(expected, tag, value, source)
        elif requirement is Requirement.EMPTY:
            accepted = self._is_emptied(expected, value, source)
        elif requirement is Requirement.UID:
            accepted = value.rstrip(_PADDING) == self.keyed(source)
        elif requirement is Requirement.CHANGED_DATE:
            accepted = value.rstrip(_PADDING) == self._changed_date(expected.vr, source)
        elif requirement is Requirement.CHANGED_SECONDS:
            accepted = self._is_changed_seconds(expected.vr, value, source)
        elif requirement is Requirement.SAME_NUMBERS:
            accepted = looks_like_numbers(value, expected.vr) and has_same_numbers(tag, source, value)
        elif requirement is Requirement.CHARSET:
            accepted = _is_charset(value, source)
        elif requirement is Requirement.CLEANED:
            names = tag in structure_label_tags() and self.profile.texts.clean != "remove"
            accepted = (self.is_structure_name if names else self._is_cleaned)(value, source, terms)
        elif requirement is Requirement.FIXED:
            accepted = _is_fixed(value, expected.vr, expected.value or "")
        else:
            accepted = self._is_pseudonym(requirement, tag, value, source, terms)
        return accepted

    def _is_pseudonym(
        self, requirement: Requirement, tag: int, value: bytes, source: bytes, terms: Terms
    ) -> bool:
        if requirement in (Requirement.PATIENT_ID, Requirement.PATIENT_NAME):
            return value.rstrip(_PADDING) == self.pseudonym(requirement).encode()
        return requirement is Requirement.DERIVED and self._is_derived(tag, value, source, terms)

    def pseudonym(self, requirement: Requirement) -> str:
        """Return the PatientID or PatientName that the output must have."""
        fixed = self.profile.pseudonyms.patient_name
        return fixed if requirement is Requirement.PATIENT_NAME and fixed is not None else self.patient

    def keyed(self, source: bytes) -> bytes:
        """Return the UIDs that must replace those of one element."""
        return b"\\".join(self.uids.replacement(part.strip(_PADDING)) for part in source.split(b"\\"))

    def capped_age(self, source: bytes) -> bytes:
        """Return the value of a retained age: itself, or one year above the limit; empty if it is no age."""
        found = _AGE.fullmatch(source.strip(_PADDING))
        limit = self.profile.ages.limit
        if found is None:
            return b""
        if int(found[1]) / _IN_A_YEAR[found[2]] <= limit:
            return source
        return b"%03dY" % (limit + 1)

    def changes_dates(self, source: bytes, value: bytes, terms: Terms) -> bool:
        """Whether every date in a cleaned text was changed."""
        may_stay = Option.RETAIN_FULL_DATES in self.profile.options
        mode, offset = self.profile.dates.mode, self.offset
        return _changes_dates(source, value, terms, mode, offset, may_stay)

    def _is_dummy(self, expected: Expectation, tag: int, value: bytes, source: bytes) -> bool:
        if not source.strip(_PADDING) and not value:
            return True  # an empty value stays empty
        if expected.vr == "UI":
            return value.rstrip(_PADDING) == self.keyed(source)
        return is_dummy(value, expected.vr, tag, self.profile.texts.placeholder)

    def _is_emptied(self, expected: Expectation, value: bytes, source: bytes) -> bool:
        texts = self.profile.texts
        if texts.zero == "empty" or not source or expected.vr not in TEXT_VRS | {"PN"}:
            return not value
        blank = not source.strip(_PADDING) and not value  # padding alone may count as empty
        return blank or value.rstrip(_PADDING) == texts.placeholder.encode()

    def _changed_date(self, vr: str, source: bytes) -> bytes:
        mode = self.profile.dates.mode
        if vr not in DATE_VRS or mode == "table":
            return source
        text = source.decode("latin-1").strip(" \0")
        return expected_dates(text, vr, mode, self.offset).encode("latin-1")

    def _is_changed_seconds(self, vr: str, value: bytes, source: bytes) -> bool:
        mode = self.profile.dates.mode
        return mode != "table" and value == expected_seconds(source, vr, mode, self.offset)

    def _is_cleaned(self, value: bytes, source: bytes, terms: Terms) -> bool:
        return _is_cleaned(value, source, terms, self.profile.texts.placeholder)

    def is_structure_name(self, value: bytes, source: bytes, terms: Terms) -> bool:
        """Whether a name of a structure is the original's, or the one that the key makes of it."""
        before, after = decode_whole(source, terms).strip(" \0"), decode_whole(value, terms).strip(" \0")
        return after == before or (bool(before) and after == structure_name(before, self.uids.key))

    def is_shortened(self, value: bytes, source: bytes, terms: Terms, vr: str) -> bool:
        """Whether a kept text holds words of the original, in order, and at least one of them."""
        return is_shortened(value, source, terms, vr, self.profile.texts.placeholder)

    def can_rename(self, tag: int, source: bytes, terms: Terms) -> bool:
        """Whether an AccessionNumber or StudyID is empty or has a replacement in the site's list or by the key."""
        return not source.strip(_PADDING) or self._identifier(tag, source, terms) is not None

    def _identifier(self, tag: int, source: bytes, terms: Terms) -> str | None:
        return identifier(tag, decode_whole(source, terms), self.issuer, self.profile, self.uids.key)

    def _is_derived(self, tag: int, value: bytes, source: bytes, terms: Terms) -> bool:
        if not source.strip(_PADDING):
            return not value.strip(_PADDING)
        new = self._identifier(tag, source, terms)
        return new is not None and value.rstrip(_PADDING) == new.encode("ascii")


@bounded_cache(maxsize=2048)  # a series repeats most of its texts
def _is_cleaned(value: bytes, source: bytes, terms: Terms, placeholder: str) -> bool:
    """Whether words and UIDs were only removed, and only the placeholder and changed dates added."""
    if not all(map(is_registered, uids_in(value))):
        return False
    original, cleaned = decode(source, terms), decode(value, terms)
    written = as_seen(original).casefold()
    before, after = (_LETTERS.findall(text) for text in (written, as_seen(cleaned).casefold()))
    before += _LETTERS.findall(split_scripts(written)) + _LETTERS.findall(UNSPACED.sub(" ", written))
    before += [code for _, code in without_modality_codes(before)]
    allowed = {*before, *_LETTERS.findall(placeholder.casefold())}
    words = all(word in allowed or word in month_names() or _is_rest(word, written, before) for word in after)
    return words and _takes_numbers(original, cleaned, placeholder)


def _takes_numbers(source: str, cleaned: str, placeholder: str) -> bool:
    """Whether numbers were only removed; a new number must have the length of part of a date."""
    before, after = _DIGITS.findall(source), _DIGITS.findall(cleaned)
    ours = _DIGITS.findall(placeholder)
    others = set(after).difference(before, ours)
    return len(after) <= len(before) + len(ours) and all(len(each) in _DATE_PARTS for each in others)


@bounded_cache(maxsize=2048)  # a series repeats most of its texts
def _changes_dates(
    source: bytes, value: bytes, terms: Terms, mode: DateMode, days: int, may_stay: bool
) -> bool:
    before, after = decode(source, terms), decode(value, terms)
    return dates_are_changed(before, after, mode, days, may_stay=may_stay)


def _is_rest(word: str, written: str, before: list[str]) -> bool:
    """Whether a word is the rest of one that contained a value, as in XPIDX48151 or a sentence without spaces."""
    if UNSPACED.search(word):
        return word in written
    return any(each.startswith(word) or each.endswith(word) for each in before)


def looks_like_numbers(value: bytes, vr: str) -> bool:
    """Whether all values of a DS or IS are numbers or empty, or all of a UI consist of digits and dots."""
    return (_UIDS if vr == "UI" else _NUMBERS).fullmatch(value) is not None


def may_stay_as_number(value: bytes, expected: Expectation) -> bool:
    """Whether a value under `Requirement.NUMBER` may stay: a number, or UIDs, registered ones where that is due."""
    if not looks_like_numbers(value, expected.vr):
        return False
    return not expected.registered or all(
        is_public(uid) for part in value.split(b"\\") if (uid := part.strip(_PADDING))
    )


def _is_charset(value: bytes, source: bytes) -> bool:
    """Whether the terms are the original's, corrected, and all defined by the standard."""
    text = value.decode("latin-1").strip(_PADDING.decode())
    written = tuple(term.strip(_PADDING.decode()) for term in text.split("\\")) if text else ()
    return written == parse_terms(source) and all(map(is_defined, written))


def _is_fixed(value: bytes, vr: str, text: str) -> bool:
    if vr == "AT":
        return value == b"".join(
            struct.pack("<HH", int(part) >> 16, int(part) & 0xFFFF) for part in text.split("\\")
        )
    if vr in STRUCT_CODES:
        number = float if vr in ("FL", "FD") else int
        return value == b"".join(
            struct.pack(f"<{STRUCT_CODES[vr]}", number(part)) for part in text.split("\\")
        )
    return value.rstrip(_PADDING) == text.encode("ascii").rstrip(_PADDING)
