"""The verifier's own arithmetic: dates, keys, letters, cases, segments, parsing; each against what is known."""

from __future__ import annotations

import io
from datetime import date
from pathlib import Path

import pydicom.data
import pytest
from pydicom import dcmread
from pydicom.datadict import dictionary_VR
from pydicom.dataset import Dataset
from pydicom.uid import ExplicitVRBigEndian

from orthanc_deid.config.key import Key
from orthanc_deid.dicom.slices import Slices
from orthanc_deid.profile.model import Profile
from orthanc_deid.verify.reading.data_set import DataSet
from orthanc_deid.verify.reading.element_headers import ParseError
from orthanc_deid.verify.reading.frame_segments import text_segments
from orthanc_deid.verify.reading.instance import open_instance
from orthanc_deid.verify.reading.long_values import same_bytes, same_words
from orthanc_deid.verify.rules.expected_dates import expected_dates
from orthanc_deid.verify.rules.expected_pseudonyms import (
    ExpectedUids,
    PatientValues,
    has_keyed_uid_form,
    offset_days,
    pseudonym,
)
from orthanc_deid.verify.text.date_spellings import written_forms
from orthanc_deid.verify.text.decoding import decode, readings
from orthanc_deid.verify.text.identifiers import Kind, make_identifiers
from orthanc_deid.verify.text.name_forms import forms
from orthanc_deid.verify.text.romanization import keys
from orthanc_deid.verify.text.text_search import found_in_any, kinds_in

KEY = Key(bytes(range(32)))


@pytest.mark.parametrize(
    ("vr", "value", "neutral", "shifted", "year"),
    [
        ("DA", "20190315", "20000101", "20190305", "20190101"),
        ("DA", "2019.03.15", "2000.01.01", "2019.03.05", "2019.01.01"),
        ("DA", "20190315-20190401", "20000101-20000101", "20190305-20190322", "20190101-20190101"),
        ("DA", "-20190315", "-20000101", "-20190305", "-20190101"),
        ("DA", "20190301\\20190315 ", "20000101\\20000101", "20190219\\20190305", "20190101\\20190101"),
        ("DA", "", "", "", ""),
        ("DA", "yesterday", "20000101", "20000101", "20000101"),
        ("DA", "20190230", "20000101", "20000101", "20000101"),
        ("DA", "00010105", "20000101", "20000101", "00010101"),
        ("TM", "101530.125", "000000.000", "101530.125", "000000.000"),
        ("TM", "10", "00", "10", "00"),
        ("TM", "noon", "000000", "000000", "000000"),
        (
            "DT",
            "20190315101530.5+0300",
            "20000101000000.0+0000",
            "20190305101530.5+0300",
            "20190101000000.0+0000",
        ),
        ("DT", "2019", "2000", "2018", "2019"),
        ("DT", "201903", "200001", "201902", "201901"),
        ("DT", "20190315", "20000101", "20190305", "20190101"),
        ("DT", "gone", "20000101000000", "20000101000000", "20000101000000"),
    ],
)
def test_dates_in_place(vr: str, value: str, neutral: str, shifted: str, year: str) -> None:
    assert expected_dates(value, vr, "neutral", 0) == neutral
    assert expected_dates(value, vr, "shift", -10) == shifted
    assert expected_dates(value, vr, "year", 0) == year


def test_a_keyed_uid_is_a_uuid_of_version_8() -> None:
    made = ExpectedUids(KEY).replacement(b"1.2.826.0.1.3680043.9.7777.1")
    number = int(made.removeprefix(b"2.25."))
    assert number >> 76 & 0xF == 8
    assert number >> 62 & 0x3 == 2
    assert has_keyed_uid_form(made)
    assert not has_keyed_uid_form(b"2.25.123")
    assert not has_keyed_uid_form(b"2.25.0" + made.removeprefix(b"2.25."))
    assert ExpectedUids(KEY).replacement(b"1.2.840.10008.1.2") == b"1.2.840.10008.1.2"


def test_the_patient_is_issuer_and_id_then_name_and_birth_date_then_the_study() -> None:
    def message(*values: str) -> bytes:
        return PatientValues(*values).message

    assert message(" 17 ", "HOSP\0", "A^B", "19700101", "1.2") == b"id\0HOSP\x0017"
    assert message("", "HOSP", "A^B^^ ", "19700101", "1.2") == b"name\0A^B\x0019700101"
    assert message(" ", "", "^^", "", "1.2\0") == b"study\x001.2"


def test_pseudonyms_and_offsets_are_those_of_the_rules() -> None:
    patient = PatientValues("17", "", "", "", "")
    profile = Profile(name="p")
    assert len(pseudonym(patient, profile, KEY)) == 16
    assert pseudonym(patient, profile, KEY) != pseudonym(patient, profile, Key(b"x" * 32))
    assert all(
        -3650 <= offset_days(PatientValues(str(n), "", "", "", ""), profile, KEY) <= -1 for n in range(50)
    )


@pytest.mark.parametrize(
    ("cyrillic", "latin"),
    [
        ("Хрущёв", "Khrushchev Hruščëv Xrushhyov Khrushchyov Khrouchtchev"),
        ("Достоевский", "Dostoevskii Dostoyevsky Dostoevskij Dostoyevskiy"),
        ("Юлия", "Yuliya Iuliia Julia Julija Ûliâ Yulia"),
        ("Щербаков", "Shcherbakov Shherbakov Ŝerbakov"),
        ("Ельцин", "Yeltsin Eltsin Elʹcin El'cin Jelzin"),
        ("Жуков", "Zhukov Žukov Joukov Jukov"),
        ("Чайковский", "Tchaikovsky Chaykovskiy Čajkovskij Tschaikowski"),
        ("Алексей", "Alexei Aleksey Alexey Aleksej"),
        ("Цветаева", "Tsvetaeva Cvetaeva Czvetaeva Zwetajewa"),
        ("Соловьёв", "Solovyov Solovʹëv Soloviev Solov'ev"),
        ("Смит", "Smith Smit"),
        ("Шевченко", "Shevchenko Ševčenko Schewtschenko"),
        ("Григорьев", "Grigoryev Grigoriev Grigor'ev"),
    ],
)
def test_known_romanizations_share_a_key(cyrillic: str, latin: str) -> None:
    assert not [word for word in latin.split() if not keys(word) & keys(cyrillic)]


@pytest.mark.parametrize(
    ("one", "other"), [("Иванов", "Petrov"), ("Мария", "Marta"), ("Чехов", "Shekhov"), ("Орлов", "Perlov")]
)
def test_other_names_share_none(one: str, other: str) -> None:
    assert not keys(one) & keys(other)


@pytest.mark.parametrize(
    ("name", "cases"),
    [
        ("Иванов", "Иванова Иванову Ивановым Иванове Ивановой Ивановы Ивановых"),
        ("Мария", "Марии Марию Марией"),
        ("Павел", "Павла Павлу Павлом Павле"),
        ("Лев", "Льва Льву Львом"),
        ("Пётр", "Петра Петру Петром"),
        ("Достоевский", "Достоевского Достоевскому Достоевским Достоевская Достоевской"),
        ("Григорий", "Григория Григорию Григорием"),
        ("Толстая", "Толстой Толстую Толстого"),
        ("Илья", "Ильи Илье Илью"),
        ("Игорь", "Игоря Игорем Игорю"),
        ("Седых", "Седых"),
    ],
)
def test_russian_cases_are_known(name: str, cases: str) -> None:
    assert not [case for case in cases.split() if case.lower().replace("ё", "е") not in forms(name)]


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


def contents(frame: bytes) -> list[bytes]:
    return [found.content for found in text_segments(lambda at, size: frame[at : at + size], 0, len(frame))]


def test_comment_and_application_segments_are_read_up_to_the_image() -> None:
    frame = b"\xff\xd8\xff\xe1\x00\x06Exif\xff\xfe\x00\x08secret\xff\xda\x00\x04\x00\x00"
    frame += b"\xff\xfe\x00\x07image\xff\xd9"
    assert contents(frame) == [b"Exif", b"secret"]
    stream = b"\xff\x4f\xff\x51\x00\x04\x00\x00\xff\x64\x00\x09\x00\x01HELLO\xff\x90\x00\x04\x00\x00\xff\x93"
    stream += b"\xff\x64\x00\x04"
    assert contents(stream) == [b"\x00\x01HELLO"]
    boxed = b"\0\0\0\x0cjP  \r\n\x87\n" + b"\0\0\0\x0cxml DOE " + b"\0\0\0\0jp2c" + stream
    assert contents(boxed) == [b"\r\n\x87\n", b"DOE ", b"\x00\x01HELLO"]


_BROKEN = [b"", b"\xff", b"\xff\xd8", b"\xff\xd8\xff", b"\xff\xd8\xff\xfe\xff\xff", bytes(40)]


@pytest.mark.parametrize("frame", _BROKEN)
def test_broken_frames_end_quietly(frame: bytes) -> None:
    assert isinstance(contents(frame), list)


def test_text_is_read_as_declared_and_as_what_writers_forget_to_declare() -> None:
    assert decode("Müller".encode("latin-1"), ("ISO_IR 100",)) == "Müller"
    assert (
        decode(b"Yamada^Tarou=\x1b$B;3ED\x1b(B^\x1b$BB@O:\x1b(B", ("", "ISO 2022 IR 87"))
        == "Yamada^Tarou=山田^太郎"
    )
    assert "Иванов" in readings("Иванов".encode("cp1251"), ("ISO_IR 100",))
    assert decode(b"\xff\xfe", ("ISO_IR 192",)) == "\ufffd\ufffd"


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


def test_a_place_made_of_medical_words_is_no_needle_and_is_counted() -> None:
    identifiers = make_identifiers(
        frozenset([("place", "General Hospital"), ("place", "Kestrelmoor Hospital")])
    )
    assert "kestrelmoor" in identifiers.words
    assert "hospital" not in identifiers.words
    assert identifiers.left_out["place: medical words alone"] == 1


def test_what_the_profile_retains_is_no_needle_unless_it_names_a_person() -> None:
    values: frozenset[tuple[Kind, str]] = frozenset(
        [("place", "Kestrelmoor East"), ("person", "Kestrelmoor^Ann")]
    )
    assert make_identifiers(values, frozenset(["Kestrelmoor East"])).words["kestrelmoor"] == "person"
    assert not make_identifiers(frozenset([("place", "Kestrelmoor")]), frozenset(["Kestrelmoor"])).words


def test_bytes_and_words_are_compared_piece_by_piece() -> None:
    data = bytes(range(256)) * 40
    one, other = Slices([data[:100], data[100:]]), Slices([data[:7000], data[7000:]])
    assert same_bytes(one, 3, other, 3, 9000)
    assert not same_bytes(one, 3, other, 4, 9000)
    assert not same_bytes(one, 0, other, 0, len(data) + 1)
    big = b"".join(data[at : at + 2][::-1] for at in range(0, len(data), 2))
    assert same_words(Slices([big]), 0, other, 0, len(data), 2)
    assert not same_words(Slices([data]), 0, other, 0, len(data), 2)


_FILES = Path(pydicom.data.__file__).parent / "test_files"
_PARSED = [path for path in sorted(_FILES.glob("*.dcm")) if "trunc" not in path.stem][::3]


@pytest.mark.parametrize("path", _PARSED, ids=lambda path: path.stem)
def test_parsing_agrees_with_pydicoms_own_reading(path: Path) -> None:
    data = path.read_bytes()
    try:
        mine = open_instance(Slices([data])).data_set
        found = list(_paths(mine))
    except ParseError:
        pytest.skip("damaged on purpose")
    reference = dcmread(io.BytesIO(data), force=True)
    assert found == list(_reference_paths(reference))


def _paths(level: DataSet, prefix: tuple[int, ...] = ()) -> list[tuple[int, ...]]:
    found = []
    for tag in sorted(level.elements):
        found.append((*prefix, tag))
        for index, item in enumerate(level.sequences.get(tag, ())):
            found += _paths(item, (*prefix, tag, index))
    return found


def _reference_paths(ds: Dataset, prefix: tuple[int, ...] = ()) -> list[tuple[int, ...]]:
    found = []
    for tag in sorted(int(tag) for tag in ds.keys()):  # noqa: SIM118  # a Dataset iterates over elements
        found.append((*prefix, tag))
        raw = ds.get_item(tag)
        known = raw.VR if raw.VR not in (None, "UN") else _known_vr(tag)
        if known == "SQ":
            for index, item in enumerate(ds[tag].value):
                found += _reference_paths(item, (*prefix, tag, index))
    return found


def _known_vr(tag: int) -> str:
    try:
        return dictionary_VR(tag)
    except KeyError:
        return "UN"


def test_values_longer_than_a_window_are_left_where_they_are() -> None:
    ds = Dataset()
    ds.PatientID = "1"
    ds.add_new(0x00280106, "US", 7)
    ds.add_new(0x00091010, "UN", b"x" * 100_000)
    ds.add_new(0x00281201, "OW", bytes(70_000))
    ds.PixelData = bytes(300_000)
    ds["PixelData"].VR = "OW"
    ds.add_new(0xFFFCFFFC, "OB", b"end!")
    with io.BytesIO() as file:
        ds.save_as(file, implicit_vr=False, little_endian=True, enforce_file_format=False)
        data = file.getvalue()
    found = open_instance(Slices([data[:1000], data[1000:]]))
    assert {tag: span.length for tag, span in found.data_set.unloaded.items()} == {
        0x00091010: 100_000,
        0x00281201: 70_000,
        0x7FE00010: 300_000,
    }
    assert found.data_set.elements[0xFFFCFFFC].value == b"end!"
    assert found.value(found.data_set, 0x00091010) == b"x" * 100_000


def test_big_endian_is_told_from_the_meta() -> None:
    data = (_FILES / "ExplVR_BigEnd.dcm").read_bytes()
    assert open_instance(Slices([data])).transfer_syntax == ExplicitVRBigEndian
