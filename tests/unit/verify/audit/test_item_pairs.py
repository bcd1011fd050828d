"""Repeated items: parsed once and checked once, and never confused with others."""

from __future__ import annotations

import pytest

from orthanc_deid import Key, deidentify, load_profile
from orthanc_deid.dicom.slices import Slices
from orthanc_deid.errors import VerificationError
from orthanc_deid.verify.audit import verdict_cache
from orthanc_deid.verify.verifier import Verifier
from support.data.datasets import EXPLICIT, FORMS, DataSet, Element, Form, instance, part10

KEY = Key(bytes(range(32)))
PROFILE = load_profile("basic")
PER_FRAME, POSITION = 0x52009230, 0x00209113
FORMS_OF_ITEMS = pytest.mark.parametrize("form", FORMS, ids=str)


def frame(position: bytes, *more: Element) -> DataSet:
    inner: DataSet = [(0x00200032, "DS", position), *more]
    return [(POSITION, "SQ", [inner])]


def checked(content: list[DataSet], form: Form, old: bytes = b"", new: bytes = b"", place: int = 0) -> None:
    """De-identify, change one occurrence of `old` in the output, and check it."""
    original = part10(instance((PER_FRAME, "SQ", content)), form)
    output = bytes(deidentify(original, PROFILE, KEY))
    if old:
        pieces = output.split(old)
        assert len(pieces) == len(content) + 1
        output = old.join(pieces[: place + 1]) + new + old.join(pieces[place + 1 :])
    Verifier(PROFILE.profile, KEY).check(original, Slices([output]))


@FORMS_OF_ITEMS
@pytest.mark.parametrize("place", [0, 1, 5])
def test_one_of_many_like_items_that_was_changed_is_found(form: Form, place: int) -> None:
    frames = [frame(b"-180.0\\-12.5\\7.5 ")] * 6
    checked(frames, form)
    with pytest.raises(VerificationError, match="not kept as it was"):
        checked(frames, form, b"\\-12.5\\", b"\\+12.5\\", place)


@FORMS_OF_ITEMS
def test_like_items_in_other_places_are_judged_by_their_places(form: Form) -> None:
    code: DataSet = [
        (0x00080100, "SH", b"T-A0100 "),
        (0x00080102, "SH", b"SRT "),
        (0x00080104, "LO", b"Brain "),
    ]
    content = [[(0x00082218, "SQ", [code]), (0x00321064, "SQ", [code])]] * 3
    checked(content, form)


@FORMS_OF_ITEMS
def test_what_identifies_is_found_in_items_whose_like_was_seen_before(form: Form) -> None:
    quiet, loud = (0x00209056, "SH", b"STACK 12"), (0x00209056, "SH", b"KESTRELM")
    named: Element = (0x00080080, "LO", b"KESTRELM")
    content = [[(0x00209111, "SQ", [[quiet]])]] * 4
    original = part10(instance(named, (PER_FRAME, "SQ", content)), form)
    output = bytes(deidentify(original, PROFILE, KEY))
    assert output.count(quiet[2]) == 4
    Verifier(PROFILE.profile, KEY).check(original, Slices([output]))
    pieces = output.split(quiet[2])
    wrong = quiet[2].join(pieces[:3]) + loud[2] + quiet[2].join(pieces[3:])
    with pytest.raises(VerificationError):
        Verifier(PROFILE.profile, KEY).check(original, Slices([wrong]))


def test_a_repeated_tag_in_a_small_item_is_reported() -> None:
    duplicates: DataSet = [(0x00200032, "DS", b"1\\2\\3 "), (0x00200032, "DS", b"1\\2\\3 ")]
    original = part10(instance((PER_FRAME, "SQ", [[(POSITION, "SQ", [[duplicates[0]]])]])), EXPLICIT)
    output = bytes(deidentify(original, PROFILE, KEY))
    Verifier(PROFILE.profile, KEY).check(original, Slices([output]))
    doubled = part10(instance((PER_FRAME, "SQ", [[(POSITION, "SQ", [duplicates])]])), EXPLICIT)
    with pytest.raises(VerificationError, match="out of order or twice"):
        Verifier(PROFILE.profile, KEY).check(original, Slices([doubled]))


@FORMS_OF_ITEMS
@pytest.mark.parametrize("place", [None, 0, 4, 7])
def test_the_bound_of_the_cache_of_verdicts_changes_no_verdict(
    place: int | None, form: Form, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Pairs that the cache had to drop are checked again, those after it as those before."""
    monkeypatch.setattr(verdict_cache, "_MOST", 1)
    frames = [
        [
            (0x00209113, "SQ", [[(0x00200032, "DS", b"-180.0\\-12.5\\7.5 ")]]),
            (0x00209116, "SQ", [[(0x00200037, "DS", b"%d\\0\\0\\0\\1\\0 " % (number % 3))]] * 4),
        ]
        for number in range(8)
    ]
    if place is None:
        checked(frames, form)
    else:
        with pytest.raises(VerificationError, match=rf"not kept as it was \(5200,9230\)\[{place}\]"):
            checked(frames, form, b"\\-12.5\\", b"\\+12.5\\", place)
