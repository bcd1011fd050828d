"""The lines of the keys of a TOML file."""

from __future__ import annotations

import tomllib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orthanc_deid.profile.toml_lines import KeyPath, TomlLines

TEXT = '''# a comment with key = "value" and [brackets]
name = "a # no comment"
options = [
    "one", # ]
    'two',

    "three" ]
dates.mode = "shift"
"quoted \\u006bey" = 1
[texts] # a header's comment
clean = """
many ] lines
"""
after = true
inline = { a = 1, b = [1, { c = "}" }] }
[[attributes]]
attribute = "PatientSex"
when = [{ attribute = "Modality", equals = "CT" }, # }
  { attribute = "Rows" }]


[[attributes]]
  attribute = 'it''s'
[[attributes.when]]
equals = "x"
  [[attributes.when]]
  equals = 1979-05-27 07:32:00
[attributes.sub . "deep"]
leaf = -1.5e3
'''.replace("'it''s'", '"""it"s"""')


@pytest.mark.parametrize(
    ("key_path", "line"),
    [
        (("name",), 2),
        (("options", 0), 4),
        (("options", 1), 5),
        (("options", 2), 7),
        (("dates", "mode"), 8),
        (("quoted key",), 9),
        (("texts",), 10),
        (("texts", "clean"), 11),
        (("texts", "after"), 14),
        (("texts", "inline", "b", 1, "c"), 15),
        (("attributes", 0), 16),
        (("attributes", 0, "when", 0, "equals"), 18),
        (("attributes", 0, "when", 1), 19),
        (("attributes", 1), 22),
        (("attributes", 1, "attribute"), 23),
        (("attributes", 1, "when", 0, "equals"), 25),
        (("attributes", 1, "when", 1, "equals"), 27),
        (("attributes", 1, "sub", "deep", "leaf"), 29),
    ],
)
def test_each_key_has_its_line(key_path: KeyPath, line: int) -> None:
    tomllib.loads(TEXT)
    assert TomlLines(TEXT).line(key_path) == line


def test_a_missing_key_has_the_line_of_what_is_around_it() -> None:
    lines = TomlLines(TEXT)
    assert lines.line(("attributes", 0, "action")) == 16
    assert lines.line(("texts", "zero")) == 10
    assert lines.line(("nowhere",)) == 1


def test_windows_line_ends_count_as_one() -> None:
    assert TomlLines(TEXT.replace("\n", "\r\n")).line(("texts", "after")) == 14


KEYS = st.text("abcdefgh_-1", min_size=1, max_size=6)
LEAVES = st.one_of(
    st.integers(-99, 99).map(str),
    st.booleans().map(lambda value: str(value).lower()),
    st.text('ab#[]{}=,"\\ .', max_size=8).map(
        lambda text: '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
    ),
    st.text('ab#[]{}=,"\n', max_size=8).map(
        lambda text: '"""\n' + text.replace("\\", "\\\\").replace('"', '\\"') + '"""'
    ),
    st.text('ab#[]{}=,"', max_size=8).map(lambda text: f"'{text}'"),
)
VALUES = st.recursive(
    LEAVES,
    lambda inner: (
        st.lists(inner, max_size=3).map(lambda items: "[\n" + ", # ]\n".join(items) + "\n]")
        | st.dictionaries(KEYS, LEAVES.filter(lambda leaf: "\n" not in leaf), max_size=3).map(
            lambda pairs: "{ " + ", ".join(f"{key} = {value}" for key, value in pairs.items()) + " }"
        )
    ),
    max_leaves=6,
)


@given(
    st.dictionaries(KEYS, VALUES, max_size=4), st.lists(st.dictionaries(KEYS, VALUES, max_size=3), max_size=3)
)
def test_every_place_of_any_document_is_found_on_the_line_that_was_written(
    top: dict[str, str], tables: list[dict[str, str]]
) -> None:
    lines: list[str] = []
    expected: dict[KeyPath, int] = {}
    for key, value in top.items():
        expected[(key,)] = _written(lines) + 1
        lines.append(f"{key} = {value}")
    for index, table in enumerate(tables):
        expected[("the table", index)] = _written(lines) + 1
        lines.append('[["the table"]]')
        for key, value in table.items():
            expected[("the table", index, key)] = _written(lines) + 1
            lines.append(f"{key} = {value}")
    text = "\n".join(lines)
    data: Any = tomllib.loads(text)
    found = TomlLines(text)
    assert {key_path: found.line(key_path) for key_path in expected} == expected
    assert _key_paths(data) <= set(found._lines)


def _written(lines: list[str]) -> int:
    return "\n".join(lines).count("\n") + 1 if lines else 0


def _key_paths(data: Any, key_path: KeyPath = ()) -> set[KeyPath]:
    inner = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    below = [_key_paths(value, (*key_path, key)) for key, value in inner]
    return set().union({key_path} if key_path else set(), *below)
