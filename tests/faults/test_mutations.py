"""The verifier catches the engine weakened in any one place, and reports where."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

import pytest

from faults.mutations import Mutation, forget
from faults.mutations_by_stealth import STEALTH
from faults.mutations_of_admission import ADMISSION
from faults.mutations_of_ages import AGES
from faults.mutations_of_damage import DAMAGE
from faults.mutations_of_encodings import ENCODINGS
from faults.mutations_of_frames import FRAMES
from faults.mutations_of_geometry import GEOMETRY
from faults.mutations_of_kept_texts import KEPT_TEXTS
from faults.mutations_of_names import CHARACTER_SETS, FORMS
from faults.mutations_of_people import PEOPLE
from faults.mutations_of_private_elements import PRIVATE_ELEMENTS
from faults.mutations_of_reading import READING
from faults.mutations_of_rules import RULES
from faults.mutations_of_samples import SAMPLES
from faults.mutations_of_structural_values import DERIVED, STRUCTURAL
from faults.mutations_of_values import VALUES
from faults.mutations_of_work import WORK
from orthanc_deid.config.key import Key
from orthanc_deid.deid.engine import Deidentifier
from orthanc_deid.dicom.slices import Slices
from orthanc_deid.errors import RefusedError, VerificationError
from orthanc_deid.profile.compile import CompiledProfile
from orthanc_deid.profile.model import Profile
from orthanc_deid.profile.verify_depth import VerifyDepth
from orthanc_deid.verify.verifier import Verifier

KEY = Key(bytes(range(40, 72)))
DEPTHS: tuple[VerifyDepth, ...] = ("full", "fast")
MUTATIONS = (
    *FRAMES,
    *RULES,
    *READING,
    *DAMAGE,
    *CHARACTER_SETS,
    *FORMS,
    *PEOPLE,
    *WORK,
    *VALUES,
    *STEALTH,
    *PRIVATE_ELEMENTS,
    *AGES,
    *KEPT_TEXTS,
    *DERIVED,
    *SAMPLES,
    *GEOMETRY,
    *ENCODINGS,
)


@pytest.fixture(autouse=True)
def _nothing_remembered() -> Iterator[None]:
    """Set up before `monkeypatch` and so torn down after it, which clears the caches of a weakened engine."""
    yield
    forget()


def deidentified(original: bytes, profile: Profile) -> Slices:
    """Return the result of an engine with empty caches."""
    forget()
    return Deidentifier(CompiledProfile(profile), KEY).run(original).output


def name_of(mutation: Mutation) -> str:
    return mutation.name


@pytest.mark.parametrize("mutation", MUTATIONS, ids=name_of)
def test_the_verifier_catches_an_engine_that(mutation: Mutation, monkeypatch: pytest.MonkeyPatch) -> None:
    source, profile = mutation.original, mutation.profile
    sound = deidentified(source, profile)
    for depth in DEPTHS:
        Verifier(profile, KEY, depth).check(source, sound)

    mutation.weaken(monkeypatch)
    weak = deidentified(source, profile)
    assert bytes(weak) != bytes(sound), "the mutation changes nothing here"
    with pytest.raises(VerificationError) as caught:
        Verifier(profile, KEY, "full").check(source, weak)
    assert [line for line in caught.value.findings if mutation.finding in line], caught.value.findings


@pytest.mark.parametrize("mutation", [each for each in MUTATIONS if each.fast], ids=name_of)
def test_the_fast_depth_catches_an_engine_that(mutation: Mutation, monkeypatch: pytest.MonkeyPatch) -> None:
    mutation.weaken(monkeypatch)
    weak = deidentified(mutation.original, mutation.profile)
    with pytest.raises(VerificationError):
        Verifier(mutation.profile, KEY, "fast").check(mutation.original, weak)


@pytest.mark.parametrize("mutation", [each for each in MUTATIONS if not each.fast], ids=name_of)
def test_the_fast_depth_is_known_to_miss_an_engine_that(
    mutation: Mutation, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If this fails, the fast depth finds the mutation, which should then have `fast=True`."""
    mutation.weaken(monkeypatch)
    weak = deidentified(mutation.original, mutation.profile)
    Verifier(mutation.profile, KEY, "fast").check(mutation.original, weak)


@pytest.mark.parametrize("depth", DEPTHS)
@pytest.mark.parametrize("mutation", [*ADMISSION, *STRUCTURAL], ids=name_of)
def test_the_verifier_stops_what_must_not_be_released_from_an_engine_that(
    mutation: Mutation, depth: VerifyDepth, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The sound engine refuses the instance, or another profile takes it; the weakened one makes a result."""
    source, profile = mutation.original, mutation.profile
    with suppress(RefusedError):
        assert Deidentifier(CompiledProfile(profile), KEY).run(source).profile != profile
    mutation.weaken(monkeypatch)
    weak = deidentified(source, profile)
    with pytest.raises(VerificationError) as caught:
        Verifier(profile, KEY, depth).check(source, weak)
    assert [line for line in caught.value.findings if mutation.finding in line], caught.value.findings
