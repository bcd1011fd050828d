"""The verifier catches an engine that writes badly over regions of an image, or claims something else than it did."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from faults.mutations import Mutation, forget
from faults.mutations_of_pixels import PIXELS
from orthanc_deid.config.key import Key
from orthanc_deid.deid.engine import Deidentified, Deidentifier
from orthanc_deid.errors import VerificationError
from orthanc_deid.profile.compile import CompiledProfile
from orthanc_deid.profile.verify_depth import VerifyDepth
from orthanc_deid.verify.verifier import Verifier

KEY = Key(bytes(range(40, 72)))
DEPTHS: tuple[VerifyDepth, ...] = ("full", "fast")


@pytest.fixture(autouse=True)
def _nothing_remembered() -> Iterator[None]:
    """Set up before `monkeypatch` and so torn down after it, which clears the caches of a weakened engine."""
    yield
    forget()


def deidentified(mutation: Mutation) -> Deidentified:
    """Return the result of an engine with empty caches."""
    forget()
    return Deidentifier(CompiledProfile(mutation.profile), KEY).run(mutation.original)


@pytest.mark.parametrize("mutation", PIXELS, ids=lambda mutation: mutation.name)
def test_the_verifier_catches_an_engine_that(mutation: Mutation, monkeypatch: pytest.MonkeyPatch) -> None:
    sound = deidentified(mutation)
    for depth in DEPTHS:
        Verifier(mutation.profile, KEY, depth).check(mutation.original, sound.output, sound.sample_changes)
    mutation.weaken(monkeypatch)
    weak = deidentified(mutation)
    for depth in DEPTHS:
        with pytest.raises(VerificationError) as caught:
            Verifier(mutation.profile, KEY, depth).check(mutation.original, weak.output, weak.sample_changes)
        assert [line for line in caught.value.findings if mutation.finding in line], caught.value.findings
