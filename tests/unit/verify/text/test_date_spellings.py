"""The spellings of dates."""

from __future__ import annotations

from datetime import date

from orthanc_deid.verify.text.date_spellings import written_forms


def test_a_date_is_known_in_the_forms_people_write() -> None:
    found = written_forms(date(1961, 9, 7))
    day_first = {
        "07 09 1961",
        "7 9 61",
        "7 september 1961",
        "7 сентября 1961",
        "7 sep 61",
        "7th september 1961",
    }
    others = {"19610907", "07091961", "09 07 1961", "september 7 1961", "1961 09 07", "61 09 07"}
    assert found >= day_first | others
    assert not found & {"8 september 1961", "7 october 1961", "1961"}
