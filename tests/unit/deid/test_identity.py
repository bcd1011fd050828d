"""Names of persons and places of an instance are found in every spelling, and nothing else is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orthanc_deid.deid.text.identity import Identity
from orthanc_deid.deid.text.inflection import name_forms
from orthanc_deid.deid.text.transliteration import composed, fold, skeletons


def person(*names: str) -> Identity:
    return Identity.of(("person", name) for name in names)


@pytest.mark.parametrize(
    "text",
    [
        "WEXFORD",
        "pat. Wexford, J.",
        "chest of alma wexford",
        "AP_WEXFORD_1985",
        "Dr.Wexford/Smith",
        "ORIGINAL\0WEXFORD\0AXIAL",
        "Вексфорд",
    ],
)
def test_a_name_is_found_in_any_order_case_and_alphabet(text: str) -> None:
    assert person("WEXFORD^ALMA^J").finds(text)


@pytest.mark.parametrize(
    "name",
    [
        "Wexford^Alma^^Dr",
        "Wexford^Alma^^Dr.^MD",
        "Wexford^Alma^J^Prof. Dr.^Jr",
        "Wexford^Alma^^^Ph.D.",
        "Wexford^^^PROF DR MED",
        "Wexford^Alma^^Dr=Вексфорд^Алма^^д-р=",
        "^Alma^^Dr",
    ],
)
def test_a_title_as_prefix_or_suffix_is_no_name(name: str) -> None:
    assert person(name).finds("alma" if name.startswith("^") else "wexford")
    assert not any(map(person(name).finds, ("DR CHEST", "MD", "Prof", "JR", "PhD", "med", "др", "Dr. Х")))


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("Wexford^Alma^^Maud", "maud"),  # in the wrong component: no title, so it is a name
        ("Wexford^Alma^^Dr Maud", "maud"),
        ("Wexford^Alma^^^Frazier", "frazier"),
        ("Dr^Alma", "DR CHEST"),
        ("Wexford^Dr", "DR CHEST"),
        ("Wexford^Alma^Dr", "DR CHEST"),
        ("Dr", "DR CHEST"),
        ("^^^Dr", "DR CHEST"),
        ("^^^Dr^Jr", "jr"),
        ("W^^^Dr", "DR CHEST"),
        ("II^Alma^^^II", "II"),
        ("Wexford^Alma^^Dr^Jr^Sr", "SR"),
    ],
)
def test_other_words_count_in_every_component_and_a_title_if_it_is_the_only_word(
    name: str, text: str
) -> None:
    assert person(name).finds(text)


@pytest.mark.parametrize("text", ["WEXFORT", "WEX FORT", "ALMANAC", "CT CHEST", "", "J", "5.0"])
def test_other_words_are_not_the_name(text: str) -> None:
    assert not person("WEXFORD^ALMA^J").finds(text)


@pytest.mark.parametrize(
    "text",
    [
        "Рентген Иванова С.П. в двух проекциях",
        "пациенту ИВАНОВУ Сергею Петровичу",
        "с Ивановым",
        "об Иванове",
        "IVANOV SERGEY",
        "Ivanova S.P.",
        "Sergei Iwanow",
        "Иванoв",  # the second о is Latin
        "СЕРГЕЯ",
    ],
)
def test_a_cyrillic_name_is_found_in_every_case_and_romanization(text: str) -> None:
    assert person("Иванов^Сергей^Петрович").finds(text)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("Ivanov^Sergey", "Иванова Сергея"),
        ("Shcherbakova^Yuliya", "Щербаковой"),
        ("Shcherbakova^Yuliya", "Юлией"),
        ("Shcherbakova^Yuliya", "SCHERBAKOVA"),
        ("Dmitry^Petrovich", "Дмитрию"),
        ("Igor", "Игорем"),
        ("Tchaikovsky", "Чайковского"),
        ("Johnson^William", "Джонсоном"),
        ("Müller", "Мюллера"),
        ("Müller", "Mueller"),
        ("Müller", "MULLER"),
        ("Ivanov^Ivan=Иванов^Иван", "Иваном"),
        ("O'Brien", "OBrien"),
        ("Smith-Jones", "Jones"),
        ("山田^太郎", "山田太郎様"),
        ("X^Y", "X Y"),
        ("PAT01^TEST", "pat01"),
    ],
)
def test_a_name_is_found_across_alphabets_and_signs(name: str, text: str) -> None:
    assert person(name).finds(text)


@pytest.mark.parametrize(
    ("name", "forms"),
    [
        ("Иванов", "Иванова Иванову Ивановым Иванове Ивановой Ивановы Ивановых"),
        ("Островская", "Островской Островскую Островский Островского Островскому"),
        ("Трубецкой", "Трубецкого Трубецкому Трубецким Трубецком Трубецкая"),
        ("Пушкина", "Пушкиной Пушкину Пушкин Пушкиным"),
        ("Кравец", "Кравца Кравцу Кравцом Кравце"),
        ("Заяц", "Зайца Зайцу Зайцем"),
        ("Шевченко", "Шевченко"),
        ("Мельник", "Мельника Мельнику Мельником"),
        ("Соловей", "Соловья Соловью"),
        ("Павел", "Павла Павлу Павлом Павле"),
        ("Лев", "Льва Льву Львом Льве"),
        ("Мария", "Марии Марию Марией"),
        ("Илья", "Ильи Илье Илью Ильей Ильёй"),
        ("Любовь", "Любови Любовью"),
        ("Николай", "Николая Николаю Николаем"),
        ("Юрий", "Юрия Юрию Юрием Юрии"),
        ("Петрович", "Петровича Петровичу Петровичем"),
        ("Сергеевна", "Сергеевны Сергеевне Сергеевну Сергеевной"),
        ("Белых", "Белых"),
        ("Пётр", "Петра Петру Петром"),
    ],
)
def test_names_are_declined(name: str, forms: str) -> None:
    known = name_forms(fold(name))
    assert {fold(form) for form in forms.split()} <= known
    assert all(person(name).finds(form) for form in forms.split())


def test_the_forms_of_lev_are_not_found_in_left_lung() -> None:
    assert not person("Лев").finds("в левом легком, слева, левого")


@pytest.mark.parametrize(
    ("cyrillic", "romanized"),
    [
        ("Юлия", "Yulia Julia Iuliia Yuliya Julija Juliya"),
        ("Щербаков", "Shcherbakov Scherbakov Ščerbakov Shherbakov Sherbakov"),
        ("Евгений", "Evgeny Yevgeny Evgenii Evgeniy Jewgeni Yevgeniy"),
        ("Соловьёв", "Soloviev Solovyov Solovyev Solovjov"),
        ("Хрущёв", "Khrushchev Hruschev Khrushchyov"),
        ("Чайковский", "Tchaikovsky Chaykovskiy Tschaikowski Čajkovskij"),
        ("Цой", "Tsoi Tsoy Coj Czoj"),
        ("Ксения", "Ksenia Xenia Kseniya"),
        ("Жуков", "Zhukov Žukov Joukov"),
        ("Царёв", "Tsarev Tsaryov Carev"),
    ],
)
def test_all_romanizations_of_a_name_share_its_skeleton(cyrillic: str, romanized: str) -> None:
    (skeleton,) = skeletons(fold(cyrillic))
    for spelling in romanized.split():
        assert skeleton in skeletons(fold(spelling)), spelling


@pytest.mark.parametrize(
    ("kind", "value", "text", "found"),
    [
        ("patient_id", "7", "patient 7", True),
        ("patient_id", "7", "B37 17 T7", False),
        ("id", "ACC-77812", "see acc-77812.", True),
        ("id", "ACC-77812", "XACC-77812", True),
        ("id", "ACC-7", "XACC-7", False),
        ("id", "123", "123", False),
        ("id", "1234", "no 1234", True),
        ("id", "1234", "12345", False),
        ("place", "Greenhollow County Hospital", "GREENHOLLOW CT2", True),
        ("place", "Greenhollow County Hospital", "HOSPITAL", False),
        ("place", "Первомайская больница", "из Первомайской", True),
        ("address", "12 Long Lane, Greenhollow", "12 long lane, greenhollow", True),
        ("phone", "555 0199", "call 555 0199", True),
        ("birthdate", "19550307", "born 7 March 1955", True),
        ("birthdate", "1955.03.07", "07/03/1955", True),
        ("birthdate", "19550307", "7.3.55", True),
        ("birthdate", "19550307", "7 марта 1955 г.", True),
        ("birthdate", "19550307", "Mar 7, 1955", True),
        ("birthdate", "19550307", "1955", False),
        ("birthdate", "19550307", "17.3.1955", False),
        ("birthdate", "19551345", "born 19551345", True),
        ("birthdate", "19550230", "19550230", True),
        ("birthdate", "19550230", "30.2.1955", False),
        ("birthdate", "spring 1955", "in spring, 1955", True),
        ("person", "", "anything", False),
        ("patient_id", " ", "a b", False),
    ],
)
def test_other_values_are_compared_whole(kind: str, value: str, text: str, found: bool) -> None:
    identity = Identity.of([(kind, value)])
    assert identity.finds(text) is found
    assert (identity.remove(text) != text) is found


def test_an_unknown_kind_is_refused() -> None:
    with pytest.raises(ValueError, match="kind"):
        Identity.of([("pet", "Rex")])


@pytest.mark.parametrize(
    ("text", "removed"),
    [
        ("Wexford, Alma: chest", "_: chest"),
        ("chest of A. J. Wexford", "chest of _"),
        ("Wexford A.J., 45", "_, 45"),
        ("CT. Wexford. V. cava", "CT. _. V. cava"),
        ("no names", "no names"),
    ],
)
def test_a_name_is_removed_with_its_initials_and_nothing_else(text: str, removed: str) -> None:
    assert person("WEXFORD^ALMA").remove(text, "_") == removed


def test_a_decomposed_letter_is_the_same_letter() -> None:
    assert person("Сергей").finds("Серге\u0438\u0306")
    assert person("Zo\u0065\u0308").finds("Zoë")


@given(st.text(max_size=40), st.lists(st.text(max_size=12), max_size=3))
def test_after_removal_nothing_is_found_and_other_text_stays(text: str, names: list[str]) -> None:
    identity = person(*names)
    assert not identity.finds(identity.remove(text, "\n"))
    if not identity.finds(text):
        assert identity.remove(text, "\n") == composed(text)


@pytest.mark.parametrize(
    ("kind", "value", "text"),
    [
        ("id", "ACC-77812", "acc_77812"),
        ("id", "ACC-77812", "ACC77812"),
        ("phone", "555 0199", "555-0199"),
        ("address", "Élan Street, 5", "elan street 5"),
        ("place", "Hôpital Quillon", "HOPITAL QUILLON"),
        ("person", "Wexford", "Wex'ford"),
        ("birthdate", "19550307", "7. März 1955"),
        ("birthdate", "19550307", "07MAR55"),
        ("birthdate", "19550307", "March 7th, 1955"),
        ("birthdate", "19550307", "1955 / 03 / 07"),
    ],
)
def test_signs_and_accents_do_not_hide_a_value(kind: str, value: str, text: str) -> None:
    identity = Identity.of([(kind, value)])
    assert identity.finds(text)
    assert not identity.finds(identity.remove(text))


def test_values_are_not_put_together_from_two_texts() -> None:
    identity = Identity.of([("id", "ACC-778"), ("birthdate", "19550307")])
    assert not identity.finds("ACC\000778\0007\0003\0001955")


def test_a_particle_of_a_name_is_no_name() -> None:
    identity = person("de la Cruz^Maria")
    assert identity.finds("Cruz")
    assert not identity.finds("LA de LA")


@pytest.mark.parametrize("place", ["B31f", "CT01", "Department of Radiology, hall12quill3"])
def test_a_code_is_no_medical_place(place: str) -> None:
    """A station has the name of a kernel: they cannot be distinguished, so the kernel is removed."""
    identity = Identity.of([("place", place)])
    for text in (place, place.split()[-1].lower()):
        assert identity.finds(text)
    assert not Identity.of([("place", "Radiology 2")]).finds("radiology 2")


@pytest.mark.parametrize("text", ["ВексфордAlma", "JuneВексфорда", "wexfordй", "КТwexford"])
def test_a_name_ends_where_another_alphabet_begins(text: str) -> None:
    identity = person("WEXFORD^ALMA^J")
    assert identity.finds(f"до {text}, КТ")
    assert "wexford" not in identity.remove(f"до {text}, КТ").lower()
    assert "вексфорд" not in identity.remove(f"до {text}, КТ").lower()


def test_a_place_made_of_medical_words_does_not_count() -> None:
    assert not Identity.of([("place", "Department of Radiology")]).finds("Department of Radiology")
