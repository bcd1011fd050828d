"""The cases of Russian names."""

from __future__ import annotations

import pytest

from orthanc_deid.verify.text.name_forms import name_forms


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
    assert not [case for case in cases.split() if case.lower().replace("ё", "е") not in name_forms(name)]
