"""A run continues only with its first settings, and a refusal names the recorded profile."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from orthanc_deid.cli.run.run_manifest import naming_recorded_profile, refuse_mixing
from orthanc_deid.config.key import Key
from orthanc_deid.errors import ConfigError
from orthanc_deid.ledger.folder_run.file_ledger import FileLedger
from orthanc_deid.profile.load import load_profile
from orthanc_deid.profile.model import Profile

KEY = Key(bytes(range(32)))
NEUTRAL = load_profile("neutral")


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[FileLedger]:
    opened = FileLedger.open(tmp_path / "ledger.db", KEY.fingerprint)
    yield opened
    opened.close()


def known_as(profile: Profile) -> str:
    return f"{profile.name}, fingerprint {profile.fingerprint()}"


def refusal(ledger: FileLedger, profile: Profile) -> str:
    with pytest.raises(ConfigError) as caught:
        refuse_mixing(ledger, profile, "full", KEY)
    return str(caught.value)


def test_another_profile_is_refused_by_the_name_and_fingerprint_of_both(ledger: FileLedger) -> None:
    for _ in range(2):
        refuse_mixing(ledger, NEUTRAL, "full", KEY)
    basic = load_profile("basic")
    assert f"another profile ({known_as(NEUTRAL)}; this one is {known_as(basic)})" in refusal(ledger, basic)
    refuse_mixing(ledger, NEUTRAL, "full", KEY)


def test_another_depth_is_refused_by_the_first_ones_name(ledger: FileLedger) -> None:
    refuse_mixing(ledger, NEUTRAL, "fast", KEY)
    assert "another depth of the check (fast)" in refusal(ledger, NEUTRAL)


def test_another_version_is_refused_by_the_first_ones_number(ledger: FileLedger) -> None:
    ledger.keep_meta("version", "0.0.1")
    assert "another version of this software (0.0.1)" in refusal(ledger, NEUTRAL)


def test_pseudonyms_that_are_given_to_others_are_no_other_profile_and_are_refused(
    ledger: FileLedger, tmp_path: Path
) -> None:
    def given(old: str) -> Profile:
        (tmp_path / "ids.csv").write_text(f"id_old,id_new\n{old},A\n")
        (tmp_path / "site.toml").write_text('name = "site"\n[pseudonyms]\npatients = "ids.csv"\n')
        return load_profile(str(tmp_path / "site.toml"))

    first, second = given("4711"), given("4712")
    assert known_as(first) == known_as(second)
    refuse_mixing(ledger, first, "full", KEY)
    found = refusal(ledger, second)
    assert f"the same profile ({known_as(first)}), but other files of pseudonyms" in found
    assert "4711" not in found
    assert "4712" not in found


def test_a_record_that_does_not_know_its_profiles_name_learns_it_from_the_same_profile_alone(
    ledger: FileLedger, tmp_path: Path
) -> None:
    refuse_mixing(ledger, NEUTRAL, "full", KEY)
    name = "profile as people know it"
    other = FileLedger.open(tmp_path / "older.db", KEY.fingerprint)
    other.keep_meta("profile", ledger.keep_meta("profile", ""))
    assert "with another profile, and" in refusal(other, load_profile("basic"))
    assert other.meta(name) is None
    refuse_mixing(other, NEUTRAL, "full", KEY)
    assert other.meta(name) == known_as(NEUTRAL)
    other.close()


def test_the_refusal_of_a_key_names_the_profile_of_the_run_where_it_is_known(
    ledger: FileLedger, tmp_path: Path
) -> None:
    path = tmp_path / "ledger.db"
    for record in (None, path):
        with pytest.raises(ConfigError, match=r"^another key$"), naming_recorded_profile(record):
            raise ConfigError("another key")
    refuse_mixing(ledger, NEUTRAL, "full", KEY)
    with (
        pytest.raises(ConfigError, match=r"^another key; .* the profile neutral, "),
        naming_recorded_profile(path),
    ):
        raise ConfigError("another key")
