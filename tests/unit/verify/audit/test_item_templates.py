"""Thousands of like items: checked by their differences from those checked before, and none of it left unchecked."""

from __future__ import annotations

import struct
from functools import partial

import pytest

from orthanc_deid import deidentify
from orthanc_deid.profile.compile import CompiledProfile
from support.data.datasets import (
    EXPLICIT,
    FORMS,
    DataSet,
    Form,
    element,
    instance,
    part10,
    split,
)
from support.data.datasets import read as decoded
from support.data.many_frames import (
    ANY_PROFILE,
    BASIC,
    COMMENTS,
    CONTENT,
    FRAMES,
    IN_STACK,
    KEY,
    MANUFACTURER,
    OPEN,
    OPERATORS,
    PER_FRAME,
    PLANTED,
    POSITION,
    PURPOSE,
    SOURCE,
    STACK,
    Plant,
    changed,
    findings,
    frames,
    made,
    planted,
    putting,
    with_quill_as_maker,
)


@ANY_PROFILE
@pytest.mark.parametrize("form", FORMS, ids=str)
def test_of_many_like_items_few_are_read_in_full(
    judged: CompiledProfile, form: Form, readings: list[bool]
) -> None:
    pair = made(judged, form)
    readings.clear()
    assert findings(pair.original, pair.output, judged) == ()
    assert len(readings) < FRAMES


GREEK, KATAKANA = "Ταρνίδης^Ι".encode("iso8859_7"), "ﾔﾏｼﾀ^ﾊﾅ".encode("shift_jis")


def uid_of_another_frame(level: DataSet) -> DataSet:
    """Put the UID of frame 3 into a level: a UID that the key has made, but of another one."""
    _, body, _ = split(made().output)
    groups = next(value for tag, _, value in decoded(body) if tag == PER_FRAME)[3]
    source = next(value for tag, _, value in groups if tag == SOURCE)[0]
    uid = next(value for tag, _, value in source if tag == 0x00081155)
    return putting(SOURCE, 0x00081155, vr="UI", value=uid)(level)


PLANTS: dict[str, tuple[Plant, str]] = {
    "a number that is another one": (
        putting(CONTENT, IN_STACK, vr="UL", value=struct.pack("<L", 3)),
        "not kept as it was",
    ),
    "a text of all frames that is another one": (
        putting(CONTENT, STACK, vr="SH", value="STACK 13"),
        "changed where it may only be kept or removed",
    ),
    "a text in an item of an item": (
        putting(SOURCE, PURPOSE, 0x00080104, vr="LO", value="Source Image"),
        "changed where it may only be kept or removed",
    ),
    "a UID that is as it was": (
        putting(SOURCE, 0x00081155, vr="UI", value=f"1.2.826.0.1.3680043.10.7.1{PLANTED:05d}"),
        "no keyed UID value",
    ),
    "the UID of another frame": (
        uid_of_another_frame,
        "no keyed UID value",
    ),
    "a date that is as it was": (
        putting(CONTENT, 0x00189074, vr="DT", value=f"202403151012{PLANTED % 60:02d}"),
        "no dummy value",
    ),
    "another tag": (
        putting(CONTENT, 0x00209055, vr="SH", value="STACK 12", instead_of=STACK),
        "element that the original has not",
    ),
    "another VR": (putting(CONTENT, STACK, vr="LO", value="STACK 12"), "VR changed"),
    "a value longer, another shorter": (
        lambda level: putting(CONTENT, STACK, vr="SH", value="STACK 1200")(
            putting(POSITION, 0x00200032, vr="DS", value=f"-180.0\\12.5\\{PLANTED:06d}")(level)
        ),
        "not kept as it was",
    ),
    "a name that is as it was": (
        putting(OPERATORS, vr="PN", value="TARN^INES^M"),
        "no dummy value",
    ),
    "a removed text that is there": (
        putting(CONTENT, COMMENTS, vr="LT", value="Ask Wexler", instead_of=STACK),
        "not removed",
    ),
    "a removed text that is there, emptied": (
        putting(CONTENT, COMMENTS, vr="LT", value="", instead_of=STACK),
        "not removed",
    ),
    "tags in another order": (lambda level: [*level[1:], level[0]], "out of order or twice"),
    "an element twice": (lambda level: [level[0], *level], "out of order or twice"),
    "no item in a sequence": (
        lambda level: [(tag, vr, [] if tag == CONTENT else value) for tag, vr, value in level],
        "number changed",
    ),
}


@pytest.mark.parametrize("form", [EXPLICIT, OPEN], ids=str)
@pytest.mark.parametrize("name", PLANTS)
def test_one_fault_in_one_of_many_frames_is_found(name: str, form: Form) -> None:
    plant, finding = PLANTS[name]
    pair = made(BASIC, form)
    for number in (PLANTED,) if "as it was" in name else (1, PLANTED):
        wrong = changed(pair.output, partial(planted, plant=plant, number=number), form)
        place = "(5200,9230)" if "order" in finding else f"(5200,9230)[{number}]"
        assert [line for line in findings(pair.original, wrong) if finding in line and place in line]


def test_a_name_that_one_frame_alone_says_is_searched_for_everywhere() -> None:
    sound = made()
    named = changed(
        sound.original, lambda content: planted(content, putting(OPERATORS, vr="PN", value="GENESIS^ABELA"))
    )
    assert findings(named, sound.output) == ()
    for original in (named, sound.original):
        with_maker, output = (changed(file, with_quill_as_maker) for file in (original, sound.output))
        found = findings(with_maker, output)
        assert bool(found) is (original is named), found
        assert all("person found (0008,0070)" in line for line in found)


@pytest.mark.parametrize(
    ("length", "finding"),
    [(16, "number changed"), (8, "changed where it may only be kept or removed")],
    ids=["in place of an element", "in a value"],
)
def test_a_delimiter_is_one_where_a_header_is_due_and_nowhere_else(length: int, finding: str) -> None:
    """Among many items of undefined length one ends earlier, and one has the delimiter's bytes in a value."""
    pair = made(BASIC, OPEN)
    end, start = struct.pack("<HHL", 0xFFFE, 0xE00D, 0), struct.pack("<HHL", 0xFFFE, 0xE000, 0xFFFFFFFF)
    old = element(STACK, "SH", "STACK 12")[-length:]
    pieces = pair.output.split(old)
    assert len(pieces) == FRAMES + 1
    new = (end + start)[:length]
    wrong = old.join(pieces[: PLANTED + 1]) + new + old.join(pieces[PLANTED + 1 :])
    assert [line for line in findings(pair.original, wrong) if finding in line and f"[{PLANTED}]" in line]


def test_item_1777_of_two_thousand_is_judged_as_the_first_is() -> None:
    pair = made(BASIC, EXPLICIT, 2000)
    assert findings(pair.original, pair.output) == ()
    plant = putting(CONTENT, STACK, vr="SH", value="STACK 13")
    wrong = changed(pair.output, lambda content: planted(content, plant, 1777))
    assert [line for line in findings(pair.original, wrong) if "[1777].(0020,9111)[0].(0020,9056)" in line]


def test_a_name_is_searched_for_that_another_element_of_the_same_tag_hides() -> None:
    duplicates = [[*each, (OPERATORS, "PN", "TARN^INES^M")] for each in frames(FRAMES)]
    duplicates[PLANTED][0] = (OPERATORS, "PN", "GENESIS^ABELA")
    output = made().output
    assert findings(part10(instance((PER_FRAME, "SQ", duplicates))), output) == ()
    original = part10(with_quill_as_maker(instance((PER_FRAME, "SQ", duplicates))))
    found = findings(original, changed(output, with_quill_as_maker))
    assert any("person found (0008,0070)" in line for line in found), found


@pytest.mark.parametrize("form", [EXPLICIT, OPEN], ids=str)
@pytest.mark.parametrize(
    ("declared", "name", "maker", "found"),
    [
        ("ISO_IR 126", GREEK, "Ταρνίδης", True),
        ("ISO_IR 144", GREEK, "Ταρνίδης", True),  # a name declared wrongly is read in the likely sets too
        ("ISO_IR 126", GREEK, "Ελένα", False),
        ("ISO_IR 13", KATAKANA, "ヤマシタ", True),
        ("ISO_IR 101", KATAKANA, "ヤマシタ", False),  # no likely set has these letters
    ],
    ids=["of the name", "of other letters", "of another name", "of kana", "of no kana"],
)
def test_a_name_is_read_in_the_character_set_that_its_own_item_declares(
    declared: str, name: bytes, maker: str, found: bool, form: Form
) -> None:
    """An item that declares one is no template: its values mean other texts under another character set."""
    content = [[(0x00080005, "CS", "ISO_IR 101"), *each[1:]] for each in frames(FRAMES)]
    content[PLANTED] = [(0x00080005, "CS", declared), (OPERATORS, "PN", name), *content[PLANTED][1:]]
    everything = instance((0x00080005, "CS", "ISO_IR 192"), (PER_FRAME, "SQ", content))
    original = part10(sorted([*everything, (MANUFACTURER, "LO", maker)]), form)
    sound = bytes(deidentify(original, BASIC, KEY))
    left = changed(
        sound,
        lambda each: sorted([*(one for one in each if one[0] != MANUFACTURER), (MANUFACTURER, "LO", maker)]),
        form,
    )
    lines = findings(original, left)
    assert any("person found (0008,0070)" in line for line in lines) is found


def test_a_fault_that_all_frames_share_is_reported_for_each() -> None:
    pair = made()
    plant, finding = PLANTS["no item in a sequence"]
    wrong = changed(pair.output, lambda content: _everywhere(content, plant))
    lines = findings(pair.original, wrong)
    assert any(finding in line and "[12]" in line for line in lines), lines


def _everywhere(content: DataSet, plant: Plant) -> DataSet:
    return [(tag, vr, [*map(plant, value)] if tag == PER_FRAME else value) for tag, vr, value in content]


@pytest.mark.parametrize("value", ["IVES ANN", "ANN IVES"])
def test_a_name_in_a_text_of_one_frame_is_found_where_it_stands_in_both_files(value: str) -> None:
    pair = made()
    plant = putting(CONTENT, STACK, vr="SH", value=value)
    original = changed(
        pair.original,
        lambda content: planted(
            planted(content, plant), putting(OPERATORS, vr="PN", value="IVES^ANN^ZZ"), number=4
        ),
    )
    output = changed(pair.output, lambda content: planted(content, plant))
    assert [line for line in findings(original, output) if f"[{PLANTED}]" in line and "person" in line]


def test_a_uid_that_one_frame_alone_says_may_not_be_left_anywhere() -> None:
    pair = made()
    uid = "1.2.826.0.1.3680043.10.8.777777"
    original = changed(
        pair.original, lambda content: planted(content, putting(SOURCE, 0x00081155, vr="UI", value=uid))
    )
    left = changed(pair.output, lambda content: sorted([*content, (MANUFACTURER, "LO", uid)]))
    assert "UIDs: a UID of the original is left" in findings(original, left)
