"""Dates: neutral, year only, shifted; as values and inside text."""

from __future__ import annotations

import datetime
import hmac

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orthanc_deid.config.key import Key
from orthanc_deid.deid import dates
from orthanc_deid.deid.text.dates_in_text import neutral_in_text, shift_in_text, year_only_in_text

KEY = Key(bytes(range(32)))
DAY = datetime.timedelta(days=1)


@pytest.mark.parametrize(
    ("vr", "value", "neutral"),
    [
        ("DA", "20190305", "20000101"),
        ("DA", " 20190305 ", "20000101"),
        ("DA", "2019.03.05", "20000101"),
        ("DA", "20190305-20190401", "20000101-20000101"),
        ("DA", "-20190401", "-20000101"),
        ("DA", "2019.03.05-", "20000101-"),
        ("DA", "2019-03-05", "20000101"),
        ("DA", "", ""),
        ("TM", "10", "00"),
        ("TM", "1011", "0000"),
        ("TM", "101112.123456", "000000.000000"),
        ("TM", "10:11:12", "000000"),
        ("TM", "101112-111213", "000000-000000"),
        ("TM", "noon", "000000"),
        ("DT", "2019", "2000"),
        ("DT", "201903", "200001"),
        ("DT", "20190305101112.123456+0300", "20000101000000.000000+0000"),
        ("DT", "2019-0500", "2000+0000"),
        ("DT", "5 March 2019", "20000101000000"),
    ],
)
def test_a_neutral_value_keeps_the_precision_and_has_the_form_of_the_standard(
    vr: str, value: str, neutral: str
) -> None:
    assert dates.neutral(vr, value) == neutral


@pytest.mark.parametrize(
    ("vr", "value", "shifted"),
    [
        ("DA", "20190305", "20181231"),
        ("DA", "2019.03.05", "20181231"),
        ("DA", "20190305-20190310", "20181231-20190105"),
        ("DA", "20190305-", "20181231-"),
        ("TM", "235960.5", "235960.5"),
        ("TM", "10:11:12.5", "101112.5"),
        ("TM", "10:11-11:12", "1011-1112"),
        ("DT", "20190305101112.123456+0300", "20181231101112.123456+0300"),
        ("DT", "2019030510", "2018123110"),
        ("DT", "2019", "2018"),
        ("DT", "201903", "201812"),
        ("DT", "2019-0500", "2018-0500"),
    ],
)
def test_a_shifted_value_keeps_precision_time_and_offset(vr: str, value: str, shifted: str) -> None:
    assert dates.shift(vr, value, -64) == shifted


@pytest.mark.parametrize(
    ("vr", "value", "neutral"),
    [
        ("DA", "19991332", "20000101"),
        ("DA", "00000000", "20000101"),
        ("DA", "2019.02.30", "20000101"),
        ("DA", "John Doe", "20000101"),
        ("DA", "00010101", "20000101"),
        ("DA", "20190305-John", "20181231-20000101"),
        ("DA", "²0190305", "20000101"),
        ("TM", "2500", "0000"),
        ("TM", "Doe", "000000"),
        ("DT", "20190230", "20000101"),
        ("DT", "20190305250000", "20000101000000"),
        ("DT", "20190305+9900", "20000101+0000"),
        ("DT", "20190305+0380", "20000101+0000"),
        ("DT", "Doe", "20000101000000"),
    ],
)
def test_invalid_dates_become_neutral(vr: str, value: str, neutral: str) -> None:
    assert dates.shift(vr, value, -64) == neutral


@pytest.mark.parametrize("days", [-3_700_000, 3_700_000])
def test_a_shift_out_of_the_calendar_gives_the_neutral_date(days: int) -> None:
    assert dates.shift("DA", "20190305", days) == "20000101"


@given(
    st.dates(datetime.date(300, 1, 1), datetime.date(9000, 1, 1)),
    st.integers(-9999, 9999),
    st.integers(1, 9999),
)
def test_intervals_between_dates_are_preserved(first: datetime.date, apart: int, days: int) -> None:
    second = first + apart * DAY
    moved = [
        datetime.date.fromisoformat(dates.shift("DA", f"{date:%Y%m%d}".zfill(8), -days))
        for date in (first, second)
    ]
    assert moved[1] - moved[0] == second - first


@given(st.sampled_from(["DA", "TM", "DT"]), st.text(max_size=20), st.integers(-9999, -1))
def test_a_result_is_empty_or_made_of_digits_and_separators_only(vr: str, text: str, days: int) -> None:
    for changed in (dates.neutral(vr, text), dates.shift(vr, text, days), dates.year_only(vr, text)):
        assert changed.isascii()
        assert not any(char.isalpha() for char in changed)
        assert bool(changed) == bool(text.strip(" \0"))


@pytest.mark.parametrize(
    ("vr", "value", "year"),
    [
        ("DA", "20190305", "20190101"),
        ("DA", "2019.03.05", "20190101"),
        ("DA", "20190230", "20000101"),
        ("TM", "101112.5", "000000.0"),
        ("DT", "20190305101112+0300", "20190101000000+0000"),
        ("DT", "201903", "201901"),
        ("DT", "2019", "2019"),
    ],
)
def test_the_year_alone_can_be_kept(vr: str, value: str, year: str) -> None:
    assert dates.year_only(vr, value) == year


def test_other_representations_are_refused() -> None:
    with pytest.raises(ValueError, match="DA, TM and DT"):
        dates.neutral("LO", "20190305")


@pytest.mark.parametrize("days", [(-3650, -1), (-3, 3), (0, 5), (-5, 0), (7, 7)])
def test_the_offset_follows_the_published_formula(days: tuple[int, int]) -> None:
    admissible = [day for day in range(days[0], days[1] + 1) if day != 0]
    seen = set()
    for number in range(200):
        patient = f"id\0\0{number}".encode()
        digest = hmac.new(KEY.date, patient, "sha256").digest()
        offset = dates.date_offset(KEY, patient, days)
        assert offset == admissible[int.from_bytes(digest[:8], "big") % len(admissible)]
        seen.add(offset)
    assert 0 not in seen
    assert len(admissible) > 10 or seen == set(admissible)


@pytest.mark.parametrize("days", [(0, 0), (5, 4)])
def test_a_range_without_a_day_to_shift_by_is_refused(days: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match="no day"):
        dates.date_offset(KEY, b"patient", days)


def test_epoch_seconds_shift_by_whole_days() -> None:
    assert dates.shift_epoch_seconds(1_551_785_472, -64) == 1_551_785_472 - 64 * 86_400
    assert dates.shift_epoch_seconds(0, -64) == 0
    assert dates.shift_epoch_seconds(2**32, 1) == dates.NEUTRAL_EPOCH
    assert dates.neutral_epoch_seconds(1_551_785_472) == 946_684_800
    assert dates.year_only_epoch_seconds(1_551_785_472) == 1_546_300_800


@pytest.mark.parametrize(
    ("text", "shifted"),
    [
        ("2019-03-05", "2018-12-31"),
        ("2019/3/5", "2018/12/31"),
        ("2019.03.05", "2018.12.31"),
        ("05.03.2019", "31.12.2018"),
        ("05. 03. 2019", "31. 12. 2018"),
        ("5/13/2019", "3/10/2019"),
        ("13/5/2019", "10/3/2019"),
        ("3/5/2019", "12/31/2018"),
        ("КТ от 5/3/2019", "КТ от 31/12/2018"),
        ("20190305", "20181231"),
        ("STUDY_20190305_101112", "STUDY_20181231_101112"),
        ("20190305101112", "20181231101112"),
        ("05032019", "31122018"),
        ("05.03.19", "31.12.18"),
        ("5 March 2019", "31 December 2018"),
        ("05-MAR-2019", "31-DEC-2018"),
        ("05MAR19", "31DEC18"),
        ("5th of March 2019", "31st of December 2018"),
        ("March 5, 2019", "December 31, 2018"),
        ("March 5th, 2019", "December 31st, 2018"),
        ("Mar 2019", "Dec 2018"),
        ("03/2019", "12/2018"),
        ("2019-03", "2018-12"),
        ("03.2019_01", "12.2018_01"),
        ("03/2019_AX", "12/2018_AX"),
        ("2019/03_2", "2018/12_2"),
        ("2019-03, supine", "2018-12, supine"),
        ("2019_03-T2", "2018_12-T2"),
        ("03.2019-05.2019", "12.2018-02.2019"),
        ("5 марта 2019 г.", "31 декабря 2018 г."),
        ("«5» МАРТА 2019", "«31» ДЕКАБРЯ 2018"),
        ("5 мар. 2019", "31 дек. 2018"),
        ("в марте 2019 года", "в декабре 2018 года"),
        ("5 марта", "31 декабря"),
        ("from 2019-03-05 to 06.03.2019.", "from 2018-12-31 to 01.01.2019."),
    ],
)
def test_dates_in_text_shift_in_their_own_form(text: str, shifted: str) -> None:
    assert shift_in_text(text, -64) == shifted


@pytest.mark.parametrize(
    ("text", "neutral"),
    [
        ("32.13.2019", "01.01.2000"),
        ("2019-02-30", "2000-01-01"),
        ("5 марта 2019 г.", "1 января 2000 г."),
        ("05.03.19", "01.01.00"),
        ("March 3rd, 2019", "January 1st, 2000"),
    ],
)
def test_dates_in_text_become_neutral_in_their_own_form(text: str, neutral: str) -> None:
    assert neutral_in_text(text) == neutral
    assert neutral_in_text(neutral) == neutral


def test_the_year_of_a_date_in_text_can_be_kept() -> None:
    assert year_only_in_text("от 05.03.2019, March 2018") == "от 01.01.2019, January 2018"


@pytest.mark.parametrize(
    "text",
    ["CT CHEST W/O CONTRAST AX 5.0 B31F", "P4^P101^S108^I0", "T1 MAR SAG", "7/8 MAR", "1-2-10", "10.5 x 3.2 mm",
     "B70f 1.5", "kV 120 mAs 250", "1.2.840.10008.5.1", "may 5 mm", "12:30:45", "in 2019", "45.67.89",
     "03.2019.1", "2019-03-123"],
)  # fmt: skip
def test_parameters_are_no_dates(text: str) -> None:
    assert shift_in_text(text, -64) == text


def test_a_date_in_text_that_leaves_the_calendar_becomes_neutral() -> None:
    assert shift_in_text("2019-03-05", -3_700_000) == "2000-01-01"
