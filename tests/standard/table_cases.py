"""Instances with every row of Table E.1-1 at depth 0 and 2, in IODs that give the attribute each kind of Type."""

from __future__ import annotations

import struct
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from pydicom._uid_dict import UID_dictionary
from pydicom.datadict import dictionary_VR

from orthanc_deid import Key
from orthanc_deid.profile.compile import CompiledProfile
from orthanc_deid.profile.condition_model import Condition
from orthanc_deid.profile.model import Dates, Profile, Texts
from orthanc_deid.profile.options import OPTION_COLUMNS, Option
from orthanc_deid.profile.pixel_settings import PixelRule, Pixels
from orthanc_deid.standard.attribute_types import _iod_keys
from orthanc_deid.standard.tables import ConfidentialityRow, TypeContext, all_rows, identity_kinds, iod_for
from support.data.datasets import (
    CT_IMAGE_STORAGE,
    DataSet,
    Element,
    Form,
    in_order,
    instance,
    part10,
)

KEY = Key(bytes(range(32)))
DIRECTORY = "1.2.840.10008.1.3.10"
UNNAMED_SEQUENCES = (0x30060010, 0x30060012)  # no row of the table, and not of the CT IOD
SHIFT = (-3650, -1)
TEXTS = {"LO", "SH", "ST", "LT", "UT", "UC"}
SYLLABLES = ("ba", "du", "fi", "go", "le", "mi", "no", "pu", "ra", "se", "ti", "vo", "zu", "be", "da", "fo")
# VRs of attributes newer than pydicom's dictionary, by how their keyword ends (PS3.6)
NEWER = (("Sequence", "SQ"), ("DateTime", "DT"), ("Comment", "UT"), ("Reference", "UR"), ("", "LO"))


@dataclass(frozen=True)
class Column:
    """A profile with one option or none, as the table's columns are."""

    name: str
    option: Option | None = None
    dates: str = "table"
    zero: str = "empty"

    @property
    def letters(self) -> str:
        return OPTION_COLUMNS[self.option] if self.option else ""

    def profile(self) -> CompiledProfile:
        suspected = PixelRule(when=(Condition(attribute="SOPClassUID", exists=True),))
        profile = Profile(
            name="columns",
            options=(self.option,) if self.option else (),
            dates=Dates.model_validate({"mode": self.dates, "shift_days": SHIFT}),
            texts=Texts.model_validate({"zero": self.zero}),
            pixels=Pixels(rules=(suspected,)),
            documents="drop-document",
        )
        return CompiledProfile(profile)


COLUMNS_OF_THE_TABLE = (
    Column("basic"),
    Column("neutral", dates="neutral", zero="placeholder"),
    Column("shift", dates="shift"),
    Column("year", dates="year"),
    *(
        Column(column, option, dates="shift" if option is Option.RETAIN_MODIFIED_DATES else "table")
        for option, column in OPTION_COLUMNS.items()
    ),
)


@dataclass(frozen=True)
class Case:
    """One row's attribute at one place of one IOD."""

    row: ConfidentialityRow
    tag: int
    number: int
    sop_class: str
    path: tuple[int, ...]
    type: str | None

    @property
    def vr(self) -> str:
        """The VR that the standard gives it."""
        if self.tag >> 24 == 0x50:
            return {0x3000: "OW", 0x0010: "US"}[self.tag & 0xFFFF]
        try:
            return "OW" if dictionary_VR(self.tag) == "OB or OW" else dictionary_VR(self.tag)
        except KeyError:
            return next(vr for ending, vr in NEWER if self.row.keyword.endswith(ending))

    def vr_in(self, form: Form) -> str:
        """The VR by which it can be judged; in implicit VR a dictionary is needed."""
        try:
            return self.vr if form.explicit or self.tag >> 24 == 0x50 else dictionary_VR(self.tag) and self.vr
        except KeyError:
            return "UN"

    @property
    def token(self) -> bytes:
        """A word that no vocabulary knows, and that no transliteration takes for another case's."""
        return b"Zq" + "".join(SYLLABLES[int(digit, 16)] for digit in f"{self.number:x}").encode() + b"x"

    @property
    def medical(self) -> bytes:
        """What a cleaned text may keep: nothing where the whole text identifies."""
        return b"" if self.tag in identity_kinds() else b"CHEST"

    def value(self) -> Any:
        number = self.number
        if self.vr == "SQ":
            return [
                [(0x00101060, "PN", self.token + b"^Maiden"), (0x00280010, "US", struct.pack("<H", number))]
            ]
        if self.vr in TEXTS:
            return (self.medical + b" " + self.token).strip()
        made = {
            "DA": b"20190214",
            "TM": b"101530",
            "DT": b"20190214101530",
            "AS": b"045Y",
            "PN": self.token + b"^Zoe",
            "CS": self.token.upper(),
            "AE": self.token,
            "UI": f"1.2.826.0.1.3680043.10.7.{number}".encode(),
            "UR": b"https://example.org/" + self.token,
            "DS": f"1.{number}".encode(),
            "IS": str(number).encode(),
            "US": struct.pack("<H", number),
            "SL": struct.pack("<l", number),
            "FL": struct.pack("<f", number),
            "FD": struct.pack("<d", number),
            "AT": b"\x08\0\x60\0",
            "OB": self.token + b"\0" * (len(self.token) & 1),
            "UN": self.token + b"\0" * (len(self.token) & 1),
            "OW": self.token + b"\0" * (len(self.token) & 1),
        }
        return made[self.vr]

    def element(self) -> Element:
        return (self.tag, self.vr, self.value())


def tags_of(row: ConfidentialityRow) -> tuple[int, ...]:
    if row.tag == "(50xx,xxxx)":
        return (0x50003000, 0x50100010)
    return (int(row.tag[1:5].replace("xx", "02") + row.tag[6:10], 16),)


@cache
def sop_classes() -> dict[str, str]:
    """One SOP class of each IOD, by the IOD's name."""
    found: dict[str, str] = {}
    for sop_class in _iod_keys():
        iod = iod_for(sop_class)
        assert iod is not None
        if sop_class != DIRECTORY and sop_class in UID_dictionary:
            found.setdefault(iod.name, sop_class)
    return found


def kind(type_in_iod: str | None) -> str | None:
    return type_in_iod[0] if type_in_iod else None


def places_inside(types: TypeContext) -> Iterator[tuple[tuple[int, ...], TypeContext]]:
    """Yield the places two sequences down, through sequences that every profile here descends into."""
    by_row = {tag for row in all_rows() if row.tag != "private" for tag in tags_of(row)}
    for outer, entry in types._named().items():
        if entry.levels and outer not in by_row:
            middle = types.child(outer)
            for inner, below in middle._named().items():
                if below.levels and inner not in by_row and inner != outer:
                    yield (outer, inner), middle.child(inner)


def all_cases() -> Iterator[Case]:
    """Yield each row's attribute once for each kind of Type that it has anywhere, at depth 0 and at depth 2."""
    rows = {tag: row for row in all_rows() if row.tag != "private" for tag in tags_of(row)}
    number = 1000
    contexts = [
        (sop_class, path, types)
        for sop_class in (CT_IMAGE_STORAGE, *sop_classes().values())
        for path, types in (((), _types(sop_class)), *places_inside(_types(sop_class)))
    ]
    seen: set[tuple[int, bool, str | None]] = set()
    for sop_class, path, types in contexts:
        for tag in rows if not path else rows.keys() & types._named().keys():
            found = kind(types.type_of(tag))
            key = (tag, bool(path), found)
            if key not in seen and not (tag >> 16 in (0x0002, 0x0004) and not path):
                seen.add(key)
                number += 1
                yield Case(rows[tag], tag, number, sop_class, path, found)
    types = _types(CT_IMAGE_STORAGE).child(UNNAMED_SEQUENCES[0]).child(UNNAMED_SEQUENCES[1])
    for tag, row in rows.items():
        number += 1
        assert types.type_of(tag) is None
        yield Case(row, tag, number, CT_IMAGE_STORAGE, UNNAMED_SEQUENCES, None)


def _types(sop_class: str) -> TypeContext:
    iod = iod_for(sop_class)
    assert iod is not None
    return iod.types


@cache
def cases_by_instance() -> dict[str, list[Case]]:
    found: dict[str, list[Case]] = defaultdict(list)
    for case in all_cases():
        if case.tag != 0x00080016:
            found[case.sop_class].append(case)
    return found


def made(sop_class: str, cases: Iterable[Case], form: Form) -> bytes:
    """Return an instance that holds all cases, each at its place."""
    by_path: dict[tuple[int, ...], list[Element]] = defaultdict(list)
    for case in cases:
        by_path[case.path].append(case.element())
    extra: DataSet = by_path.pop((), [])
    outer: dict[int, dict[int, DataSet]] = defaultdict(dict)
    for (first, second), content in by_path.items():
        outer[first][second] = in_order(content)
    for first, inner in outer.items():
        extra.append((first, "SQ", [[(tag, "SQ", [content]) for tag, content in sorted(inner.items())]]))
    return part10(instance(*extra, sop_class=sop_class), form)
