"""Names and texts in another character set than the declared one (RULES.md, "Identifying values")."""

from __future__ import annotations

import random
from io import BytesIO

import pytest
from pydicom import dcmread

from orthanc_deid import deidentify, load_profile
from orthanc_deid.deid.readings import all_readings, are_words, readings
from orthanc_deid.verify.text.decoding import believed
from orthanc_deid.verify.text.decoding import readings as checked_readings
from orthanc_deid.verify.text.wrong_readings import is_wrongly_read
from orthanc_deid.verify.verifier import Verifier
from support.data.hand_made import KEY, encoded, original

NAME = "Черёмухин^Лаврентий"
CODECS = ("cp1251", "utf-8", "koi8_r", "cp866", "iso8859_5")
DECLARED = ("ISO_IR 100", "ISO_IR 101", "ISO_IR 109", "ISO_IR 110", "ISO_IR 126", "ISO_IR 144", "ISO_IR 148")
NAMES = (
    "ЧЕРЁМУХИН^ЛАВРЕНТИЙ",
    "Черёмухин^Лаврентий",
    "черёмухина^мария",
    "МакДермотт^Ян",
    "Яр-Кравченко^Лев^О.",
)


def delivered(name: bytes, text: bytes, declared: str, attribute: str, profile: str = "basic") -> bytes:
    """Return the verified result for a patient of that name with that text, both as bytes."""
    there, here = "PNTK" * len(name), "QZJX" * len(text)
    there, here = there[: len(name)], here[: len(text)]
    data = encoded(original(there, SpecificCharacterSet=declared, **{attribute: here}))
    data = data.replace(there.encode(), name).replace(here.encode(), text)
    chosen = load_profile(profile)
    output = deidentify(data, chosen, KEY).output
    Verifier(chosen.profile, KEY).check(data, output)
    return bytes(output)


@pytest.mark.parametrize("declared", DECLARED)
@pytest.mark.parametrize("codec", CODECS)
def test_a_name_is_known_in_any_declared_set(codec: str, declared: str) -> None:
    for name in NAMES:
        raw = name.encode(codec)
        try:
            found = readings(raw, (declared,))
        except LookupError:
            pytest.skip("no codec")
        assert name in found
        assert name in believed(raw, (declared,))


@pytest.mark.parametrize("declared", ["ISO_IR 100", "ISO_IR 101", "ISO_IR 144"])
@pytest.mark.parametrize("codec", CODECS)
def test_its_other_alphabet_goes_from_kept_texts(codec: str, declared: str) -> None:
    output = delivered(NAME.encode(codec), b"for CHEREMUKHIN", declared, "ConvolutionKernel")
    assert b"CHEREMUKHIN" not in output


@pytest.mark.parametrize("codec", ["cp1251", "koi8_r", "cp866"])
@pytest.mark.parametrize("profile", ["basic", "neutral", "research"])
def test_its_cases_go_from_kept_texts_of_the_same_wrong_set(codec: str, profile: str) -> None:
    text = "для Черёмухина".encode(codec)
    output = delivered(NAME.encode(codec), text, "ISO_IR 144", "ConvolutionKernel", profile)
    assert "Черёмухина".encode(codec) not in output


@pytest.mark.parametrize("codec", ["cp1251", "koi8_r", "cp866", "utf-8"])
def test_a_text_in_a_wrong_set_names_nobody_where_the_name_is_declared_rightly(codec: str) -> None:
    text = "РУЗАЕВА".encode(codec)
    output = delivered("Рузаев^Олег".encode("iso8859_5"), text, "ISO_IR 144", "ConvolutionKernel")
    assert text not in output
    output = delivered(b"Ruzaev^Oleg", text, "ISO_IR 100", "ConvolutionKernel")
    assert text not in output


def test_a_cleaned_text_in_a_wrong_set_names_nobody_in_any_mode() -> None:
    for codec in ("cp1251", "koi8_r", "cp866"):
        text = "Снимок Черёмухина".encode(codec)
        output = delivered(NAME.encode(codec), text, "ISO_IR 144", "SeriesDescription", "research")
        assert "Черёмухина".encode(codec) not in output


def test_what_is_declared_rightly_stays_as_it_is() -> None:
    output = delivered(
        NAME.encode("iso8859_5"), "Лёгкие".encode("iso8859_5"), "ISO_IR 144", "ConvolutionKernel"
    )
    assert dcmread(BytesIO(output)).ConvolutionKernel == "Лёгкие"
    output = delivered(
        "Müller^Jörg".encode("latin-1"), "Kopf 30°".encode("latin-1"), "ISO_IR 100", "ConvolutionKernel"
    )
    assert dcmread(BytesIO(output)).ConvolutionKernel == "Kopf 30°"


@pytest.mark.parametrize("name", ["йСГМЕЖНБ", "Ъѓч", "Mьller", "Êóçíåöîâ", "Иван№ов", "╩ґч"])
def test_words_that_nobody_writes_are_no_reading(name: str) -> None:
    assert not are_words(name)
    assert is_wrongly_read(name)


@pytest.mark.parametrize(
    "name", ["Łukasz", "D'Ângelo", "Özgür Ünal", "Nguyễn", "Þórdís", "Αλέξης", "МУ-2 (№ 5)"]
)
def test_words_that_somebody_writes_are_a_reading(name: str) -> None:
    assert are_words(name)
    assert not is_wrongly_read(name)


@pytest.mark.parametrize("declared", ["", "ISO_IR 100", "ISO_IR 101", "ISO_IR 144", "ISO_IR 192", "GB18030"])
def test_the_engine_knows_every_reading_that_the_check_believes(declared: str) -> None:
    chance = random.Random(declared)
    letters = (
        b"AIMNkos^- "
        + bytes(range(0x80, 0x100))
        + "ИвановАлиБеспалый".encode()
        + "ИвановАЛИ".encode("cp1251") * 9
    )
    for _ in range(2000):
        raw = bytes(chance.choices(letters, k=chance.randrange(1, 14)))
        terms = (declared,)
        believable = {text for text in believed(raw, terms if declared else ()) if "\ufffd" not in text}
        named = {text for text in believable if any(map(str.isalpha, text))}
        assert named <= set(readings(raw, terms)), raw


def test_the_engine_searches_every_reading_that_the_check_searches() -> None:
    for raw in (NAME.encode(codec) for codec in CODECS):
        for declared in ("ISO_IR 100", "ISO_IR 144"):
            clear = {text for text in checked_readings(raw, (declared,)) if "\ufffd" not in text}
            assert clear <= set(all_readings(raw, (declared,)))
