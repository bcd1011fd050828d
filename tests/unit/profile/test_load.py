"""Loading a profile: what a site may write, and that every fault is told at once, with its place."""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest

from orthanc_deid.errors import ConfigError
from orthanc_deid.profile.action import Action
from orthanc_deid.profile.load import builtin_names, builtin_text, load_profile, load_profiles
from orthanc_deid.profile.model import Profile
from orthanc_deid.profile.options import Option


def write(folder: Path, text: str, name: str = "site") -> Path:
    path = folder / f"{name}.toml"
    path.write_text(
        text if "name =" in text.split("\n", 1)[0] else f'name = "{name}"\n{text}', encoding="utf-8"
    )
    return path


def faults(folder: Path, text: str) -> list[str]:
    """Return the lines of the error; the fixed first line of the text is `name = "site"`."""
    with pytest.raises(ConfigError) as caught:
        load_profile(write(folder, text))
    first, *lines = str(caught.value).split("\n")
    assert first.startswith("profile site.toml cannot be used, ")
    return [line.strip() for line in lines]


# What is accepted


def test_a_profile_that_says_nothing_is_the_basic_profile(tmp_path: Path) -> None:
    profile = load_profile(write(tmp_path, ""))
    assert profile == Profile(name="site")
    assert profile.model_dump(exclude={"name", "description"}) == load_profile("basic").model_dump(
        exclude={"name", "description"}
    )


def test_a_profile_without_base_and_rules_is_fine(tmp_path: Path) -> None:
    assert load_profile(write(tmp_path, 'base = "none"')).attributes == ()


def test_every_kind_of_rule_is_read(tmp_path: Path) -> None:
    profile = load_profile(
        write(
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
[[pixels]]
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
    profile = load_profile(write(tmp_path, text))
    there = pickle.loads(pickle.dumps(profile))  # noqa: S301 - our own bytes, as worker processes get them
    assert there == profile
    assert there.pseudonyms.table.pseudonym("4711") == "TRIAL-1"
    assert there.pseudonyms.tables["study_ids"].pseudonym("4711") == "TRIAL-1"
    assert there.routed["basic"].name == "basic"


# What is refused: one fault, its line, its key, what is accepted

ONE_FAULT = [
    ('nam = "x"', "line 2, nam: unknown key (did you mean name?); accepted here: name, description, base"),
    (
        "name_ = 1\n[dates]\nmod = 1",
        "line 4, dates.mod: unknown key (did you mean mode?); accepted here: mode, shift_days",
    ),
    (
        '[[attributes]]\nattribute = "PatientSex"\nacton = "K"',
        "line 4, attributes[0].acton: unknown key (did you mean action?)",
    ),
    (
        '[[pixels]]\nwhen = [{ attribute = "Modality", one_of = ["CT"], exists = true }]',
        "line 3, pixels[0].when[0].one_of: unknown key; accepted here: attribute, equals, in, matches, exists",
    ),
    ('base = "basic"', "line 2, base: unknown value"),
    (
        "base = true",
        "line 2, base: unknown value; accepted: 'Basic Application Level Confidentiality Profile' or 'none'",
    ),
    (
        'options = ["Retain UID"]',
        "line 2, options[0]: unknown value (did you mean Retain UIDs?); accepted: 'Retain Safe",
    ),
    ("options = true", "line 2, options: wrong type; accepted: a list [...]"),
    (
        'options = [\n"Clean Graphics",\n"Clean Pixel Data"]',
        "line 4, options[1]: not available: this version cannot clean pixel data",
    ),
    ('options = ["Clean Graphics", "Clean Graphics"]', "line 2, options[1]: named twice; accepted: once"),
    (
        'private_safe = ["(0019,xx10) \\"A\\""]',
        'line 2, private_safe: has no effect without the option "Retain Safe Private"',
    ),
    ("description = 5", 'line 2, description: wrong type; accepted: text in quotes ("...")'),
    (
        "description = 1979-05-27",
        "line 2, description: a date or time without quotes; accepted: text in quotes",
    ),
    ("[ages]\nlimit = nan", "line 3, ages.limit: not a number; accepted: a whole number"),
    ("[ages]\nlimit = 89.5", "line 3, ages.limit: wrong type; accepted: a whole number without quotes"),
    ('[ages]\nlimit = "89"', "line 3, ages.limit: wrong type; accepted: a whole number without quotes"),
    ("[ages]\nlimit = 0", "line 3, ages.limit: not accepted; accepted: greater than or equal to 1"),
    ("ages = 5", "line 2, ages: wrong type; accepted: a table (key = value)"),
    (
        "[pseudonyms]\nlength = 40",
        "line 3, pseudonyms.length: not accepted; accepted: less than or equal to 32",
    ),
    (
        '[pseudonyms]\nprefix = "a b"',
        "line 3, pseudonyms.prefix: not of this form; accepted: up to 32 letters",
    ),
    ('[pseudonyms]\npatient_name = "Имя"', "line 3, pseudonyms.patient_name: accepted: printable ASCII"),
    (
        '[pseudonyms]\npatients = "no.csv"',
        "line 3, pseudonyms.patients: cannot be read (No such file or directory)",
    ),
    (
        '[texts]\nplaceholder = "removed"',
        "line 3, texts.placeholder: not of this form; accepted: 1 to 16 capital letters",
    ),
    (
        '[dates]\nmode = "shfit"',
        "line 3, dates.mode: unknown value (did you mean shift?); accepted: 'table', 'neutral'",
    ),
    ("[dates]\nshift_days = [0, 0]", "line 3, dates.shift_days: accepted: [least, greatest] in days"),
    ("[dates]\nshift_days = [5, 1]", "line 3, dates.shift_days: accepted: [least, greatest] in days"),
    ("[dates]\nshift_days = [-99999, 1]", "line 3, dates.shift_days: accepted: [least, greatest] in days"),
    ("[dates]\nshift_days = [1]", "line 3, dates.shift_days[1]: 1 is missing"),
    ("[dates]\nshift_days = 5", "line 3, dates.shift_days: wrong type; accepted: a list [...]"),
]
RULE_FAULTS = [
    (
        'attribute = "PatinetSex", action = "K"',
        "attribute: unknown keyword PatinetSex (did you mean PatientSex",
    ),
    ('attribute = "PatientSex"', "value: neither action nor value; accepted: action ="),
    ('attribute = "PatientSex", action = "K", value = "M"', "value: action and value exclude each other"),
    (
        'attribute = "PatientSex", action = "Q"',
        "action: unknown value; accepted: 'D', 'Z', 'X', 'K', 'C' or 'U'",
    ),
    ('action = "K"', "attribute: attribute is missing; accepted: attribute = ..."),
    (
        'attribute = "PatientSex", action = "U"',
        "action: U replaces UIDs, but PatientSex has VR CS; accepted: D, Z, X, K or C",
    ),
    (
        'attribute = "PatientSex", value = "male"',
        "value: not a value of VR CS; accepted: up to 16 capital letters",
    ),
    ('attribute = "PatientSex", value = ""', 'value: an empty value; accepted: action = "Z"'),
    (
        'attribute = "StudyDate", value = "2000"',
        "value: not a value of VR DA; accepted: a date such as 20000101",
    ),
    ('attribute = "StudyDate", value = "20000101-20010101"', "value: a range is no DA value in an instance"),
    (
        'attribute = "StudyID", value = "12345678901234567"',
        "value: not a value of VR SH; accepted: up to 16 characters",
    ),
    (
        'attribute = "SeriesNumber", value = "9999999999"',
        "value: not a value of VR IS; accepted: a whole number of 32 bits",
    ),
    ('attribute = "SeriesNumber", value = "1.5"', "value: not a value of VR IS"),
    ('attribute = "Rows", value = "65536"', "value: accepted: a number that fits VR US"),
    ('attribute = "Rows", value = "many"', "value: accepted: a number that fits VR US"),
    ('attribute = "StudyDescription", value = "Грудь"', "value: accepted: printable ASCII"),
    ("attribute = \"StudyID\", value = 'A\\B'", "value: 2 values where the VM is 1"),
    ('attribute = "PixelSpacing", value = "1"', "value: 1 values where the VM is 2"),
    (
        'attribute = "PixelData", value = "x"',
        "value: an attribute of VR OB or OW has no value that text can give",
    ),
    (
        'attribute = "ContentSequence", value = "x"',
        "value: an attribute of VR SQ has no value that text can give",
    ),
    (
        'attribute = "50xx,xxxx", value = "x"',
        "value: the VR of 50xx,xxxx is not known here; accepted: an action",
    ),
    (
        'attribute = "(0019,1010)", action = "K"',
        'action: private elements are kept by creator, never by block number; accepted: (0019,xx10) "CREATOR"',
    ),
    (
        'attribute = "SOPClassUID", action = "X"',
        "action: SOPClassUID tells what the instance is; accepted: K",
    ),
    (
        'attribute = "SOPInstanceUID", action = "X"',
        "action: an instance cannot be stored without SOPInstanceUID; accepted: U or K",
    ),
    (
        'attribute = "StudyInstanceUID", value = "1.2.3"',
        "value: StudyInstanceUID cannot be the same in all instances",
    ),
    (
        'attribute = "PatientIdentityRemoved", value = "NO"',
        "attribute: (0012,0062) is written by the product itself",
    ),
    (
        'attribute = "SpecificCharacterSet", action = "X"',
        "attribute: (0008,0005) is written by the product itself",
    ),
    ('attribute = "(0010,0000)", action = "X"', "attribute: (0010,0000) is written by the product itself"),
    ('attribute = "TransferSyntaxUID", action = "K"', "attribute: no rule reaches groups 0000 and 0002"),
]
CONDITION_FAULTS = [
    (
        'attribute = "Modality"',
        "exists: a condition that asks nothing; accepted: equals, in, matches or exists",
    ),
    ('equals = "CT"', "attribute: attribute is missing"),
    ('attribute = "Modalty", equals = "CT"', "attribute: unknown keyword Modalty (did you mean Modality"),
    ('attribute = "50xx,xxxx", exists = true', "attribute: '50xx,xxxx' is not one standard attribute"),
    (
        'attribute = "TransferSyntaxUID", exists = true',
        "attribute: conditions see the data set, not the file meta",
    ),
    ('attribute = "Modality", exists = false, equals = "CT"', "exists: what does not exist has no value"),
    (
        'attribute = "Modality", matches = "("',
        "matches: not a regular expression: missing ), unterminated subpattern",
    ),
    (
        'attribute = "Modality", matches = "(C+)+"',
        "matches: this regular expression could take unbounded time",
    ),
    ('attribute = "Modality", in = []', "in: not accepted; accepted: at least 1 item"),
    ("attribute = \"ImageType\", equals = 'A\\B'", "equals: several values in one; accepted: one of them"),
    (
        'attribute = "SOPClassUID", equals = "CTImageStorag"',
        "equals: neither a UID nor a registered UID's keyword (CTImageStorage) (did you mean CTImageStorage",
    ),
    ('attribute = "Modality", exists = "yes"', "exists: wrong type; accepted: true or false without quotes"),
]


@pytest.mark.parametrize(("text", "told"), ONE_FAULT)
def test_a_fault_is_told_with_its_line_and_what_is_accepted(tmp_path: Path, text: str, told: str) -> None:
    assert any(line.startswith(told) for line in faults(tmp_path, text)), faults(tmp_path, text)


@pytest.mark.parametrize(("rule", "told"), RULE_FAULTS)
def test_a_rule_that_cannot_be_meant_is_refused(tmp_path: Path, rule: str, told: str) -> None:
    text = f'attributes = [\n{{ attribute = "Manufacturer", action = "K" }},\n{{ {rule} }} ]'
    (line,) = faults(tmp_path, text)
    assert line.startswith(f"line 4, attributes[1].{told}")


@pytest.mark.parametrize(("condition", "told"), CONDITION_FAULTS)
def test_a_condition_that_cannot_be_asked_is_refused(tmp_path: Path, condition: str, told: str) -> None:
    (line,) = faults(tmp_path, f'[[instances]]\noutcome = "admit"\nwhen = [{{ {condition} }}]')
    assert line.startswith(f"line 4, instances[0].when[0].{told}")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[[instances]]", "line 2, instances[0].profile: neither outcome nor profile"),
        (
            '[[instances]]\noutcome = "admit"\nprofile = "basic"',
            "line 4, instances[0].profile: outcome and profile exclude",
        ),
        (
            '[[instances]]\nprofile = "nowhere"',
            "line 3, instances[0].profile: no profile named nowhere; accepted: basic, neutral",
        ),
        (
            '[[instances]]\nprofile = "site"',
            "line 3, instances[0].profile: routes in a circle (site -> site)",
        ),
        (
            '[[instances]]\noutcome = "admit"\n[[instances]]\noutcome = "refuse"',
            "line 4, instances[1]: never reached: instances[0] takes every instance",
        ),
        ("[[pixels]]", "line 2, pixels[0].when: when is missing"),
        ("[[pixels]]\nwhen = []", "line 3, pixels[0].when: not accepted; accepted: at least 1 item"),
        (
            'attributes = [{ attribute = "PatientSex", action = "K" },\n{ attribute = "(0010,0040)", action = "X" }]',
            "line 3, attributes[1].attribute: attributes[0] already decides this attribute for every instance",
        ),
    ],
)
def test_rules_that_contradict_each_other_are_refused(tmp_path: Path, text: str, told: str) -> None:
    (line,) = faults(tmp_path, text)
    assert line.startswith(told)


FULL = "Retain Longitudinal Temporal Information with Full Dates"
MODIFIED = "Retain Longitudinal Temporal Information with Modified Dates"


@pytest.mark.parametrize(
    ("options", "mode", "told"),
    [
        ([FULL, MODIFIED], "shift", f'line 2, options[1]: "{FULL}" and "{MODIFIED}" exclude each other'),
        ([MODIFIED], "neutral", f'line 3, dates: "{MODIFIED}" shifts dates; accepted: mode = "shift"'),
        ([MODIFIED], "table", f'line 3, dates: "{MODIFIED}" shifts dates; accepted: mode = "shift"'),
        ([FULL], "year", f'line 3, dates: "{FULL}" keeps dates; accepted: mode = "table"'),
    ],
)
def test_options_that_exclude_each_other_or_the_date_mode_are_refused(
    tmp_path: Path, options: list[str], mode: str, told: str
) -> None:
    named = ", ".join(f'"{option}"' for option in options)
    lines = faults(tmp_path, f'options = [{named}]\n[dates]\nmode = "{mode}"')
    assert any(line.startswith(told) for line in lines), lines


def test_modified_dates_are_refused_where_dates_say_nothing(tmp_path: Path) -> None:
    (line,) = faults(tmp_path, f'options = ["{MODIFIED}"]')
    assert line.startswith(f'line 1, dates: "{MODIFIED}" shifts dates')


def test_every_fault_is_told_at_once_in_the_order_of_the_lines(tmp_path: Path) -> None:
    (tmp_path / "ids.csv").write_text("id_old,id_new\n4711,\n,A\n")
    lines = faults(
        tmp_path,
        f"""
unnamed = "keep"
options = ["{FULL}", "{MODIFIED}", "Retain UID"]
[pseudonyms]
patients = "ids.csv"
length = true
[[attributes]]
attribute = "PatinetSex"
action = "Q"
[[attributes]]
attribute = "StudyDate"
value = "2000"
when = [{{ attribute = "Modality", matches = "(" }}, {{ attribute = "Modality" }}]
[[instances]]
profile = "nowhere"
[[instances]]
when = []
""",
    )
    places = [line.split(":")[0] for line in lines]
    assert places == [
        "line 3, unnamed",
        "line 4, options[1]",
        "line 4, options[2]",
        "line 7, pseudonyms.length",
        "line 9, attributes[0].attribute",
        "line 10, attributes[0].action",
        "line 13, attributes[1].value",
        "line 14, attributes[1].when[0].matches",
        "line 14, attributes[1].when[1].exists",
        "line 16, instances[0].profile",
        "line 17, instances[1]",
        "line 17, instances[1].profile",
        "ids.csv line 2",
        "ids.csv line 3",
    ]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            "[dates\nmode = 1",
            "line 2, the whole file: not TOML: Expected ']' at the end of a table declaration",
        ),
        ("a = 1\na = 2", "line 3, the whole file: not TOML: Cannot overwrite a value"),
        ('description = "', "line 2, the whole file: not TOML:"),
        (f"options = {'[' * 5000}", "line 2, the whole file: not TOML:"),
    ],
)
def test_what_is_not_toml_is_told_with_its_line(tmp_path: Path, text: str, told: str) -> None:
    (line,) = faults(tmp_path, text)
    assert line.startswith(told)
    assert line.endswith("accepted: key = value, [table] and [[table]]")


def test_many_faults_are_cut_off_and_counted(tmp_path: Path) -> None:
    lines = faults(tmp_path, "\n".join(f"unknown_{number} = 1" for number in range(150)))
    assert len(lines) == 101
    assert lines[-1] == "and 50 more"


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
    write(tmp_path, "", "teaching")
    (tmp_path / "notes.txt").write_text("no profile")
    assert list(load_profiles(tmp_path)) == ["basic", "neutral", "research", "strict", "teaching"]
    assert list(load_profiles(None)) == list(builtin_names())


def test_a_site_cannot_take_a_built_in_name_nor_one_name_twice(tmp_path: Path) -> None:
    write(tmp_path, 'name = "neutral"', "a")
    write(tmp_path, 'name = "same"', "b")
    write(tmp_path, 'name = "same"', "c")
    with pytest.raises(ConfigError) as caught:
        load_profiles(tmp_path)
    assert (
        "a.toml cannot be used, 1 fault:\n  line 1, name: neutral is the name of a built-in profile"
        in str(caught.value)
    )
    assert "c.toml cannot be used, 1 fault:\n  line 1, name: same is the name of b.toml" in str(caught.value)
    with pytest.raises(ConfigError, match="the name of a built-in profile"):
        load_profile(tmp_path / "a.toml")


def test_the_faults_of_all_files_of_a_folder_are_told_at_once(tmp_path: Path) -> None:
    write(tmp_path, "verify = 1", "a")
    write(tmp_path, 'base = "x"', "b")
    with pytest.raises(ConfigError, match=r"(?s)profile a\.toml.*profile b\.toml"):
        load_profiles(tmp_path)


def test_routes_lead_to_profiles_beside_the_file_and_on_from_there(tmp_path: Path) -> None:
    write(tmp_path, '[[instances]]\nprofile = "second"', "first")
    write(tmp_path, '[[instances]]\nprofile = "strict"', "second")
    write(tmp_path, "verify = 1", "unrelated")
    profile = load_profile(tmp_path / "first.toml")
    assert profile.routed["second"].routed["strict"].name == "strict"


def test_routes_in_a_circle_are_refused_with_the_way(tmp_path: Path) -> None:
    for name, target in (("first", "second"), ("second", "third"), ("third", "first")):
        write(tmp_path, f'[[instances]]\nprofile = "{target}"', name)
    for load in (lambda: load_profiles(tmp_path), lambda: load_profile(tmp_path / "first.toml")):
        with pytest.raises(
            ConfigError, match=r"line 3, .*routes in a circle .first -> second -> third -> first"
        ):
            load()


def test_a_fault_in_a_profile_that_is_routed_to_is_told(tmp_path: Path) -> None:
    write(tmp_path, '[[instances]]\nprofile = "second"', "first")
    write(tmp_path, "verify = 1", "second")
    with pytest.raises(ConfigError, match=r"profile second\.toml cannot be used"):
        load_profile(tmp_path / "first.toml")


# Fingerprints


def test_the_fingerprint_is_the_content_s_whatever_the_layout(tmp_path: Path) -> None:
    one = load_profile(write(tmp_path, '[dates]\nmode = "neutral"\n[ages]\nlimit = 80'))
    other = load_profile(
        write(tmp_path, '# the same\nages.limit = 80\ndates = { mode = "neutral" }\nverify = "full"')
    )
    assert one.fingerprint() == other.fingerprint()
    assert len(one.fingerprint()) == 16
    assert one.fingerprint() != load_profile(write(tmp_path, "ages.limit = 80")).fingerprint()


def test_the_fingerprint_takes_in_given_pseudonyms_but_not_whose_they_are(tmp_path: Path) -> None:
    prints = []
    for rows in ("4711,A\n4712,B\n", "4712,B\n4711,A\n", "1,A\n2,B\n", "4711,A\n4712,C\n"):
        (tmp_path / "ids.csv").write_text("id_old,id_new\n" + rows)
        prints.append(load_profile(write(tmp_path, '[pseudonyms]\npatients = "ids.csv"')).fingerprint())
    assert prints[0] == prints[1] == prints[2] != prints[3]


def test_the_fingerprints_of_the_built_in_profiles_differ() -> None:
    assert len({load_profile(name).fingerprint() for name in builtin_names()}) == len(builtin_names())


def test_the_text_of_a_built_in_profile_can_be_copied_into_a_site_s(tmp_path: Path) -> None:
    for name in builtin_names():
        text = builtin_text(name).replace(f'name = "{name}"', 'name = "ours"')
        (tmp_path / "ours.toml").write_text(text)
        assert load_profile(tmp_path / "ours.toml").attributes == load_profile(name).attributes
