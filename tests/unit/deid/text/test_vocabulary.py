"""The medical vocabulary contains the words of reports, and hardly any name."""

from __future__ import annotations

import os
import re
import subprocess
import sys

import pytest

from orthanc_deid.deid.text.clean import NO_IDENTITY, clean_text
from orthanc_deid.deid.text.kept_text import kept_text
from orthanc_deid.deid.text.vocabulary import is_known, unknown_spans
from orthanc_deid.standard.compact_words import CompactList
from orthanc_deid.standard.medical_words import eponyms_in_context, medical_words
from support.repository import ROOT

ENGLISH = """
Portable AP view of the chest demonstrates interval placement of a right internal jugular catheter.
Previously noted left basilar opacity has nearly resolved. There remains a small left pleural effusion.
Cardiomediastinal silhouette is stable. Degenerative changes are again seen throughout the thoracic spine.
There is a 5 mm nodule in the right upper lobe, unchanged since the prior study.
Acute infarct in the left MCA territory. No hemorrhage or midline shift. Ventricles are normal in size.
Complex tear of the posterior horn of the medial meniscus. ACL and PCL are intact.
Scattered fibroglandular densities. No suspicious mass, calcification or architectural distortion. BI-RADS 1.
Liver demonstrates diffuse low attenuation consistent with steatosis. Gallbladder surgically absent.
Severe spinal canal stenosis at L4-L5 with ligamentum flavum hypertrophy and facet arthropathy.
FDG avid lymph nodes in the left supraclavicular region, SUVmax 8.4
Recommend follow-up CT in 3-6 months per Fleischner Society guidelines.
Nondisplaced fracture of the distal radius. Soft tissue swelling.
3D SPGR; Ax FLAIR; Ax DWI; Cor T2 frFSE; Sag T1 FSE; 3-PLANE LOC; ASSET Calibration
CT ABD/PELVIS W CONT; CTA CHEST PE PROTOCOL; CT HEAD WO; XR KNEE 3 VIEWS RT; R CC; L MLO
STANDARD; LUNG; BONEPLUS; SOFT; DETAIL; FC18; B45f; Br40d; H30s; Thorax 1.25 B60f
XA Coronary LCA RAO CAU; Left Ventriculogram; DSA Carotid; OB 2nd Trimester; Echo TTE
"""
RUSSIAN = """
На рентгенограмме органов грудной клетки в прямой проекции очаговых и инфильтративных теней не определяется.
Легочный рисунок не изменен. Корни структурны, не расширены. Синусы свободны. Диафрагма обычно расположена.
Справа в верхней доле определяется участок инфильтрации с нечеткими контурами размерами 25х30 мм.
Свободной жидкости в плевральных полостях не выявлено. Костно-травматических изменений не выявлено.
Заключение: правосторонняя нижнедолевая пневмония. Рекомендован контроль в динамике через 14 дней.
Деформирующий артроз правого тазобедренного сустава 2 ст. Состояние после операции.
Срединная протрузия межпозвонкового диска C5-C6 до 2,5 мм, дуральный мешок деформирован.
Желудочки мозга не расширены, срединные структуры не смещены. Очаговых изменений вещества не выявлено.
Печень не увеличена, структура однородная, плотность 58 ед. HU. Желчные протоки не расширены.
Пневмоторакс справа, лёгкое поджато на 1/3 объёма. Дренаж в плевральной полости.
Молочные железы: жировая инволюция, BI-RADS 2. Подмышечные лимфоузлы не увеличены.
Флюорография ОГК в прямой проекции, скрининг. МСКТ с внутривенным контрастированием. КТ, МРТ, УЗИ.
Топограмма; Легкие; Средостение; Костное окно; Мозг; ПП, ЛБП; лежа, стоя; фаза вдоха
"""
NAMES = """
Davidson Frazier Hicks Elizabethbury Widdershins Quillon McDonald DeVries O'Donnell Fitzgerald Kowalski Nguyen
Rodriguez Hernandez Yamamoto Müller Søren Jürgen Siobhan Elizabeth Jennifer Christopher Ashley Springfield
Иванов Петрова Сидоренко Кузнецов Щербаков Воробьёва Александр Екатерина Дмитриевич Николаевна Ахметзянов Цой
Ким Шевченко Гогоберидзе Мкртчян Ивановой Петровым Новосибирск Зеленоград Мытищи
"""


def words(text: str) -> list[str]:
    return re.findall(r"[^\W_]+", text)


@pytest.mark.parametrize("text", [ENGLISH, RUSSIAN], ids=["English", "Russian"])
def test_at_least_98_of_100_words_of_reports_are_known(text: str) -> None:
    unknown = [text[start:end] for start, end in unknown_spans(text)]
    assert len(unknown) <= 0.02 * len(words(text)), unknown


@pytest.mark.parametrize("name", words(NAMES))
def test_names_are_not_known(name: str) -> None:
    assert len(name) == 1 or not is_known(name)


@pytest.mark.parametrize(
    "word",
    ["5", "0", "512", "B31F", "T2w", "3D", "1000b", "120kV", "25mm", "P4", "512x512", "45х38х40", "XII", "iv", "L5",
     "C7", "FATSAT", "STIR", "FMPSPGR", "RUL", "Hx", "ОГК", "легких", "лёгких", "ЛЁГКИЕ", "Т2", "ThoraxRoutine",
     "Hodgkin", "Parkinson", "Towne", "Шопара", "Паркинсона", "нерасширенный", "cardiomediastinal"],
)  # fmt: skip
def test_parameters_terms_and_eponyms_are_known(word: str) -> None:
    assert is_known(word)


@pytest.mark.parametrize(
    "word", ["A12345", "AB12345C", "Quil1", "Wexford2", "ThoraxQuillon", "Quillonroutine"]
)
def test_identifiers_and_names_with_other_letters_are_not_known(word: str) -> None:
    assert not is_known(word)


@pytest.mark.parametrize(
    ("text", "unknown"),
    [
        ("Murphy sign", []),
        ("sign of Murphy", []),
        ("Baker's cyst", []),
        ("Salter-Harris type II", []),
        ("Mallory-Weiss tear", []),
        ("болезнь Вильсона, перелом Смита", []),
        ("Murphy", ["Murphy"]),
        ("Dr. Baker: cyst", ["Baker"]),
        ("Harris, Wilson", ["Harris", "Wilson"]),
        ("врач Вильсон", ["Вильсон"]),
    ],
)
def test_an_eponym_that_is_a_common_name_is_known_only_beside_its_head(text: str, unknown: list[str]) -> None:
    assert [text[start:end] for start, end in unknown_spans(text)] == unknown


def test_no_common_name_is_a_medical_word_by_itself() -> None:
    assert not [name for name in ("smith", "baker", "douglas", "harris", "миллер") if name in medical_words()]
    assert all(name in eponyms_in_context() for name in ("smith", "baker", "douglas", "harris", "миллера"))


@pytest.mark.parametrize("word", words("awkwardly wallpaper удалось вручную превышает Сложилось приехала"))
def test_everyday_words_are_known_in_cleaned_texts_only(word: str) -> None:
    assert word.lower() not in medical_words()
    assert is_known(word)
    assert not is_known(word, everyday=False)


@pytest.mark.parametrize(
    "word", words("заря мороз морозом заяц зайцем волк бондарь bell wolfe moscow москва приехалаивановна")
)
def test_names_that_are_words_as_well_are_no_everyday_words(word: str) -> None:
    assert not is_known(word)


def test_a_kept_text_has_no_everyday_words() -> None:
    assert clean_text("awkwardly placed coil", NO_IDENTITY, "vocabulary", str) == "awkwardly placed coil"
    assert kept_text("awkwardly placed coil", 89) == "placed coil"


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("transferred from Willow Meadow Hospital", "transferred from Hospital"),
        ("из госпиталя Тихая Роща. Вручную", "из госпиталя. Вручную"),
        ("посёлок Журавли-на-Болоте", "посёлок -на"),
        ("Awkwardly seen in hospital", "Awkwardly seen in hospital"),
        ("Вручную. Больница", "Вручную. Больница"),
    ],
)
def test_everyday_words_with_capitals_beside_an_institution_are_its_name(text: str, cleaned: str) -> None:
    assert clean_text(text, NO_IDENTITY, "vocabulary", str) == cleaned


@pytest.mark.parametrize(
    ("word", "known"),
    [
        ("шаг", True),
        ("шагами", True),
        ("шаго", False),
        ("шагам", False),
        ("an", True),
        ("a", False),
        ("", False),
        ("ша", False),
    ],
)
def test_compact_lists_hold_words_and_stems_with_endings(word: str, known: bool) -> None:
    made = CompactList({"шаг": "шаг:7 шаге", "an": "an"}, {"7": " - ами "})
    assert (word in made) is known


_MADE = """
import make_vocabulary as script
made = script.standard_words() - script.listed("dropped.txt") - script.listed("eponyms_in_context.txt")
print(*sorted(made))
"""


def test_the_words_of_the_standard_equal_the_output_of_the_script() -> None:
    """In a process of its own: other packages add their transfer syntaxes to pydicom's dictionary."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "scripts"), "PYTHONIOENCODING": "utf-8"}
    made = subprocess.run(
        [sys.executable, "-c", _MADE],
        env=environment,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=True,
    )
    folder = ROOT / "plugin" / "orthanc_deid" / "standard" / "vocabulary"
    assert (folder / "standard.txt").read_text(encoding="utf-8").split() == made.stdout.split()


@pytest.mark.parametrize("word", ["มั", "ปั\u0e49ม", "กี้", "ທີ່"])
def test_signs_of_thai_and_lao_are_no_digits(word: str) -> None:
    assert not is_known(word)
    assert list(unknown_spans(f"chest {word}"))
