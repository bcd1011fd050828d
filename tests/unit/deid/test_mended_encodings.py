"""Wrong lengths of items and missing delimiters that leave one reading are corrected, others refuse the instance."""

from __future__ import annotations

import random
import struct
from contextlib import suppress

import pytest

from orthanc_deid import Key, deidentify
from orthanc_deid.dicom.mended_encoding import MENDED
from orthanc_deid.errors import RefusedError
from orthanc_deid.verify.verifier import Verifier
from support.data.datasets import (
    FORMS,
    DataSet,
    Element,
    Form,
    element,
    encode,
    image_size,
    in_order,
    instance,
    part10,
    read_file,
)
from support.data.profiles import builtin

KEY = Key(bytes(range(32)))
CODE: DataSet = [(0x00080100, "SH", "51185008"), (0x00080102, "SH", "SCT"), (0x00080104, "LO", "Chest")]
NESTED: DataSet = [*CODE, (0x00082220, "SQ", [CODE, CODE])]
KEPT, REMOVED, LAST = 0x00082218, 0x00081110, 0x00400555
IMAGE: list[Element] = [
    (0x00280004, "CS", "MONOCHROME2"),
    *image_size(2, 2),
    (0x00280102, "US", b"\x0f\0"),
    (0x7FE00010, "OW", bytes(range(8))),
]
OPEN = (
    Form(open_sequences=True, open_items=True),
    Form(explicit=False, open_sequences=True, open_items=True),
)
NAMES = ["basic", "neutral", "research"]


def made(data: bytes, name: str = "research") -> tuple[DataSet, tuple[str, ...]]:
    """Return the elements of the result, which the verifier passes at both depths, and the notes."""
    used = builtin(name)
    done = deidentify(data, used, KEY)
    for depth in ("full", "fast"):
        Verifier(used.profile, KEY, depth).check(data, done.output)
    return read_file(bytes(done.output)), done.notes


def with_raw(raw: bytes, form: Form, content: DataSet) -> bytes:
    """Return the encoded elements with a raw one in its place."""
    tag = struct.unpack_from("<HH", raw)
    parts = {each[0]: element(*each, form) for each in content} | {tag[0] << 16 | tag[1]: raw}
    return b"".join(parts[each] for each in sorted(parts))


@pytest.mark.parametrize("form", OPEN, ids=str)
@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("missing", [8, 16, 24, 32])
@pytest.mark.parametrize("rest", [0, 1, 4, 7])
def test_delimiters_that_are_missing_at_the_end_are_added(
    form: Form, name: str, missing: int, rest: int
) -> None:
    content = instance((LAST, "SQ", [CODE, [*CODE, (0x0040A168, "SQ", [CODE])]]))
    whole = part10(content, form)
    found, notes = made(whole[: len(whole) - missing + rest], name)
    assert found == made(whole, name)[0]
    assert MENDED in notes


@pytest.mark.parametrize("form", FORMS, ids=str)
@pytest.mark.parametrize("tag", [KEPT, REMOVED])
@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("wrong", [-30, -2, 1, 8, 4000])
def test_lengths_of_items_follow_their_elements(form: Form, tag: int, name: str, wrong: int) -> None:
    if form.open_items or (form.open_sequences and wrong == 4000):
        return
    content = instance((tag, "SQ", [NESTED, CODE]), *IMAGE)
    raw = bytearray(element(tag, "SQ", [NESTED, CODE], form))
    at = raw.index(b"\xfe\xff\x00\xe0") + 4
    raw[at : at + 4] = struct.pack("<I", struct.unpack_from("<I", raw, at)[0] + wrong)
    found, notes = made(part10(with_raw(bytes(raw), form, content), form), name)
    assert found == made(part10(content, form), name)[0]
    assert MENDED in notes


def test_a_data_set_that_is_cut_off_is_refused() -> None:
    for form in FORMS:
        whole = part10(instance((LAST, "SQ", [NESTED, CODE])), form)
        ends = {len(part10(instance((LAST, "SQ", [NESTED, CODE[:n]])), form)) for n in range(3)}
        for cut in range(len(whole) - 120, len(whole) - 34):
            if cut not in ends and not form.open_sequences:
                with pytest.raises(RefusedError):
                    made(whole[:cut])


@pytest.mark.parametrize("form", FORMS, ids=str)
def test_a_longer_sequence_or_element_is_refused(form: Form) -> None:
    for old, new in ((b"SH\x08\0", b"SH\x0a\0"), (b"LO\x06\0", b"LO\x05\0")):
        raw = element(KEPT, "SQ", [NESTED], form).replace(old, new, 1)
        if form.explicit:
            with pytest.raises(RefusedError):
                made(part10(with_raw(raw, form, instance(*IMAGE)), form))


@pytest.mark.parametrize("seed", range(30))
def test_engine_and_check_mend_the_same(seed: int) -> None:
    """Whatever byte is wrong: the instance is refused, or delivered as the check reads it."""
    rng = random.Random(seed)
    for form in FORMS:
        content = in_order([*instance(*IMAGE), (KEPT, "SQ", [NESTED, CODE]), (LAST, "SQ", [CODE, NESTED])])
        data = bytearray(part10(encode(content, form), form))
        for _ in range(rng.randint(1, 2)):
            at = rng.randrange(400, len(data) - 4)
            data[at] = (data[at] + rng.choice((1, 2, 4, 250, 254, 255))) % 256
        if rng.random() < 0.5:
            del data[len(data) - rng.randint(0, 40) :]
        with suppress(RefusedError):
            made(bytes(data), rng.choice(NAMES))
