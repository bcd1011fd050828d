"""Dates in cleaned texts: an unchanged date is found, a changed one in any form is not."""

from __future__ import annotations

import pytest

from orthanc_deid.deid.text.dates_in_text import neutral_in_text, shift_in_text, year_only_in_text
from orthanc_deid.verify.text.cleaned_text_dates import dates_are_changed

WRITTEN = [
    *("2019-03-15", "2019/3/5", "2019.03.15", "20190315", "20190315101530", "15.03.2019", "5.3.2019"),
    *("3/15/2019", "05/03/2019", "15.03.19", "15032019", "5 March 2019", "5th of March 2019", "05-MAR-2019"),
    *(
        "March 5, 2019",
        "Mar 5th, 2019",
        "March 2019",
        "15 марта 2019 г.",
        "в марте 2019",
        "03.2019",
        "2019-03",
        "03.2019_01",
        "2019/03_T2",
        "03.2019-05.2019",
    ),
]


@pytest.mark.parametrize("written", WRITTEN)
def test_a_date_that_was_left_is_found_and_a_changed_one_is_not(written: str) -> None:
    text = f"Chest, compared with {written}; lateral"
    assert not dates_are_changed(text, text, "shift", -400)
    assert not dates_are_changed(text, text, "neutral", 0)
    assert not dates_are_changed(text, text, "table", 0)
    assert dates_are_changed(text, shift_in_text(text, -400), "shift", -400)
    assert dates_are_changed(text, neutral_in_text(text), "neutral", 0)
    assert dates_are_changed(text, neutral_in_text(text), "table", 0)
    assert dates_are_changed(text, year_only_in_text(text), "year", 0)


def test_one_date_left_among_changed_ones_is_found() -> None:
    text = "from 2019-03-15 to 2019-04-20"
    assert not dates_are_changed(text, "from 2018-02-08 to 2019-04-20", "shift", -400)


def test_a_date_shifted_by_other_days_is_found() -> None:
    assert not dates_are_changed("on 2019-03-15", shift_in_text("on 2019-03-15", -399), "shift", -400)


@pytest.mark.parametrize("text", ["ACC-90210/12.03.2024", "4711.12.03.2024", "12.03.2024/90210"])
def test_a_date_that_is_changed_once_the_number_beside_it_has_gone_is_one_of_the_original(text: str) -> None:
    assert dates_are_changed(text, "01.01.2024", "year", 0)
    assert not dates_are_changed(text, "12.03.2024", "year", 0)


def test_dates_may_go_and_stay_where_they_are_retained() -> None:
    assert dates_are_changed("on 2019-03-15", "on", "shift", -400)
    assert dates_are_changed("on 2019-03-15", "on 2019-03-15", "table", 0, may_stay=True)


@pytest.mark.parametrize(
    "text", ["1.25", "P4^P101^S108^I0", "512x512", "5.0 B31f", "1-2-10", "T2 99.99.99", "2019", "series 12"]
)
def test_parameters_are_no_dates(text: str) -> None:
    assert dates_are_changed(text, text, "shift", -400)


def test_a_date_that_leaves_the_calendar_becomes_neutral() -> None:
    assert dates_are_changed("on 1901-03-15", "on 2000-01-01", "shift", -1_000_000)
