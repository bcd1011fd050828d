"""Romanizations of names that share a key, and names that share none."""

from __future__ import annotations

import pytest

from orthanc_deid.verify.text.romanization import keys


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
