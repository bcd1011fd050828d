"""The leak scan: identifying values of the original in texts and bytes of the output, and its UIDs anywhere."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from itertools import chain
from typing import cast

from orthanc_deid.dicom.tags import PIXEL_DATA, is_private
from orthanc_deid.standard.tables import defined_terms
from orthanc_deid.verify.audit.evidence import COMPRESSED_FRAMES, Evidence, Text
from orthanc_deid.verify.findings import Findings
from orthanc_deid.verify.reading.data_set import UnloadedValue
from orthanc_deid.verify.reading.instance import Instance
from orthanc_deid.verify.rules.expected_pseudonyms import is_long_enough, uids_in
from orthanc_deid.verify.rules.number_rules import most_bytes
from orthanc_deid.verify.text.binary_values import (
    SHORTEST_IN_BINARY,
    BinaryValue,
    joined,
    kinds_in_binary,
    long_words,
    may_be_in_numbers,
    reads_as_text,
)
from orthanc_deid.verify.text.cleaned_text_dates import without_changed_dates
from orthanc_deid.verify.text.decoding import decode, is_allowed, readings
from orthanc_deid.verify.text.identifiers import Identifiers, Kind, make_identifiers
from orthanc_deid.verify.text.known_in_binary import ARRAYS, is_searched, known_in, may_be_known
from orthanc_deid.verify.text.known_values import KnownValues
from orthanc_deid.verify.text.removal_reasons import RemovalReasons
from orthanc_deid.verify.text.text_search import found_in_any, kinds_in
from orthanc_deid.verify.text.uid_forms import hold_uid
from orthanc_deid.verify.text.whole_numbers import whole_numbers
from orthanc_deid.verify.text.words_in_numbers import IN_PRIVATE, holds_words

_FEW = 64
_CHUNK = 1 << 20
_LONGEST_UID = 64


def scan_for_leaks(output: Instance, evidence: Evidence, findings: Findings) -> dict[str, int]:
    """Report the original's identifying values in the output; return how many were not searched, by kind."""
    values = frozenset(evidence.values)
    identifiers = make_identifiers(values, frozenset(evidence.retained))
    charsets = {text.terms for text in evidence.texts}
    if found_in_any([text.value for text in evidence.texts], charsets, identifiers):
        few = frozenset(filter(_is_searched_in_bytes, values))
        in_bytes = make_identifiers(few, frozenset(evidence.retained))
        for text in evidence.texts:
            if evidence.is_placeholder(text.value):
                continue
            found = _kinds(text, in_bytes if text.vr == "UN" else identifiers, evidence)
            found -= _changed_dates(text, found, evidence, identifiers)
            for kind in sorted(found - _kept_kinds(text)):
                findings.add(f"identifying values ({text.rule})", f"{kind} found", text.path)
    _check_numbers(evidence.numbers, findings)
    _check_words(evidence, findings)
    searched = frozenset(each for each in values if each[1] not in evidence.retained and each[0] != "date")
    for binary in chain(evidence.binary, _suspect_numbers(evidence.numbers, searched)):
        for kind in sorted(kinds_in_binary(binary, output, searched)):
            findings.add(f"identifying values ({binary.rule})", f"{kind} found", binary.path)
    for stream in evidence.streams:
        for kind in sorted(kinds_in_binary(stream, output, long_words(searched))):
            findings.add(f"identifying values ({stream.rule})", f"{kind} found", stream.path)
    _check_removed_texts(evidence, findings)
    _check_removed_numbers(evidence, searched, output, findings)
    _check_whole_numbers(evidence, identifiers, findings)
    _check_binary_numbers(evidence, identifiers.known.integers, findings)
    left_out = Counter(identifiers.left_out)
    left_out.update(_search_uids(output, evidence, findings))
    return dict(left_out)


def _check_words(evidence: Evidence, findings: Findings) -> None:
    """Report kept texts with words that may not stay, and ages above the limit in texts."""
    for text in evidence.texts:
        if text.by_word and not evidence.stays(text):
            findings.add(f"kept text ({text.rule})", "words that no list has", text.path)
        if evidence.holds_hidden_age(text):
            findings.add(text.rule, "age above the limit in a text", text.path)


def _changed_dates(
    text: Text, found: frozenset[Kind], evidence: Evidence, identifiers: Identifiers
) -> frozenset[Kind]:
    """Return the kind of dates where those that were found are dates of the text's source, changed to known days."""
    if "date" not in found or text.source is None:
        return frozenset()
    rest = without_changed_dates(
        decode(text.source, text.terms), decode(text.value, text.terms), *evidence.shift
    )
    return frozenset() if "date" in identifiers.known.kinds_in(rest) else frozenset(("date",))


def _suspect_numbers(numbers: list[BinaryValue], values: frozenset[tuple[Kind, str]]) -> list[BinaryValue]:
    """Return the short numbers if a value may stand in any of them; one search of all rules out nearly every case."""
    return numbers if may_be_in_numbers(joined(cast("bytes", each.value) for each in numbers), values) else []


def _check_numbers(numbers: list[BinaryValue], findings: Findings) -> None:
    """Report numbers in binary that are too many, or read as words; one look at all of them rules out nearly all."""
    for each in numbers:
        if each.path and len(each.value) > most_bytes(each.path[-1], each.vr) > 0:
            findings.add(each.rule, "more values than the attribute has", each.path)
    values = [cast("bytes", each.value) for each in numbers]
    if holds_words(joined(values), "", IN_PRIVATE):
        for each, value in zip(numbers, values, strict=True):
            if holds_words(value, each.vr):
                findings.add(each.rule, "words in the place of numbers", each.path)


def _check_removed_texts(evidence: Evidence, findings: Findings) -> None:
    """Report the texts that were removed without a reason; a text that cannot be read counts as a reason."""
    removed = [text for text in evidence.removed_texts if not text.by_word or evidence.must_stay(text)]
    if not removed:
        return
    reasons = RemovalReasons.of(chain(evidence.values, (("place", text) for text in evidence.retained)))
    known = KnownValues(evidence.values)
    searched = {uid for uid in evidence.replaced_uids if is_long_enough(uid)}
    for text in removed:
        if not is_allowed(text.value, text.terms) or hold_uid((text.value,), searched):
            continue
        if evidence.holds_old_age(text):
            continue
        if not any(
            reasons.may_be_in(each) or known.may_be_in(each) for each in readings(text.value, text.terms)
        ):
            findings.add(text.rule, "removed although nobody is named in it", text.path)


def _check_removed_numbers(
    evidence: Evidence, values: frozenset[tuple[Kind, str]], output: Instance, findings: Findings
) -> None:
    """Report the private numbers that were removed though neither they nor their bytes are an identifying value."""
    if not evidence.removed_numbers:
        return
    identifiers = make_identifiers(frozenset(filter(_is_searched_in_bytes, values)))
    for number in evidence.removed_numbers:
        value = cast("bytes", number.value)
        readable = reads_as_text(value) and kinds_in(value, (), identifiers)
        if not readable and not kinds_in_binary(number, output, values):
            findings.add(number.rule, "removed although it identifies nobody", number.path)


def _check_whole_numbers(evidence: Evidence, identifiers: Identifiers, findings: Findings) -> None:
    """Report standard DS and IS that hold an identifying number, and those that went although they hold none."""
    known = identifiers.known.integers
    for number in evidence.whole_numbers if known else ():
        for each in whole_numbers(cast("bytes", number.value)) & known.keys():
            findings.add(f"identifying values ({number.rule})", f"{known[each]} found", number.path)
    if evidence.removed_whole_numbers:
        reasons = KnownValues(evidence.values).integers
        for number in evidence.removed_whole_numbers:
            value = cast("bytes", number.value)
            if is_searched(number.vr):
                held = known_in(value, number.vr, reasons) is not None
            else:
                held = not reasons.keys().isdisjoint(whole_numbers(value))
            if not held:
                findings.add(number.rule, "removed although it identifies nobody", number.path)


def _check_binary_numbers(evidence: Evidence, known: Mapping[float, str], findings: Findings) -> None:
    """Report numbers in binary that are an identifying number; one look at all of them rules out nearly all."""
    if may_be_known(evidence.unnamed_numbers, known):
        findings.add("kept numbers", "a number in binary that may identify")
    short = [each.value for each in evidence.numbers]
    short += [each.value for each in evidence.binary if each.vr in ARRAYS]
    if not may_be_known([value for value in short if isinstance(value, bytes)], known):
        return
    for each in filter(_is_standard_number, chain(evidence.numbers, evidence.binary)):
        kind = known_in(cast("bytes", each.value), each.vr, known)
        if kind is not None:
            findings.add(f"identifying values ({each.rule})", f"{kind} found", each.path)


def _is_standard_number(each: BinaryValue) -> bool:
    if not is_searched(each.vr) or not each.path or is_private(each.path[-1]):
        return False
    return isinstance(each.value, bytes)


def _is_searched_in_bytes(value: tuple[Kind, str]) -> bool:
    """Whether a value is searched in bytes that may be a text; a short PatientID such as 1 occurs by chance."""
    if value[0] == "date":
        return False
    return value[0] != "patient id" or len(value[1]) >= SHORTEST_IN_BINARY


def _kinds(text: Text, identifiers: Identifiers, evidence: Evidence) -> frozenset[Kind]:
    if text.vr != "CS":
        return kinds_in(text.value, text.terms, identifiers)
    values = {value.strip(b" \0") for value in text.value.split(b"\\")}
    found = (
        kinds_in(value, (), identifiers)
        for value in values
        if value.decode("latin-1") not in defined_terms() and not evidence.is_placeholder(value)
    )
    return frozenset().union(*found)


def _kept_kinds(text: Text) -> frozenset[Kind]:
    """Return the kinds for which the text is not searched, since the profile keeps its value; all IDs are one."""
    if text.retained in ("id", "patient id"):
        return frozenset(("id", "patient id"))
    return frozenset((text.retained,)) if text.retained else frozenset()


def _search_uids(output: Instance, evidence: Evidence, findings: Findings) -> Counter[str]:
    """Search all bytes outside pixel samples, and the texts in compressed frames, for the original's UIDs."""
    wanted = evidence.replaced_uids
    searched = {uid for uid in wanted if is_long_enough(uid)}
    short = len(wanted) - len(searched)
    if searched and hold_uid((text.value for text in evidence.texts), searched):
        findings.add("UIDs", "a UID of the original is left in a text")
    segments = (
        each.value
        for each in evidence.binary
        if each.rule == COMPRESSED_FRAMES and isinstance(each.value, bytes)
    )
    if searched and any(_has_uid(chunk, searched) for chunk in chain(_outside_pixels(output), segments)):
        findings.add("UIDs", "a UID of the original is left")
    return Counter({"uid: too short to be distinguished from other numbers": short} if short else {})


def _outside_pixels(output: Instance) -> Iterator[bytes]:
    """Yield the bytes of the output except its Pixel Data, in overlapping pieces."""
    unloaded = output.data_set.unloaded
    samples = unloaded.get(PIXEL_DATA, UnloadedValue(len(output.slices), 0))
    for start, end in ((0, samples.start), (samples.start + samples.length, len(output.slices))):
        for at in range(start, end, _CHUNK):
            yield output.load(at, min(end, at + _CHUNK + _LONGEST_UID))


def _has_uid(data: bytes, wanted: set[bytes]) -> bool:
    if len(wanted) <= _FEW and not any(uid in data for uid in wanted):
        return False
    return not wanted.isdisjoint(uids_in(data))
