"""The forms of identifying values that are searched, and those that are not."""

from __future__ import annotations

import pytest

from orthanc_deid.verify.text.identifiers import Kind, make_identifiers
from orthanc_deid.verify.text.text_search import found_in_any, kinds_in


@pytest.mark.parametrize(
    ("name", "text", "found"),
    [
        ("Wexler^Ottilie^^Dr", "DR CHEST", False),
        ("Wexler^Ottilie^^Prof. Dr. med.^PhD", "prof dr med phd", False),
        ("Wexler^Ottilie^^Dr=Векслер^Оттилия^^проф", "Dr проф", False),
        ("Wexler^Ottilie^^Dr", "Dr Ottilie", True),
        ("Wexler^Ottilie^^Dr Maud", "Maud", True),
        ("Wexler^Ottilie^^^Tarn", "tarn", True),
        ("Wexler^Dr", "DR CHEST", True),
        ("Dr^Wexler^^Dr", "DR CHEST", True),
        ("^^^Dr", "DR CHEST", True),
        ("W^^^Dr", "DR CHEST", True),
        ("Wexler^^^^^Sr", "SR", True),
    ],
)
def test_titles_as_prefix_or_suffix_are_no_names(name: str, text: str, found: bool) -> None:
    assert (
        kinds_in(text.encode(), ("ISO_IR 192",), make_identifiers(frozenset([("person", name)])))
        == {"person"}
    ) is found


def test_names_in_iso_2022_are_found() -> None:
    identifiers = make_identifiers(frozenset([("person", "山田^太郎")]))
    text = b"for \x1b$B;3ED\x1b(B"
    assert found_in_any([text], [("", "ISO 2022 IR 87")], identifiers)
    assert kinds_in(text, ("", "ISO 2022 IR 87"), identifiers) == {"person"}


def test_a_place_made_of_medical_words_is_not_searched_and_is_counted() -> None:
    identifiers = make_identifiers(
        frozenset([("place", "General Hospital"), ("place", "Kestrelmoor Hospital")])
    )
    assert "kestrelmoor" in identifiers.words
    assert "hospital" not in identifiers.words
    assert identifiers.left_out["place: medical words alone"] == 1


def test_what_the_profile_retains_is_not_searched_unless_it_names_a_person() -> None:
    values: frozenset[tuple[Kind, str]] = frozenset(
        [("place", "Kestrelmoor East"), ("person", "Kestrelmoor^Ann")]
    )
    assert make_identifiers(values, frozenset(["Kestrelmoor East"])).words["kestrelmoor"] == "person"
    assert not make_identifiers(frozenset([("place", "Kestrelmoor")]), frozenset(["Kestrelmoor"])).words
