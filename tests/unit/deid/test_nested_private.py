"""Private sequences of defined length that no VR marks, nested in one another, to the depth that is read."""

from __future__ import annotations

from functools import partial

import pytest

from orthanc_deid import Key, deidentify
from orthanc_deid.profile.verify_depth import VerifyDepth
from orthanc_deid.verify.verifier import Verifier
from support.data.datasets import EXPLICIT, IMPLICIT, Form
from support.data.nested_private import PHILIPS, factor, nested_stacks
from support.data.profiles import profile
from support.processor_time import least_time

KEY = Key(bytes(range(32)))
SAFE = profile(options=["Retain Safe Private"])
DEEPEST = 64
DEPTHS: tuple[VerifyDepth, ...] = ("full", "fast")


@pytest.mark.parametrize("form", [EXPLICIT, IMPLICIT], ids=str)
@pytest.mark.parametrize("depth", [1, 2, DEEPEST, DEEPEST + 1, 400, 4000])
def test_unmarked_private_sequences_are_kept_to_the_depth_of_all_others(depth: int, form: Form) -> None:
    source = nested_stacks(depth, form)
    output = deidentify(source, SAFE, KEY).output
    factors = [number for number in range(1, depth + 1) if factor(number) in bytes(output)]
    assert factors == [*range(1, min(depth, DEEPEST) + 1)]
    assert bytes(output).count(PHILIPS[2]) == min(depth, DEEPEST) + 1
    for each in DEPTHS:
        Verifier(SAFE.profile, KEY, each).check(source, output)


def test_the_time_of_nested_private_sequences_is_linear() -> None:
    short, long = (
        least_time(partial(deidentify, nested_stacks(n, IMPLICIT), SAFE, KEY)) for n in (1000, 4000)
    )
    assert long < 8 * short
