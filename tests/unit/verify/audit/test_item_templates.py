"""Thousands of like items: judged by what differs from those judged before, and nothing of it left unjudged."""

from __future__ import annotations

import random
import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache, partial
from typing import Any

import pytest
from pydicom.filereader import data_element_generator

from orthanc_deid import Key, deidentify
from orthanc_deid.dicom.slices import Slices
from orthanc_deid.errors import VerificationError
from orthanc_deid.profile.compile import CompiledProfile
from orthanc_deid.verify import Verifier
from orthanc_deid.verify.audit.item_templates import ItemTemplates
from orthanc_deid.verify.reading import parsing, small_items
from orthanc_deid.verify.reading.element_headers import Encoding
from orthanc_deid.verify.reading.item_ends import ItemEnds
from orthanc_deid.verify.reading.item_layouts import ItemLayout
from orthanc_deid.verify.reading.parsing import parsed_item, read_items
from orthanc_deid.verify.reading.small_items import EncodedItem
from orthanc_deid.verify.reading.stream import within
from orthanc_deid.verify.reading.value_spans import ValueSpans
from support.data.datasets import (
    CT_IMAGE_STORAGE,
    EXPLICIT,
    FORMS,
    DataSet,
    Form,
    element,
    encode,
    instance,
    item,
    part10,
    split,
)
from support.data.datasets import read as decoded
from support.data.profiles import builtin, profile

KEY = Key(bytes(range(32)))
BASIC, RESEARCH = builtin("basic"), builtin("research")
SAFE = profile(
    name="safe",
    options=["Retain Safe Private"],
    private_safe=['(0021,xx10) "ACME FRAMES"', '(0021,xx12) "ACME FRAMES"', '(0021,xx13) "ACME FRAMES"'],
)
PER_FRAME = 0x52009230
CONTENT, POSITION, SOURCE, PURPOSE = 0x00209111, 0x00209113, 0x00081140, 0x0040A170
STACK, IN_STACK, COMMENTS = 0x00209056, 0x00209057, 0x00204000
OPERATORS, MANUFACTURER = 0x00081070, 0x00080070
FRAMES, PLANTED = 300, 277
SEVERAL, TRIALS = 20, 60
OPEN = Form(open_sequences=True, open_items=True)

ANY_PROFILE = pytest.mark.parametrize("judged", [BASIC, RESEARCH, SAFE], ids=lambda each: each.profile.name)
Plant = Callable[[DataSet], DataSet]


def frame(number: int) -> DataSet:
    """Return the functional groups of a frame: at three depths, values kept, replaced and removed."""
    purpose: DataSet = [
        (0x00080100, "SH", "121322"),
        (0x00080102, "SH", "DCM"),
        (0x00080104, "LO", "Source image"),
    ]
    source: DataSet = [
        (0x00081150, "UI", CT_IMAGE_STORAGE),
        (0x00081155, "UI", f"1.2.826.0.1.3680043.10.7.1{number:05d}"),
        (PURPOSE, "SQ", [purpose]),
    ]
    content: DataSet = [
        (0x00189074, "DT", f"202403151012{number % 60:02d}"),
        (0x00189220, "FD", struct.pack("<d", number)),
        (COMMENTS, "LT", "Ask Wexler"),
        (STACK, "SH", "STACK 12"),
        (IN_STACK, "UL", struct.pack("<L", number)),
    ]
    return [
        (OPERATORS, "PN", "TARN^INES^M"),
        (SOURCE, "SQ", [source]),
        (CONTENT, "SQ", [content]),
        (POSITION, "SQ", [[(0x00200032, "DS", f"-180.0\\12.5\\{number:06d}.5")]]),
    ]


@cache
def frames(count: int) -> list[DataSet]:
    return [frame(number) for number in range(count)]


def putting(*path_and_tag: int, vr: str, value: bytes | str, instead_of: int = 0) -> Plant:
    """Return what puts an element at the end of a path of sequences, in place of itself or of another one."""
    *path, tag = path_and_tag
    gone = instead_of or tag

    def plant(level: DataSet, path: list[int] = path) -> DataSet:
        if path:
            return [
                (each, kind, [plant(inner[0], path[1:])]) if each == path[0] else (each, kind, inner)
                for each, kind, inner in level
            ]
        assert any(each[0] == gone for each in level)
        return [(tag, vr, value) if each[0] == gone else each for each in level]

    return plant


def planted(content: DataSet, plant: Plant, number: int = PLANTED) -> DataSet:
    """Return a data set in which the functional groups of one frame were changed."""
    return [
        (tag, vr, [plant(each) if index == number else each for index, each in enumerate(value)])
        if tag == PER_FRAME
        else (tag, vr, value)
        for tag, vr, value in content
    ]


def changed(file: bytes, change: Callable[[DataSet], DataSet], form: Form = EXPLICIT) -> bytes:
    """Return a file with another data set."""
    _, body, _ = split(file)
    return file[: len(file) - len(body)] + encode(change(decoded(body, explicit=form.explicit)), form)


def findings(original: bytes, output: bytes, judged: CompiledProfile = BASIC) -> tuple[str, ...]:
    """Return what the full check finds."""
    try:
        Verifier(judged.profile, KEY, "full").check(original, Slices([output]))
    except VerificationError as error:
        return error.findings
    return ()


@dataclass(frozen=True)
class Pair:
    """An original and its sound output."""

    original: bytes
    output: bytes


@cache
def made(judged: CompiledProfile = BASIC, form: Form = EXPLICIT, count: int = FRAMES) -> Pair:
    original = part10(instance((PER_FRAME, "SQ", frames(count))), form)
    return Pair(original, bytes(deidentify(original, judged, KEY)))


@pytest.fixture
def readings(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """Return a list that is as long as there are levels, or parts of them, that pydicom was asked to read."""
    readings: list[bool] = []

    def noted(*arguments: Any) -> Iterator[object]:
        readings.append(True)
        return data_element_generator(*arguments)

    for module in (parsing, small_items):
        monkeypatch.setattr(module, "data_element_generator", noted)
        small_items._cached.cache_clear()
    return readings


@ANY_PROFILE
@pytest.mark.parametrize("form", FORMS, ids=str)
def test_of_many_like_items_few_are_read_in_full(
    judged: CompiledProfile, form: Form, readings: list[bool]
) -> None:
    pair = made(judged, form)
    readings.clear()
    assert findings(pair.original, pair.output, judged) == ()
    assert len(readings) < FRAMES


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


def with_quill_as_maker(content: DataSet) -> DataSet:
    return sorted([*content, (MANUFACTURER, "LO", "Quill Imaging ")])


def test_a_name_that_one_frame_alone_says_is_searched_for_everywhere() -> None:
    sound = made()
    named = changed(
        sound.original, lambda content: planted(content, putting(OPERATORS, vr="PN", value="QUILL^ABELA"))
    )
    assert findings(named, sound.output) == ()
    for original in (named, sound.original):
        with_maker, output = (changed(file, with_quill_as_maker) for file in (original, sound.output))
        found = findings(with_maker, output)
        assert bool(found) is (original is named), found
        assert all("person found (0008,0070)" in line for line in found)


@pytest.mark.parametrize(
    ("length", "told"),
    [(16, "number changed"), (8, "changed where it may only be kept or removed")],
    ids=["in place of an element", "in a value"],
)
def test_a_delimiter_is_one_where_a_header_is_due_and_nowhere_else(length: int, told: str) -> None:
    """One item that ends earlier, and one with the same bytes in a value, among many of undefined length."""
    pair = made(BASIC, OPEN)
    end, start = struct.pack("<HHL", 0xFFFE, 0xE00D, 0), struct.pack("<HHL", 0xFFFE, 0xE000, 0xFFFFFFFF)
    old = element(STACK, "SH", "STACK 12")[-length:]
    pieces = pair.output.split(old)
    assert len(pieces) == FRAMES + 1
    new = (end + start)[:length]
    wrong = old.join(pieces[: PLANTED + 1]) + new + old.join(pieces[PLANTED + 1 :])
    assert [line for line in findings(pair.original, wrong) if told in line and f"[{PLANTED}]" in line]


def test_item_1777_of_two_thousand_is_judged_as_the_first_is() -> None:
    pair = made(BASIC, EXPLICIT, 2000)
    assert findings(pair.original, pair.output) == ()
    plant = putting(CONTENT, STACK, vr="SH", value="STACK 13")
    wrong = changed(pair.output, lambda content: planted(content, plant, 1777))
    assert [line for line in findings(pair.original, wrong) if "[1777].(0020,9111)[0].(0020,9056)" in line]


def test_a_name_is_searched_for_that_another_element_of_the_same_tag_hides() -> None:
    duplicates = [[*each, (OPERATORS, "PN", "TARN^INES^M")] for each in frames(FRAMES)]
    duplicates[PLANTED][0] = (OPERATORS, "PN", "QUILL^ABELA")
    output = made().output
    assert findings(part10(instance((PER_FRAME, "SQ", duplicates))), output) == ()
    original = part10(with_quill_as_maker(instance((PER_FRAME, "SQ", duplicates))))
    found = findings(original, changed(output, with_quill_as_maker))
    assert any("person found (0008,0070)" in line for line in found), found


@pytest.mark.parametrize("form", [EXPLICIT, OPEN], ids=str)
@pytest.mark.parametrize(
    ("declared", "found"),
    [("ISO_IR 126", True), ("ISO_IR 144", False)],
    ids=["of the name", "of other letters"],
)
def test_a_name_is_read_in_the_character_set_that_its_own_item_declares(
    declared: str, found: bool, form: Form
) -> None:
    """An item that declares one is no pattern: under another one its other values say something else."""
    name = "Ταρνίδης^Ι".encode("iso8859_7")
    content = [
        [(0x00080005, "CS", "ISO_IR 101"), (OPERATORS, "PN", name), *each[1:]] for each in frames(FRAMES)
    ]
    content[PLANTED][0] = (0x00080005, "CS", declared)
    everything = instance((0x00080005, "CS", "ISO_IR 192"), (PER_FRAME, "SQ", content))
    maker = (MANUFACTURER, "LO", "Ταρνίδης")
    original = part10(sorted([*everything, maker]), form)
    sound = bytes(deidentify(original, BASIC, KEY))
    left = changed(sound, lambda each: sorted([*(one for one in each if one[0] != maker[0]), maker]), form)
    lines = findings(original, left)
    assert any("person found (0008,0070)" in line for line in lines) is found


def test_items_of_another_encoding_are_of_another_shape() -> None:
    data = encode([(STACK, "SH", "STACK 12"), (IN_STACK, "UL", bytes(4))])
    packed = EncodedItem(data, Encoding(explicit=True, little=True), 1, 0)
    shape = ItemLayout(packed, [(8, 8), (24, 4)])
    assert shape.values(packed._replace(position=99)) == (b"STACK 12", bytes(4))
    assert shape.values(packed._replace(encoding=Encoding(explicit=False, little=True))) is None
    assert shape.values(packed._replace(delimited=True)) is None
    assert shape.values(packed._replace(data=data.replace(b"SH", b"LO"))) is None


def spans(
    content: DataSet, form: Form = EXPLICIT, more: bytes = b"", *, little: bool = True
) -> ValueSpans | None:
    """Return the spans of an item as they are told from what pydicom has read of it; `more` is behind the item."""
    data = encode(content, form)
    position = 40
    read = parsed_item(EncodedItem(data, Encoding(form.explicit, little=True), 1, position))
    return ValueSpans.of(EncodedItem(data + more, Encoding(form.explicit, little), 1, position), read)


@pytest.mark.parametrize("form", FORMS, ids=str)
def test_the_spans_of_an_item_are_those_of_its_values(form: Form) -> None:
    data = encode(frame(7), form)
    told = spans(frame(7), form)
    assert told is not None
    start, length = told.by_path[SOURCE, 0, PURPOSE, 0, 0x00080104]
    assert data[start : start + length] == b"Source image"
    start, length = told.by_path[POSITION, 0, 0x00200032]
    assert data[start : start + length] == b"-180.0\\12.5\\000007.5"
    start, length = told.by_path[CONTENT,]
    assert data[start : start + 4] == struct.pack("<HH", 0xFFFE, 0xE000)
    assert told.plain == sorted(told.plain)
    assert {
        told.by_path[path] for path in told.by_path if path[-1] not in (SOURCE, PURPOSE, CONTENT, POSITION)
    } == {*told.plain}


def test_of_an_item_that_is_not_plain_no_spans_are_told() -> None:
    assert spans(frame(7)) is not None
    assert spans(frame(7), little=False) is None
    assert spans(frame(7)[::-1]) is None
    assert spans([*frame(7), frame(7)[-1]]) is None
    assert spans(frame(7), more=bytes(8)) is None


def test_items_of_undefined_length_in_fragments_are_read_in_full(readings: list[bool]) -> None:
    """An icon that is compressed ends where its fragments say: no header of an element tells that."""
    fragments = item([], EXPLICIT) + item([(STACK, "SH", "STACK 12")], EXPLICIT)
    icon = struct.pack("<HH2sHL", 0x7FE0, 0x0010, b"OB", 0, 0xFFFFFFFF) + fragments
    icon += struct.pack("<HHL", 0xFFFE, 0xE0DD, 0)
    start, end = (struct.pack("<HHL", 0xFFFE, *rest) for rest in ((0xE000, 0xFFFFFFFF), (0xE00D, 0)))
    data = (start + icon + end) * FRAMES
    stream = within(data, 0)
    found = list(read_items(stream, 0, len(data), Encoding(explicit=True, little=True), 1))
    assert len(found) == FRAMES
    assert len(readings) >= FRAMES
    assert all(level.unloaded[0x7FE00010].fragments for level, _ in found)


def test_a_fault_that_all_frames_share_is_told_of_each() -> None:
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


PRIVATE_CREATOR, KEPT_NUMBER, KEPT_TEXT = 0x00210010, 0x00211010, 0x00211012


def private_frame(number: int, creator: str = "ACME FRAMES") -> DataSet:
    inner: DataSet = [(PRIVATE_CREATOR, "LO", creator), (KEPT_NUMBER, "DS", f"{number:06d}")]
    return sorted(
        [
            *frame(number),
            (PRIVATE_CREATOR, "LO", creator),
            (KEPT_NUMBER, "DS", f"{number:06d}"),
            (0x00211011, "LO", f"Room {number:05d}"),
            (0x00211013, "SQ", [inner]),
        ]
    )


def test_private_elements_of_many_frames_are_judged_by_their_creators(readings: list[bool]) -> None:
    """They are kept by creator: where the creator is another one of the same length, they must be gone."""
    numbers = range(FRAMES)
    original = part10(instance((PER_FRAME, "SQ", [private_frame(number) for number in numbers])))
    output = bytes(deidentify(original, SAFE, KEY))
    assert f"{PLANTED:06d}".encode() in output
    assert b"Room" not in output
    readings.clear()
    assert findings(original, output, SAFE) == ()
    assert len(readings) < FRAMES

    others = [
        private_frame(number, "ACME OTHERS" if number == PLANTED else "ACME FRAMES") for number in numbers
    ]
    found = findings(part10(instance((PER_FRAME, "SQ", others))), output, SAFE)
    assert [line for line in found if "private attributes: not removed" in line and f"[{PLANTED}]" in line]


@ANY_PROFILE
def test_removed_private_sequences_that_differ_are_read_for_names(
    judged: CompiledProfile, readings: list[bool]
) -> None:
    def private(number: int, name: str) -> DataSet:
        inner: DataSet = [(OPERATORS, "PN", name), (0x00280010, "US", struct.pack("<H", number))]
        return [*frame(number), (0x00310010, "LO", "NOBODY KNOWS"), (0x00311001, "SQ", [inner])]

    for name in ("TARN^INES^M", "QUILL^ABELA"):
        content = [private(number, name if number == PLANTED else "TARN^INES^M") for number in range(FRAMES)]
        original = part10(instance((PER_FRAME, "SQ", content)))
        output = bytes(deidentify(original, judged, KEY))
        assert b"TARN" not in output
        readings.clear()
        assert findings(original, output, judged) == ()
        assert len(readings) < 2 * FRAMES  # one for each that differs
        with_maker, wrong = (changed(file, with_quill_as_maker) for file in (original, output))
        found = findings(with_maker, wrong, judged)
        assert any("person found (0008,0070)" in line for line in found) is name.startswith("QUILL")


@ANY_PROFILE
@pytest.mark.parametrize("form", FORMS, ids=str)
def test_any_changed_byte_is_judged_as_it_is_without_patterns(
    judged: CompiledProfile, form: Form, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the check finds is the same whether items are judged by their differences or in full."""
    content = [private_frame(number) for number in range(SEVERAL)]
    original = part10(instance((PER_FRAME, "SQ", content)), form)
    output = bytes(deidentify(original, judged, KEY))
    trials = list(_trials(original, output))
    by_patterns = [findings(*files, judged) for files in trials]
    for memory in (ItemTemplates, ItemEnds):
        monkeypatch.setattr(memory, "learn", lambda *_: None)
    assert by_patterns == [findings(*files, judged) for files in trials]
    assert () in by_patterns
    assert len(set(by_patterns)) > len(trials) // 3


def _trials(original: bytes, output: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Yield pairs in which one byte of the functional groups is another one, now in this file and now in that."""
    chance = random.Random(len(original))
    yield original, output
    for number in range(TRIALS):
        files = [bytearray(original), bytearray(output)]
        file = files[number % 2]
        start = file.index(struct.pack("<HH", PER_FRAME >> 16, PER_FRAME & 0xFFFF)) + 12
        file[chance.randrange(start, len(file))] ^= 1 << chance.randrange(8)
        yield bytes(files[0]), bytes(files[1])
