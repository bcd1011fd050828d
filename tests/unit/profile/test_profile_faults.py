"""Faults of a profile file: each is reported with its line, its key and the accepted values, all at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from support.data.profile_files import fault_lines

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
        '[[pixels.rules]]\nwhen = [{ attribute = "Modality", one_of = ["CT"], exists = true }]',
        "line 3, pixels.rules[0].when[0].one_of: unknown key; accepted here: attribute, equals, in, matches, exists",
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

WHEN = 'when = [{ attribute = "Rows", exists = true }]'
REGION = (
    "accepted: [top, bottom, left, right] in whole pixels, or in fractions of the image from 0.0 to 1.0; top before "
    "bottom, left before right"
)


@pytest.mark.parametrize(("text", "reported"), ONE_FAULT)
def test_a_fault_is_reported_with_its_line_and_what_is_accepted(
    tmp_path: Path, text: str, reported: str
) -> None:
    assert any(line.startswith(reported) for line in fault_lines(tmp_path, text)), fault_lines(tmp_path, text)


@pytest.mark.parametrize(
    ("text", "reported"),
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
        (
            "[[pixels]]\nwhen = []",
            "line 2, pixels: wrong type; accepted: a table [pixels], its rules as [[pixels.rules]]",
        ),
        ("[[pixels.rules]]", "line 2, pixels.rules[0].when: when is missing"),
        (
            "[[pixels.rules]]\nwhen = []",
            "line 3, pixels.rules[0].when: not accepted; accepted: at least 1 item",
        ),
        *(
            (
                f"[[pixels.rules]]\n{WHEN}\n{rest}",
                "line 2, pixels.rules[0].outside_ultrasound_regions: accepted: regions, device = true or "
                "outside_ultrasound_regions = true with outcome",
            )
            for rest in ('outcome = "clean"', "regions = [[0, 8, 0, 8]]")
        ),
        *(
            (
                f'[[pixels.rules]]\noutcome = "clean"\nregions = [{region}]\n{WHEN}',
                f"line 4, pixels.rules[0].regions[0]: {REGION}",
            )
            for region in ("[8, 8, 0, 9]", "[0, 8, 9, 3]", "[0.0, 1.5, 0.0, 1.0]", "[-1, 8, 0, 9]")
        ),
        (
            'attributes = [{ attribute = "PatientSex", action = "K" },\n{ attribute = "(0010,0040)", action = "X" }]',
            "line 3, attributes[1].attribute: attributes[0] already decides this attribute for every instance",
        ),
    ],
)
def test_rules_that_contradict_each_other_are_refused(tmp_path: Path, text: str, reported: str) -> None:
    (line,) = fault_lines(tmp_path, text)
    assert line.startswith(reported)


FULL = "Retain Longitudinal Temporal Information with Full Dates"
MODIFIED = "Retain Longitudinal Temporal Information with Modified Dates"


@pytest.mark.parametrize(
    ("options", "mode", "reported"),
    [
        ([FULL, MODIFIED], "shift", f'line 2, options[1]: "{FULL}" and "{MODIFIED}" exclude each other'),
        ([MODIFIED], "neutral", f'line 3, dates: "{MODIFIED}" shifts dates; accepted: mode = "shift"'),
        ([MODIFIED], "table", f'line 3, dates: "{MODIFIED}" shifts dates; accepted: mode = "shift"'),
        ([FULL], "year", f'line 3, dates: "{FULL}" keeps dates; accepted: mode = "table"'),
    ],
)
def test_options_that_exclude_each_other_or_the_date_mode_are_refused(
    tmp_path: Path, options: list[str], mode: str, reported: str
) -> None:
    named = ", ".join(f'"{option}"' for option in options)
    lines = fault_lines(tmp_path, f'options = [{named}]\n[dates]\nmode = "{mode}"')
    assert any(line.startswith(reported) for line in lines), lines


def test_modified_dates_are_refused_where_dates_say_nothing(tmp_path: Path) -> None:
    (line,) = fault_lines(tmp_path, f'options = ["{MODIFIED}"]')
    assert line.startswith(f'line 1, dates: "{MODIFIED}" shifts dates')


def test_every_fault_is_reported_at_once_in_the_order_of_the_lines(tmp_path: Path) -> None:
    (tmp_path / "ids.csv").write_text("id_old,id_new\n4711,\n,A\n")
    lines = fault_lines(
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
    ("text", "reported"),
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
def test_what_is_not_toml_is_reported_with_its_line(tmp_path: Path, text: str, reported: str) -> None:
    (line,) = fault_lines(tmp_path, text)
    assert line.startswith(reported)
    assert line.endswith("accepted: key = value, [table] and [[table]]")


def test_many_faults_are_cut_off_and_counted(tmp_path: Path) -> None:
    lines = fault_lines(tmp_path, "\n".join(f"unknown_{number} = 1" for number in range(150)))
    assert len(lines) == 101
    assert lines[-1] == "and 50 more"
