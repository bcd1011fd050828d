"""A data set in the making, with its answer key: each way to set an attribute says what must become of it."""

from __future__ import annotations

import datetime
from typing import Any

from pydicom.datadict import tag_for_keyword
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from accuracy.answers import Answer, Category, Path, Step
from accuracy.reading import text_of
from accuracy.texts import Written

FIRST_BLOCK = 0x10


class Sheet:
    """One data set, at the top level or an item, and the answers for all of its instance."""

    def __init__(self, answers: list[Answer], group: str = "attributes", path: Path = ()) -> None:
        self.data_set = Dataset()
        self.answers = answers
        self.group = group
        self.path = path

    def keep(self, **values: Any) -> None:
        """Set attributes that must stay as they are."""
        for keyword, value in values.items():
            path = self._set(keyword, value)
            text = text_of(self.data_set[keyword])
            self._answer(Category.TAG_RETAINED, path)
            self._answer(Category.TEXT_NOTNULL, path)
            self._answer(Category.TEXT_RETAINED, path, about="value", value=text)

    def stay(self, **values: Any) -> None:
        """Set attributes that must stay, and not empty, whatever becomes of their values."""
        for keyword, value in values.items():
            path = self._set(keyword, value)
            self._answer(Category.TAG_RETAINED, path)
            self._answer(Category.TEXT_NOTNULL, path)

    def drop(self, *, about: str, present: bool = False, **values: str) -> None:
        """Set attributes of which nothing may be left; `present`: the attribute itself must stay, empty or not."""
        for keyword, value in values.items():
            path = self._set(keyword, value)
            self._answer(Category.TEXT_REMOVED, path, about=about, forms=_forms(value, about))
            if present:
                self._answer(Category.TAG_RETAINED, path)

    def drop_tag(self, tag: int, vr: str, value: str, *, about: str, form: str) -> None:
        """Set an attribute of a repeating group; of `form`, which stands in its value, nothing may be left."""
        self.data_set.add_new(tag, vr, value)
        self._answer(Category.TEXT_REMOVED, (*self.path, Step(tag)), about=about, forms=(form,))

    def date(self, **values: str) -> None:
        """Set dates (DA) and dates with time (DT) that must be moved."""
        for keyword, value in values.items():
            path = self._set(keyword, value)
            self._answer(Category.TAG_RETAINED, path)
            self._answer(Category.TEXT_NOTNULL, path)
            self._answer(Category.DATE_SHIFTED, path, about="value", value=value)

    def uid(self, **values: str) -> None:
        """Set UIDs that must be replaced, the same by the same everywhere."""
        for keyword, value in values.items():
            path = self._set(keyword, value)
            self._answer(Category.TAG_RETAINED, path)
            for category in (Category.UID_CHANGED, Category.UID_CONSISTENT):
                self._answer(category, path, value=value)

    def patient_id(self, value: str) -> None:
        """Set the Patient ID, for which one pseudonym must stand everywhere."""
        path = self._set("PatientID", value)
        self._answer(Category.TAG_RETAINED, path)
        self._answer(Category.TEXT_NOTNULL, path)
        self._answer(Category.TEXT_REMOVED, path, about="patient_id", forms=(value,))
        self._answer(Category.PATID_CONSISTENT, path, value=value)

    def write(self, *, decoys_stay: bool = True, **texts: Written) -> None:
        """Set texts with identity among decoys; `decoys_stay` is False where the whole attribute goes."""
        for keyword, written in texts.items():
            self.answer_text(self._set(keyword, written.text), written, decoys_stay=decoys_stay)

    def answer_text(self, path: Path, written: Written, *, decoys_stay: bool = True) -> None:
        """Add what must become of a text that stands at `path`."""
        for about, forms in written.removed:
            self._answer(Category.TEXT_REMOVED, path, about=about, forms=forms)
        if not decoys_stay:
            return
        for date, style in written.dates:
            self._answer(Category.DATE_SHIFTED, path, about="in text", value=date.isoformat(), style=style)
        for kind, decoy in written.kept:
            self._answer(Category.TEXT_RETAINED, path, about=kind, value=decoy, whole=False)
        if written.kept:
            self._answer(Category.TAG_RETAINED, path)
            self._answer(Category.TEXT_NOTNULL, path)

    def item(self, keyword: str, group: str = "nested") -> Sheet:
        """Return a new item at the end of a sequence."""
        tag = tag_for_keyword(keyword)
        assert tag is not None, keyword
        if keyword not in self.data_set:
            setattr(self.data_set, keyword, Sequence())
        items = self.data_set[keyword].value
        inner = Sheet(self.answers, group, (*self.path, Step(tag, item=len(items))))
        items.append(inner.data_set)
        return inner

    def private(self, creator: str, tag: int, vr: str, value: Any, *, block: int = FIRST_BLOCK) -> Path:
        """Set a private element, whose tag has 00 for the block, and return its path."""
        group = tag >> 16
        self.data_set.add_new(group << 16 | block, "LO", creator)
        self.data_set.add_new(tag | block << 8, vr, value)
        return (*self.path, Step(tag, creator))

    def pixels(self) -> None:
        """Say that Pixel Data must stay as they are."""
        self._answer(Category.PIXELS_RETAINED, (*self.path, Step(0x7FE00010)))

    def add(self, category: Category, path: Path, **details: Any) -> None:
        """Add an answer that no other method gives."""
        self._answer(category, path, **details)

    def _set(self, keyword: str, value: Any) -> Path:
        tag = tag_for_keyword(keyword)
        assert tag is not None, keyword
        setattr(self.data_set, keyword, value)
        return (*self.path, Step(tag))

    def _answer(self, category: Category, path: Path, **details: Any) -> None:
        self.answers.append(Answer(category, path, self.group, **details))


def _forms(value: str, about: str) -> tuple[str, ...]:
    """Return what of a value may not stay: the words of a name, everything else as it is."""
    if not about.startswith("name"):
        return (value,)
    words = value.replace("=", "^").replace("^", " ").split()
    return tuple(word for word in words if len(word) > 1)


def day(date: datetime.date) -> str:
    """Return a date as DA."""
    return date.strftime("%Y%m%d")
