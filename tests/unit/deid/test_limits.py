"""Limits of what one instance may cost, and time that grows with its length only."""

from __future__ import annotations

import struct
from collections.abc import Callable
from functools import partial

import pytest

from orthanc_deid import Key
from orthanc_deid.deid.engine import Deidentifier
from orthanc_deid.errors import RefusedError
from orthanc_deid.profile.compile import CompiledProfile
from orthanc_deid.profile.load import load_profile
from orthanc_deid.profile.model import Limits, Profile
from orthanc_deid.verify.verifier import Verifier
from support.data.datasets import (
    EXPLICIT,
    IMPLICIT,
    REQUEST_ATTRIBUTES,
    DataSet,
    Form,
    instance,
    nested,
    part10,
)
from support.processor_time import least_time

KEY = Key(bytes(range(32)))
SEQUENCE = 0x00081115  # kept by every profile


def _identities(count: int) -> bytes:
    items: list[DataSet] = [[(0x00100030, "DA", f"{19000101 + number}")] for number in range(count)]
    return part10(instance((SEQUENCE, "SQ", items)))


def _elements(count: int) -> bytes:
    items: list[DataSet] = [[(0x00080081, "ST", "somewhere")] for _ in range(count)]
    return part10(instance((SEQUENCE, "SQ", items)))


@pytest.mark.parametrize(
    ("limits", "make", "within", "beyond", "reason"),
    [
        (Limits(identities=100), _identities, 90, 120, "more identifying values than the limit"),
        (Limits(elements=1000), _elements, 300, 400, "more elements than the limit"),
    ],
)
def test_an_instance_beyond_a_limit_is_refused(
    limits: Limits, make: Callable[[int], bytes], within: int, beyond: int, reason: str
) -> None:
    engine = Deidentifier(CompiledProfile(Profile(name="p", limits=limits)), KEY)
    engine.run(make(within))
    with pytest.raises(RefusedError, match=reason):
        engine.run(make(beyond))


def _items(count: int, form: Form) -> bytes:
    each: DataSet = [
        (0x00080050, "SH", "A-1"),
        (0x00081150, "UI", "1.2.3.4"),
        (0x00081155, "UI", "1.2.3.4.5"),
    ]
    return part10(instance((SEQUENCE, "SQ", [each] * count)), form)


def _different_items(count: int, form: Form) -> bytes:
    items: list[DataSet] = [
        [(0x00081155, "UI", f"1.2.3.4.{number}"), (0x00280010, "US", struct.pack("<H", number % 9))]
        for number in range(count)
    ]
    return part10(instance((SEQUENCE, "SQ", items)), form)


def _private_blocks(count: int, form: Form) -> bytes:
    blocks: DataSet = []
    for group in range(0x0011, 0x0011 + 2 * (count // 200 + 1), 2):
        blocks += [(group << 16 | number, "LO", "SOMEBODY") for number in range(0x10, 0xD8)]
        blocks += [(group << 16 | number << 8 | 1, "LO", "value") for number in range(0x10, 0xD8)]
    return part10(instance(*blocks), form)


def _deep_items(count: int, form: Form) -> bytes:
    inner = nested(20, [(0x00080050, "SH", "A-1")], SEQUENCE)
    return part10(instance((REQUEST_ATTRIBUTES, "SQ", [inner] * (count // 20))), form)


@pytest.mark.parametrize("name", ["basic", "research"])
@pytest.mark.parametrize("form", [EXPLICIT, IMPLICIT, Form(open_sequences=True, open_items=True)], ids=str)
@pytest.mark.parametrize("make", [_items, _different_items, _private_blocks, _deep_items])
def test_time_grows_with_the_length_and_not_with_its_square(
    make: Callable[[int, Form], bytes], form: Form, name: str
) -> None:
    profile = load_profile(name)

    def run(data: bytes) -> None:
        output = Deidentifier(CompiledProfile(profile), KEY).run(data).output
        Verifier(profile, KEY).check(data, output)

    short, long = (least_time(partial(run, make(number, form))) for number in (1_000, 5_000))
    assert long < 12 * max(short, 0.02)
