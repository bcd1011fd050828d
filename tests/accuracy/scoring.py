"""Compares outputs with the answer key: reads them with pydicom only, and knows nothing of what the product decided."""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable
from functools import cache
from io import BytesIO
from typing import Final

from pydicom import dcmread
from pydicom.dataset import Dataset

from accuracy import written_dates
from accuracy.answers import Answer, Category
from accuracy.generator import Case
from accuracy.reading import all_texts, element_at, is_empty, text_of
from accuracy.scorecard import Scorecard

MOST_DAYS: Final = 3650  # that the profile's range allows a date to move
_SPACE: Final = re.compile(r"\s+")
_WORD: Final = re.compile(r"[^\W_]+")
_ENDS: Final = " .,;:"
_LONGEST_WORD_LIKE: Final = 4  # an invented name this short could stand in another word


class Scorer:
    """Scores the instances of one run; UIDs, patients and offsets must agree over all of them."""

    def __init__(self) -> None:
        self.card = Scorecard()
        self._uids: dict[str, str] = {}
        self._old_uids: dict[str, str] = {}
        self._patients: dict[str, str] = {}
        self._old_patients: dict[str, str] = {}
        self._offsets: dict[str, int] = {}

    def score(self, case: Case, output: bytes) -> None:
        """Compare one output with its answers."""
        result, original = dcmread(BytesIO(output)), dcmread(BytesIO(case.data))
        everything = folded("\n".join(all_texts(result)))
        self.card.instances += 1
        checks: dict[Category, Callable[[Answer], tuple[bool, str]]] = {
            Category.TAG_RETAINED: lambda answer: (element_at(result, answer.path) is not None, ""),
            Category.TEXT_NOTNULL: lambda answer: _not_null(result, answer),
            Category.TEXT_RETAINED: lambda answer: self._retained(result, answer),
            Category.TEXT_REMOVED: lambda answer: _removed(result, everything, answer),
            Category.DATE_SHIFTED: lambda answer: self._shifted(result, case, answer),
            Category.UID_CHANGED: lambda answer: _uid_changed(result, answer),
            Category.UID_CONSISTENT: lambda answer: self._consistent(
                result, answer, self._uids, self._old_uids
            ),
            Category.PATID_CONSISTENT: lambda _: self._patient(result, case),
            Category.GEOMETRY: lambda answer: _same_numbers(result, answer),
            Category.PIXELS_RETAINED: lambda answer: _same_pixels(result, original, answer),
        }
        self._offset(result, case)
        for answer in case.answers:
            holds, found = checks[answer.category](answer)
            self.card.add(case.name, answer, holds=holds, found=found)

    def _retained(self, result: Dataset, answer: Answer) -> tuple[bool, str]:
        """Whether a value, or a text within one, is still what it was but for white space and signs at its end."""
        found = _text(result, answer)
        if answer.whole:
            return found.strip() == answer.value.strip(), found
        wanted, left = spaced(answer.value).strip(_ENDS), spaced(found)
        words = _WORD.findall(folded(found))
        for word in _WORD.findall(folded(answer.value)):
            self.card.words.add(holds=word in words)
        return wanted in left, found

    def _offset(self, result: Dataset, case: Case) -> None:
        """Learn by how many days this patient's dates move, from the Study Date of the first instance seen."""
        study = next((each for each in case.answers if _is_study_date(each)), None)
        if study is None or case.patient in self._offsets:
            return
        moved = _day(_text(result, study))
        if moved is not None:
            self._offsets[case.patient] = (moved - (_day(study.value) or moved)).days

    def _shifted(self, result: Dataset, case: Case, answer: Answer) -> tuple[bool, str]:
        found = _text(result, answer)
        days = self._offsets.get(case.patient, 0)
        if not 0 < abs(days) <= MOST_DAYS:
            return False, found
        if answer.style:
            accepted = written_dates.moved(datetime.date.fromisoformat(answer.value), days, answer.style)
            return any(spaced(form).strip(_ENDS) in spaced(found) for form in accepted), found
        before, after = _day(answer.value), _day(found)
        if before is None or after is None:
            return False, found
        return (after - before).days == days and found[8:] == answer.value[8:], found

    def _consistent(
        self, result: Dataset, answer: Answer, new: dict[str, str], old: dict[str, str]
    ) -> tuple[bool, str]:
        """Whether the value always becomes the same, and no other value becomes it."""
        found = _text(result, answer)
        same = new.setdefault(answer.value, found) == found
        return same and bool(found) and old.setdefault(found, answer.value) == answer.value, found

    def _patient(self, result: Dataset, case: Case) -> tuple[bool, str]:
        found = str(result.get("PatientID", ""))
        same = self._patients.setdefault(case.patient, found) == found
        return same and bool(found) and self._old_patients.setdefault(
            found, case.patient
        ) == case.patient, found


def _text(result: Dataset, answer: Answer) -> str:
    return text_of(element_at(result, answer.path), str(result.get("SpecificCharacterSet", "")))


def folded(text: str) -> str:
    """Return text in lower case, ё as е, with single spaces."""
    return spaced(text.lower().replace("ё", "е"))


def spaced(text: str) -> str:
    """Return text with single spaces for all white space."""
    return _SPACE.sub(" ", text)


def _removed(result: Dataset, everything: str, answer: Answer) -> tuple[bool, str]:
    """Whether none of the forms is left in the value; an invented name may not be left anywhere in the instance."""
    found = _text(result, answer)
    text = folded(found)
    for form in answer.forms:
        if _pattern(form).search(text):
            return False, found
        invented = "invented" in answer.about and len(form) > _LONGEST_WORD_LIKE
        if invented and folded(form) in everything:
            return False, f"{form} elsewhere"
    return True, found


@cache
def _pattern(form: str) -> re.Pattern[str]:
    """Return what finds a form as a whole word or phrase; an underscore is no letter here."""
    return re.compile(rf"(?<![^\W_]){re.escape(folded(form))}(?![^\W_])")


def _not_null(result: Dataset, answer: Answer) -> tuple[bool, str]:
    element = element_at(result, answer.path)
    return element is not None and not is_empty(element), ""


def _uid_changed(result: Dataset, answer: Answer) -> tuple[bool, str]:
    """Whether another UID stands in the value's place; that of the instance must be the file meta's as well."""
    found = _text(result, answer)
    changed = bool(re.fullmatch(r"[0-9]+(\.[0-9]+)+", found)) and found != answer.value
    if len(answer.path) == 1 and answer.path[0].tag == 0x00080018:
        changed = changed and found == str(result.file_meta.MediaStorageSOPInstanceUID)
    return changed, found


def _same_pixels(result: Dataset, original: Dataset, answer: Answer) -> tuple[bool, str]:
    before, after = element_at(original, answer.path), element_at(result, answer.path)
    same = before is not None and after is not None and before.value == after.value
    return same and result.file_meta.TransferSyntaxUID == original.file_meta.TransferSyntaxUID, ""


def _same_numbers(result: Dataset, answer: Answer) -> tuple[bool, str]:
    """Whether the numbers are equal, or the element is absent or empty; a text that is no number is neither."""
    found = text_of(element_at(result, answer.path))
    if not found.strip():
        return True, found
    try:
        left, wanted = ([float(part) for part in text.split("\\")] for text in (found, answer.value))
    except ValueError:
        return False, found
    return left == wanted, found


def _is_study_date(answer: Answer) -> bool:
    return (
        answer.category is Category.DATE_SHIFTED
        and len(answer.path) == 1
        and answer.path[0].tag == 0x00080020
    )


def _day(value: str) -> datetime.date | None:
    """Return the day of a DA or DT; None for anything else."""
    try:
        return datetime.datetime.strptime(value[:8], "%Y%m%d").date()
    except ValueError:
        return None
