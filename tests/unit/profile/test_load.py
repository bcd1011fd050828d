"""Loading profiles: accepted files, folders of files, routes between profiles, and fingerprints."""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest

from orthanc_deid.errors import ConfigError
from orthanc_deid.profile.action import Action
from orthanc_deid.profile.load import builtin_names, builtin_text, load_profile, load_profiles
from orthanc_deid.profile.model import Profile
from orthanc_deid.profile.options import Option
from support.data.profile_files import write_profile

# What is accepted


def test_a_profile_that_says_nothing_is_the_basic_profile(tmp_path: Path) -> None:
    profile = load_profile(write_profile(tmp_path, ""))
    assert profile == Profile(name="site")
    assert profile.model_dump(exclude={"name", "description"}) == load_profile("basic").model_dump(
        exclude={"name", "description"}
    )


def test_a_profile_without_base_and_rules_is_fine(tmp_path: Path) -> None:
    assert load_profile(write_profile(tmp_path, 'base = "none"')).attributes == ()


def test_every_kind_of_rule_is_read(tmp_path: Path) -> None:
    profile = load_profile(
        write_profile(
            tmp_path,
            """
options = ["Retain Safe Private", "Clean Recognizable Visual Features"]
private_safe = ['(0019,xx10) "SIEMENS MR HEADER"']
attributes = [
    { attribute = "RequestAttributesSequence", action = "K" },
    { attribute = "PatientSex", value = "O", when = [{ attribute = "Modality", in = ["CT", "MR"] }] },
    { attribute = "OtherPatientIDs", value = 'A\\B' },
    { attribute = "Rows", value = "512" },
    { attribute = "(0019,xx12) \\"SIEMENS MR HEADER\\"", action = "K" },
]
[[instances]]
when = [{ attribute = "SOPClassUID", equals = "CTImageStorage" }]
profile = "neutral"
[[instances]]
outcome = "refuse"
[[pixels.rules]]
when = [{ attribute = "StationName", matches = "US.*" }]
""",
        )
    )
    assert profile.attributes[0].action is Action.K
    assert profile.attributes[1].when[0].one_of == ("CT", "MR")
    assert profile.options[1] is Option.CLEAN_RECOGNIZABLE_VISUAL_FEATURES
    assert profile.routed["neutral"] == load_profile("neutral")


def test_a_loaded_profile_goes_to_another_process_whole(tmp_path: Path) -> None:
    (tmp_path / "ids.csv").write_text("id_old,id_new\n4711,TRIAL-1\n")
    text = '[pseudonyms]\npatients = "ids.csv"\nstudy_ids = "ids.csv"\n[[instances]]\nprofile = "basic"'
    profile = load_profile(write_profile(tmp_path, text))
    there = pickle.loads(pickle.dumps(profile))  # noqa: S301 - our own bytes, as worker processes get them
    assert there == profile
    assert there.pseudonyms.table.pseudonym("4711") == "TRIAL-1"
    assert there.pseudonyms.tables["study_ids"].pseudonym("4711") == "TRIAL-1"
    assert there.routed["basic"].name == "basic"


# Files and folders


def test_a_file_that_is_missing_or_no_text_is_refused(tmp_path: Path) -> None:
    with pytest.raises(
        ConfigError, match=r"cannot be read: No such file or directory; accepted: a \.toml file"
    ):
        load_profile(tmp_path / "no.toml")
    (tmp_path / "latin.toml").write_bytes(b'name = "\xff"')
    with pytest.raises(ConfigError, match="not UTF-8"):
        load_profile(tmp_path / "latin.toml")
    with pytest.raises(ConfigError, match="does not exist"):
        load_profiles(tmp_path / "nowhere")


def test_an_unknown_name_is_refused_with_the_known_ones() -> None:
    with pytest.raises(
        ConfigError, match=r"unknown profile nutral \(did you mean neutral\?\); accepted: basic, neutral"
    ):
        load_profile("nutral")


def test_a_folder_gives_its_profiles_and_the_built_in_ones(tmp_path: Path) -> None:
    write_profile(tmp_path, "", "teaching")
    (tmp_path / "notes.txt").write_text("no profile")
    assert list(load_profiles(tmp_path)) == ["basic", "neutral", "research", "strict", "teaching"]
    assert list(load_profiles(None)) == list(builtin_names())


def test_a_site_cannot_take_a_built_in_name_nor_one_name_twice(tmp_path: Path) -> None:
    write_profile(tmp_path, 'name = "neutral"', "a")
    write_profile(tmp_path, 'name = "same"', "b")
    write_profile(tmp_path, 'name = "same"', "c")
    with pytest.raises(ConfigError) as caught:
        load_profiles(tmp_path)
    assert (
        "a.toml cannot be used, 1 fault:\n  line 1, name: neutral is the name of a built-in profile"
        in str(caught.value)
    )
    assert "c.toml cannot be used, 1 fault:\n  line 1, name: same is the name of b.toml" in str(caught.value)
    with pytest.raises(ConfigError, match="the name of a built-in profile"):
        load_profile(tmp_path / "a.toml")


def test_the_faults_of_all_files_of_a_folder_are_reported_at_once(tmp_path: Path) -> None:
    write_profile(tmp_path, "verify = 1", "a")
    write_profile(tmp_path, 'base = "x"', "b")
    with pytest.raises(ConfigError, match=r"(?s)profile a\.toml.*profile b\.toml"):
        load_profiles(tmp_path)


def test_routes_lead_to_profiles_beside_the_file_and_on_from_there(tmp_path: Path) -> None:
    write_profile(tmp_path, '[[instances]]\nprofile = "second"', "first")
    write_profile(tmp_path, '[[instances]]\nprofile = "strict"', "second")
    write_profile(tmp_path, "verify = 1", "unrelated")
    profile = load_profile(tmp_path / "first.toml")
    assert profile.routed["second"].routed["strict"].name == "strict"


def test_routes_in_a_circle_are_refused_with_the_way(tmp_path: Path) -> None:
    for name, target in (("first", "second"), ("second", "third"), ("third", "first")):
        write_profile(tmp_path, f'[[instances]]\nprofile = "{target}"', name)
    for load in (lambda: load_profiles(tmp_path), lambda: load_profile(tmp_path / "first.toml")):
        with pytest.raises(
            ConfigError, match=r"line 3, .*routes in a circle .first -> second -> third -> first"
        ):
            load()


def test_a_fault_in_a_profile_that_is_routed_to_is_reported(tmp_path: Path) -> None:
    write_profile(tmp_path, '[[instances]]\nprofile = "second"', "first")
    write_profile(tmp_path, "verify = 1", "second")
    with pytest.raises(ConfigError, match=r"profile second\.toml cannot be used"):
        load_profile(tmp_path / "first.toml")


# Fingerprints


def test_the_fingerprint_depends_on_the_content_and_not_on_the_layout(tmp_path: Path) -> None:
    one = load_profile(write_profile(tmp_path, '[dates]\nmode = "neutral"\n[ages]\nlimit = 80'))
    other = load_profile(
        write_profile(tmp_path, '# the same\nages.limit = 80\ndates = { mode = "neutral" }\nverify = "full"')
    )
    assert one.fingerprint() == other.fingerprint()
    assert len(one.fingerprint()) == 16
    assert one.fingerprint() != load_profile(write_profile(tmp_path, "ages.limit = 80")).fingerprint()


def test_the_fingerprint_takes_in_given_pseudonyms_but_not_whose_they_are(tmp_path: Path) -> None:
    prints = []
    for rows in ("4711,A\n4712,B\n", "4712,B\n4711,A\n", "1,A\n2,B\n", "4711,A\n4712,C\n"):
        (tmp_path / "ids.csv").write_text("id_old,id_new\n" + rows)
        prints.append(
            load_profile(write_profile(tmp_path, '[pseudonyms]\npatients = "ids.csv"')).fingerprint()
        )
    assert prints[0] == prints[1] == prints[2] != prints[3]


def test_the_fingerprints_of_the_built_in_profiles_differ() -> None:
    assert len({load_profile(name).fingerprint() for name in builtin_names()}) == len(builtin_names())


def test_the_text_of_a_built_in_profile_can_be_copied_into_a_site_s(tmp_path: Path) -> None:
    for name in builtin_names():
        text = builtin_text(name).replace(f'name = "{name}"', 'name = "ours"')
        (tmp_path / "ours.toml").write_text(text)
        assert load_profile(tmp_path / "ours.toml").attributes == load_profile(name).attributes
