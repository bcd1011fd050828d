"""Dates, numbers and addresses of the instance leave its texts in every written form; the check agrees."""

from __future__ import annotations

import io
import random
import time
from datetime import date, timedelta

import pytest
from pydicom import dcmread

from orthanc_deid.deid.changed_values import cleaned_text
from orthanc_deid.deid.engine import Deidentifier
from orthanc_deid.deid.text.identity import Identity
from orthanc_deid.profile.compile import CompiledProfile
from orthanc_deid.profile.load import load_profile
from orthanc_deid.verify.text.cleaned_text_dates import dates_are_changed, without_changed_dates
from orthanc_deid.verify.text.identifiers import make_identifiers
from orthanc_deid.verify.text.known_values import KnownValues
from orthanc_deid.verify.verifier import verify
from support.data.hand_made import KEY, encoded, original

RESEARCH = CompiledProfile(load_profile("research"))
DAY = date(2019, 3, 15)
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
RUSSIAN = (
    *("января", "февраля", "марта", "апреля", "мая", "июня"),
    *("июля", "августа", "сентября", "октября", "ноября", "декабря"),
)
ROMAN = ("I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII")


def forms(day: date) -> list[str]:
    """Return the forms in which a day is written."""
    name, russian, roman = MONTHS[day.month - 1], RUSSIAN[day.month - 1], ROMAN[day.month - 1]
    found = [f"{day:%Y{sign}%m{sign}%d}" for sign in "-./_ :,"]
    found += [f"{day:%d{sign}%m{sign}%Y}" for sign in "-./_ ,"]
    found += [f"{day.day}{sign}{day.month}{sign}{day.year}" for sign in "-./_"]
    found += [f"{day:%d{sign}%m{sign}%y}" for sign in "-./_ "]
    found += [f"{day:%m/%d/%Y}", f"{day:%Y%m%d}", f"{day:%d%m%Y}", f"{day:%y%m%d}", f"{day:%d%m%y}"]
    found += [f"{day:%Y%m%d}101112", f"{day:%Y-%m-%d} 10:11", f"{day:%Y-%j}", f"{day:%Y%j}"]
    found += [f"{day.day} {name} {day.year}", f"{name} {day.day}, {day.year}", f"{day.year}-{name}-{day:%d}"]
    found += [
        f"{day:%d}{name.upper()}{day.year}",
        f"{day.year} {name} {day.day}",
        f"{day.day}-{name}-{day:%y}",
    ]
    found += [f"{day.day} {russian} {day.year} г.", f"{day.day}-го {russian} {day.year}"]
    found += [f"{day.day}.{roman}.{day.year}", f"{day:%d}/{roman}/{day.year}"]
    found += [f"{day:%d/%m}/{day.year + 543}", f"{day.year + 543}-{day:%m-%d}"]
    return found


@pytest.mark.parametrize("form", forms(DAY))
@pytest.mark.parametrize("kind", ["birthdate", "date"])
def test_a_day_is_found_in_every_form_by_both(kind: str, form: str) -> None:
    values = [(kind, f"{DAY:%Y%m%d}")]
    assert Identity.of(values).finds(f"seen {form}, control")
    assert KnownValues(values).kinds_in(f"seen {form}, control") == {kind}


@pytest.mark.parametrize(
    "form",
    [
        *("2019/03", "03-2019", "03.2019", "March 2019", "2019 March", "Mar-2019", "марта 2019"),
        *("15 March", "15 марта", "fifteenth of March", "пятнадцатое марта", "March 15"),
    ],
)
def test_a_day_of_the_instance_is_found_in_part(form: str) -> None:
    values = [("date", f"{DAY:%Y%m%d}")]
    assert Identity.of(values).finds(f"seen {form}")
    assert KnownValues(values).kinds_in(f"seen {form}") == {"date"}
    assert not Identity.of([("birthdate", f"{DAY:%Y%m%d}")]).finds(f"seen {form}")


@pytest.mark.parametrize(
    "text",
    [
        "10 x 12 x 24 mm",
        "512 512 15",
        "W 2000 L 500",
        "16.03.2019",
        "15.04.2019",
        "2019",
        "B30f 120",
        "1.5 3.0",
    ],
)
def test_other_numbers_are_no_day_of_the_instance(text: str) -> None:
    values = [("date", f"{DAY:%Y%m%d}"), ("date", "20241210")]
    assert not Identity.of(values).finds(text)
    assert not KnownValues(values).kinds_in(text)


def test_no_true_date_stays_in_a_cleaned_text_and_the_check_agrees() -> None:
    dice = random.Random(12)
    for _ in range(400):
        day = date(1950, 1, 1) + timedelta(dice.randrange(27_000))
        others = [day + timedelta(dice.randrange(-3, 4)) for _ in range(2)]
        known = [("date", f"{each:%Y%m%d}") for each in (day, *others)]
        identity, days = Identity.of(known), -dice.randrange(1, 3650)
        form = dice.choice(forms(day))
        text = dice.choice(
            ("Chest {}", "{} control", "CT {} and MR of the knee", "Контроль {}, без динамики")
        )
        cleaned = cleaned_text(
            text.format(form), identity, dice.choice(("vocabulary", "known")), "shift", days
        )
        assert form not in cleaned
        assert dates_are_changed(text.format(form), cleaned, "shift", days), (form, cleaned)
        rest = without_changed_dates(text.format(form), cleaned, "shift", days)
        assert not KnownValues(known).kinds_in(rest), (form, cleaned)


@pytest.mark.parametrize(
    ("kind", "value", "text"),
    [
        ("patient_id", "55012777", "5501-2777"),
        ("patient_id", "55012777", "5501 2777"),
        ("patient_id", "55012777", "0055012777"),
        ("patient_id", "0055012777", "55012777"),
        ("patient_id", "MRN5501277", "5501277"),
        ("id", "2019-55012777", "55012777"),
        ("id", "55012777/4", "55012777"),
        ("patient_id", "QUXYZAB", "xQUXYZABx"),
        ("patient_id", "481", "R481"),
        ("id", "A17", "A17 zz"),
        ("phone", "+7 914 749-30-52", "89147493052"),
        ("phone", "+7 914 749-30-52", "749-30-52"),
        ("phone", "+7 914 749-30-52", "(914) 7493052"),
        ("phone", "+49 171 5550123", "0171 5550123"),
        ("address", "12 Elm Street, Quarrowby", "12 Elm Street"),
        ("address", "12 Elm Street, Quarrowby", "Quarrowby"),
        ("address", "Kestrelgasse 17, 70173 Quarrowby", "17 Kestrelgasse"),
        ("address", "Kestrelgasse 17, 70173 Quarrowby", "70173"),
    ],
)
def test_a_number_or_address_is_found_in_other_forms_by_both(kind: str, value: str, text: str) -> None:
    ours, theirs = [(kind, value)], frozenset([("patient id" if kind == "patient_id" else kind, value)])
    assert Identity.of(ours).finds(f"seen {text} today")
    known = make_identifiers(theirs)  # type: ignore[arg-type]
    assert known.known.kinds_in(f"seen {text} today") or text.split()[0].lower() in known.words


@pytest.mark.parametrize(
    ("kind", "value", "text"),
    [
        ("patient_id", "12345", "1, 2, 3, 4, 5"),
        ("patient_id", "12345", "12.345 mm"),
        ("patient_id", "481", "481kV"),
        ("id", "A7", "A7"),
        ("id", "123", "123 mm"),
        ("address", "12 Main Street, Quarrowby", "main street of"),
        ("address", "Road 3, Quarrowby", "road 5"),
    ],
)
def test_what_is_no_number_or_address_stays(kind: str, value: str, text: str) -> None:
    assert not Identity.of([(kind, value)]).finds(text)


def test_nothing_of_an_address_stays_in_a_cleaned_text() -> None:
    identity = Identity.of(
        [
            ("address", "г. Зареченск, пр. Кестрельный, д. 201, кв. 33"),
            ("address", "503 Tarn Squares, Apt. 087"),
        ]
    )
    assert (
        cleaned_text("Адрес пр. Кестрельный, д. 201, кв. 33. Грудь", identity, "vocabulary", "shift", -5)
        == "Адрес. Грудь"
    )
    assert (
        cleaned_text("Lung 503 Tarn Squares, Apt. 087 CT", identity, "vocabulary", "shift", -5) == "Lung CT"
    )


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("chest 95 years", "chest 90 years"),
        ("95 y/o woman", "90 y/o woman"),
        ("Age: 102", "Age: 90"),
        ("95 лет", "90 лет"),
        ("095Y", "090Y"),
        ("89 years", "89 years"),
        ("95 mm", "95 mm"),
        ("1.95 years", "1.95 years"),
    ],
)
def test_ages_above_the_limit_become_the_limit_and_a_year(text: str, cleaned: str) -> None:
    assert cleaned_text(text, Identity.of(()), "known", "shift", -5, 89) == cleaned


def test_a_kept_text_with_a_study_date_goes_and_a_cleaned_one_is_shifted() -> None:
    ds = original(ConvolutionKernel="BONE 2019_03_15", SeriesDescription="Lung 2019_03_15 and 15 III 2019")
    data = encoded(ds)
    result = Deidentifier(RESEARCH, KEY).run(data).output
    verify(data, result, RESEARCH.profile, KEY)
    read = dcmread(io.BytesIO(bytes(result)))
    assert "2019_03_15" not in str(read.get("ConvolutionKernel", ""))
    assert "_" in read.SeriesDescription
    assert "2019_03_15" not in read.SeriesDescription


def test_thousands_of_birth_dates_and_texts_take_linear_time() -> None:
    days = [date(1930, 1, 1) + timedelta(5 * number) for number in range(5000)]
    text = "\0".join(f"term {number} of 14 and 2.5 mm" for number in range(5000))
    begun = time.process_time()
    values = [("birthdate", f"{day:%Y%m%d}") for day in days]
    assert not Identity.of(values).finds(text)
    assert not KnownValues(values).kinds_in(text)
    assert time.process_time() - begun < 20
