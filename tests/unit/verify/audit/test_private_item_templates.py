"""Like items with private elements, and items with any changed byte, checked by templates and in full."""

from __future__ import annotations

import random
import struct
from collections.abc import Iterator

import pytest

from orthanc_deid import deidentify
from orthanc_deid.profile.compile import CompiledProfile
from orthanc_deid.verify.audit.item_templates import ItemTemplates
from orthanc_deid.verify.reading.item_ends import ItemEnds
from support.data.datasets import (
    FORMS,
    DataSet,
    Form,
    instance,
    part10,
)
from support.data.many_frames import (
    ANY_PROFILE,
    FRAMES,
    KEY,
    OPERATORS,
    PER_FRAME,
    PLANTED,
    SAFE,
    changed,
    findings,
    frame,
    with_quill_as_maker,
)

SEVERAL, TRIALS = 20, 60


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
    """They are kept by creator: under another creator of the same length they must be gone."""
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

    for name in ("TARN^INES^M", "GENESIS^ABELA"):
        content = [private(number, name if number == PLANTED else "TARN^INES^M") for number in range(FRAMES)]
        original = part10(instance((PER_FRAME, "SQ", content)))
        output = bytes(deidentify(original, judged, KEY))
        assert b"TARN" not in output
        readings.clear()
        assert findings(original, output, judged) == ()
        assert len(readings) < 2 * FRAMES  # one for each that differs
        with_maker, wrong = (changed(file, with_quill_as_maker) for file in (original, output))
        found = findings(with_maker, wrong, judged)
        assert any("person found (0008,0070)" in line for line in found) is name.startswith("GENESIS")


@ANY_PROFILE
@pytest.mark.parametrize("form", FORMS, ids=str)
def test_any_changed_byte_is_judged_as_it_is_without_templates(
    judged: CompiledProfile, form: Form, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The findings are the same whether items are checked by their differences or in full."""
    content = [private_frame(number) for number in range(SEVERAL)]
    original = part10(instance((PER_FRAME, "SQ", content)), form)
    output = bytes(deidentify(original, judged, KEY))
    trials = list(_trials(original, output))
    by_templates = [findings(*files, judged) for files in trials]
    for memory in (ItemTemplates, ItemEnds):
        monkeypatch.setattr(memory, "learn", lambda *_: None)
    assert by_templates == [findings(*files, judged) for files in trials]
    assert () in by_templates
    assert len(set(by_templates)) > len(trials) // 3


def _trials(original: bytes, output: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Yield pairs with one changed byte in the functional groups, in either file in turn."""
    chance = random.Random(len(original))
    yield original, output
    for number in range(TRIALS):
        files = [bytearray(original), bytearray(output)]
        file = files[number % 2]
        start = file.index(struct.pack("<HH", PER_FRAME >> 16, PER_FRAME & 0xFFFF)) + 12
        file[chance.randrange(start, len(file))] ^= 1 << chance.randrange(8)
        yield bytes(files[0]), bytes(files[1])
