"""The values that an audit collects for the search that follows it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from orthanc_deid.bounded_cache import bounded_cache
from orthanc_deid.dicom.slices import Buffer
from orthanc_deid.dicom.tags import CODE_VALUES, ElementPath, is_private
from orthanc_deid.standard.tables import structural_terms, structure_label_tags
from orthanc_deid.verify.reading.stored_numbers import STRUCT_CODES, digits
from orthanc_deid.verify.rules.expectations import Expectation, Requirement
from orthanc_deid.verify.rules.expected_pseudonyms import is_public, is_registered
from orthanc_deid.verify.text.ages import holds_old_age
from orthanc_deid.verify.text.binary_values import (
    BINARY_NUMBER_VRS,
    NUMBER_STRING_VRS,
    BinaryValue,
    is_readable,
    is_searched_as_binary,
    is_short_number,
    may_hold_a_word,
    reads_as_text,
)
from orthanc_deid.verify.text.cleaned_text_dates import DateMode
from orthanc_deid.verify.text.decoding import Terms, believed, readings
from orthanc_deid.verify.text.identifiers import Kind
from orthanc_deid.verify.text.known_words import is_structure, must_stay, stays_as_kept_text
from orthanc_deid.verify.text.structural_terms import holds_terms
from orthanc_deid.verify.text.whole_numbers import may_hold_whole_number

COMPRESSED_FRAMES = "compressed frames"
"""The rule of compressed image data."""

_BETWEEN_SEGMENTS = bytes(2)  # an even number, so that UTF-16 stays aligned
_TWO_DIGITS = re.compile(rb"\d\d")
_SEVERAL = frozenset(("LO", "SH", "PN", "UC", "CS", "DA"))


class Text(NamedTuple):
    """An encoded text of the output, to be searched; in `removed_texts` one of the original that was not kept.

    `retained`: the kind of the value that the profile keeps here, for which the text is not searched. `by_word`: the
    text must be made of known words. `source`: the original of a cleaned text, whose dates may stand in it changed.
    `limited`: no age above the profile's limit may stand in it.
    """

    value: bytes
    terms: Terms
    path: ElementPath
    vr: str
    rule: str
    retained: Kind | None = None
    by_word: bool = False
    source: bytes | None = None
    limited: bool = False


def kept_text(value: bytes, terms: Terms, path: ElementPath, expected: Expectation) -> Text:
    """Return the text of an element that stays under the verdict `expected`."""
    kind = expected.kind if expected.retained else None
    return Text(value, terms, path, expected.vr, expected.rule, kind, expected.by_word, limited=True)


def cleaned_text(value: bytes, terms: Terms, path: ElementPath, expected: Expectation, source: bytes) -> Text:
    """Return the text that an element with the value `source` was cleaned to."""
    return Text(value, terms, path, expected.vr, expected.rule, source=source, limited=True)


@dataclass(slots=True)
class Evidence:
    """The values for the leak scan.

    `values`: the original's identifying values with their kinds. `retained`: those that the profile keeps on purpose.
    `uids`: UIDs that must not remain. `kept_uids`: those that may. `texts`: texts of the output to be searched.
    `removed_texts`: texts that may only be removed because they contain an identifying value, which is still to be
    checked. `removed_numbers`: the same of private numbers. `binary`: values of the output to be searched that are
    no texts. `numbers`: short numbers in binary of standard attributes; `unnamed_numbers`: those of which the
    attribute is not known. `whole_numbers`: DS and IS of the output that may identify; `removed_whole_numbers`: those
    of the original, and numbers in binary, that went for that reason. `streams`: compressed
    data that is not read.
    `placeholder`: that of the profile; `oldest`: the highest age that it shows. `shift`: how dates in cleaned texts
    change, and by how many days. `first_days_stay`: the profile shows the first day of a year as it is.
    """

    values: set[tuple[Kind, str]] = field(default_factory=set)
    retained: set[str] = field(default_factory=set)
    uids: set[bytes] = field(default_factory=set)
    kept_uids: set[bytes] = field(default_factory=set)
    texts: list[Text] = field(default_factory=list)
    removed_texts: list[Text] = field(default_factory=list)
    removed_numbers: list[BinaryValue] = field(default_factory=list)
    binary: list[BinaryValue] = field(default_factory=list)
    numbers: list[BinaryValue] = field(default_factory=list)
    unnamed_numbers: list[Buffer] = field(default_factory=list)
    whole_numbers: list[BinaryValue] = field(default_factory=list)
    removed_whole_numbers: list[BinaryValue] = field(default_factory=list)
    streams: list[BinaryValue] = field(default_factory=list)
    placeholder: str = ""
    oldest: int = 0
    first_days_stay: bool = False
    shift: tuple[DateMode, int] = ("table", 0)

    def take_value(self, expected: Expectation, value: bytes, terms: Terms) -> None:
        """Add an identifying value of the original."""
        if expected.kind is None or not value:
            return
        if expected.kind == "date":
            days = _days_of(value)
            self.values.update(
                ("date", day) for day in days if not (self.first_days_stay and day.endswith("0101"))
            )
            return
        found = _values_of(expected.vr, value, terms)
        if expected.retained:
            self.retained.update(found)
        else:
            self.values.update((expected.kind, each) for each in found)

    def take_binary(
        self, expected: Expectation, value: bytes | tuple[int, int], path: ElementPath, terms: Terms
    ) -> None:
        """Add a value of the output that stays and is no text, or has no VR of text; or its position and length."""
        tag, vr, rule = path[-1], expected.vr, expected.rule
        if is_private(tag) and vr in NUMBER_STRING_VRS and expected.requirement is Requirement.NUMBER:
            self.binary.append(BinaryValue(path, vr, rule, value))
            return
        self.take_whole_numbers(expected, value, path)
        if is_searched_as_binary(tag, vr):
            self.binary.append(BinaryValue(path, vr, rule, value))
        elif vr in BINARY_NUMBER_VRS:
            (self.numbers if isinstance(value, bytes) else self.binary).append(
                BinaryValue(path, vr, rule, value)
            )
        if isinstance(value, bytes) and is_private(tag) and reads_as_text(value):
            self.texts.append(Text(value, terms, path, "UN", rule))

    def take_numbers(self, expected: Expectation, value: bytes, prefix: ElementPath, tag: int) -> None:
        """Add a number of a standard attribute of the output that is that of the original."""
        if expected.vr in NUMBER_STRING_VRS:
            if may_hold_whole_number(value):
                self.take_whole_numbers(expected, value, (*prefix, tag))
        elif may_hold_a_word(expected.vr, value):
            self.numbers.append(BinaryValue((*prefix, tag), expected.vr, expected.rule, value))

    def take_whole_numbers(
        self, expected: Expectation, value: bytes | tuple[int, int], path: ElementPath
    ) -> None:
        """Add a DS or IS of a standard attribute of the output, if an identifying number may be in it."""
        if (
            expected.vr in NUMBER_STRING_VRS
            and isinstance(value, bytes)
            and not is_private(path[-1])
            and may_hold_whole_number(value)
        ):
            self.whole_numbers.append(BinaryValue(path, expected.vr, expected.rule, value))

    def take_judged(self, value: bytes, rule: str, path: ElementPath, terms: Terms) -> None:
        """Add a private value of the output whose VR nothing states: a number in digits, a text or other bytes."""
        if is_short_number(value):
            return
        self.binary.append(BinaryValue(path, "UN", rule, value))
        if is_readable(value):
            self.texts.append(Text(value, terms, path, "LO", rule, limited=True))

    def take_headers(self, contents: Iterable[bytes], path: ElementPath) -> None:
        """Add the segments of compressed frames of the output that are no entropy-coded data."""
        if joined := _BETWEEN_SEGMENTS.join(contents):
            self.binary.append(BinaryValue(path, "OB", COMPRESSED_FRAMES, joined))

    def take_stream(self, span: tuple[int, int], path: ElementPath) -> None:
        """Add a compressed stream of the output that is not read to its end; `span`: (start, length)."""
        self.streams.append(BinaryValue(path, "OB", COMPRESSED_FRAMES, span))

    @property
    def replaced_uids(self) -> set[bytes]:
        """The UIDs that the output must not contain."""
        return self.uids - self.kept_uids

    def is_placeholder(self, value: bytes) -> bool:
        """Whether a value is the profile's placeholder, which stands in every output and names nobody."""
        return value.strip(b" \0") == self.placeholder.encode("ascii")

    def holds_old_age(self, text: Text) -> bool:
        """Whether an age above the limit stands in a text of the original, in one of its readings."""
        return self._holds_age_above(text, self.oldest)

    def holds_hidden_age(self, text: Text) -> bool:
        """Whether an age stands in a text of the output that the profile does not show: one year more is its end."""
        return self._holds_age_above(text, self.oldest + 1)

    def _holds_age_above(self, text: Text, limit: int) -> bool:
        if not text.limited or not _TWO_DIGITS.search(text.value):
            return False
        return any(holds_old_age(each, limit) for each in readings(text.value, text.terms))

    def stays(self, text: Text) -> bool:
        """Whether a kept text may stay: it is made of known words, or is a code where it is a Code Value."""
        tag = text.path[-1]
        if tag in structural_terms():
            return holds_terms(tag, text.value)
        if tag in structure_label_tags() and is_structure(text.value, text.terms):
            return True
        is_code = tag in CODE_VALUES
        return stays_as_kept_text(text.value, text.terms, text.vr, self.placeholder, is_code)

    def must_stay(self, text: Text) -> bool:
        """Whether nothing of a kept text of the original may go, unless it identifies somebody."""
        if text.path[-1] in structural_terms():
            return holds_terms(text.path[-1], text.value)
        is_code = text.path[-1] in CODE_VALUES
        return must_stay(text.value, text.terms, text.vr, is_code) and not self.holds_old_age(text)

    def take_uids(self, expected: Expectation, value: bytes) -> None:
        """Add the UIDs of an element of the original."""
        if expected.registered:
            self.uids.update(uid for uid in _unregistered(value) if not is_public(uid))
        elif expected.requirement in (Requirement.KEPT, Requirement.NUMBER, Requirement.FIXED):
            self.kept_uids.update(part.strip(b" \0") for part in value.split(b"\\"))
        else:
            self.uids.update(_unregistered(value))


# A series repeats nearly all of its values.


@bounded_cache(maxsize=2048)
def _days_of(value: bytes) -> tuple[str, ...]:
    """Return the days of a DA or DT, or of the ends of a range; a partial one has none."""
    parts = value.decode("latin-1").replace(".", "").replace("\\", "-").split("-")
    days = (part.strip(" \0")[:8] for part in parts)
    return tuple(day for day in days if len(day) == 8 and day.isdigit())


@bounded_cache(maxsize=2048)
def _values_of(vr: str, value: bytes, terms: Terms) -> tuple[str, ...]:
    """Return the identifying values in an element's value, trimmed; empty ones are left out."""
    texts = _texts(vr, value, terms)
    parts = (part for text in texts for part in (text.split("\\") if vr in _SEVERAL else (text,)))
    return tuple(filter(None, (part.strip(" \0\r\n\t") for part in parts)))


@bounded_cache(maxsize=2048)
def _unregistered(value: bytes) -> tuple[bytes, ...]:
    uids = (part.strip(b" \0") for part in value.split(b"\\"))
    return tuple(uid for uid in uids if uid and not is_registered(uid))


def _texts(vr: str, value: bytes, terms: Terms) -> Iterable[str]:
    """Return the readings of a value of any VR as text: a number may also be an ID."""
    if vr in STRUCT_CODES:
        return digits(value, vr)
    texts = believed(value, terms)
    return [text for text in texts if "\ufffd" not in text] or texts
