"""Explicit VR that is stated as implicit is read as it is written, and stated so in the result."""

from __future__ import annotations

import pytest

from orthanc_deid import Key, deidentify
from orthanc_deid.verify.verifier import Verifier
from support.data.datasets import (
    EXPLICIT,
    FORMS,
    IMPLICIT,
    Form,
    encode,
    image_size,
    instance,
    part10,
    read_file,
)
from support.data.profiles import builtin

KEY = Key(bytes(range(32)))
IMAGE = instance(
    (0x00080005, "CS", "ISO_IR 192"),
    (0x00280004, "CS", "MONOCHROME2"),
    *image_size(2, 2),
    (0x00280102, "US", b"\x0f\0"),
    (0x7FE00010, "OW", bytes(range(8))),
)


@pytest.mark.parametrize("form", [form for form in FORMS if form.explicit], ids=str)
@pytest.mark.parametrize("name", ["basic", "neutral", "research", "strict"])
def test_explicit_vr_that_is_stated_as_implicit_is_delivered_as_explicit(form: Form, name: str) -> None:
    used = builtin(name)
    data = part10(encode(IMAGE, form), IMPLICIT)
    done = deidentify(data, used, KEY)
    for depth in ("full", "fast"):
        Verifier(used.profile, KEY, depth).check(data, done.output)
    result = bytes(done.output)
    assert b"1.2.840.10008.1.2.1\0" in result[:400]
    assert read_file(result) == read_file(bytes(deidentify(part10(encode(IMAGE, form), EXPLICIT), used, KEY)))
