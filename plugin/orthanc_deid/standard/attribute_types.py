"""Attribute Types (PS3.5 section 7.4) by IOD and depth, from the module tables of PS3.3."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal, NamedTuple, cast

from orthanc_deid.standard.data_files import read_csv, read_json

Type = Literal["1", "1C", "2", "2C", "3"]

_STRENGTH: dict[Type, int] = {"1": 0, "1C": 1, "2": 2, "2C": 3, "3": 4}
_OVERLAYS = 0x60
_HOLDS_REFERENCE = re.compile(r"(?:^|,)00081155 1(?:,|$)")
_NAMES_LEVEL = re.compile(r"(?P<tag>[0-9A-F]{8}) \w+ (?P<level>\d+)")


class _Entry(NamedTuple):
    """One attribute in the modules of an IOD: its strongest Type, and the levels inside its items."""

    type: Type
    levels: tuple[int, ...]


class TypeContext:
    """The Types at one level of an IOD: of the data set itself, or of the items of a sequence.

    Immutable but for its caches. Obtained from `CompositeIod.types` or `unknown_types`.
    """

    __slots__ = ("_children", "_complete", "_entries", "_levels", "_outer", "_required", "_sequence")

    def __init__(
        self,
        levels: tuple[int, ...],
        complete: bool,
        outer: TypeContext | None = None,
        sequence: int | None = None,
    ) -> None:
        """Take the numbers of the stored levels that apply here (empty: no Type is known).

        `complete` is False where the table of a module of the IOD is missing: an attribute that no level names may
        then have a Type, and `type_of` returns None for it.
        """
        self._levels = levels
        self._complete = complete
        self._outer = outer
        self._sequence = sequence
        self._children: dict[int, TypeContext] = {}
        self._entries: Mapping[int, _Entry] | None = None
        self._required: tuple[tuple[int, str], ...] | None = None

    def type_of(self, tag: int) -> Type | None:
        """Return the strongest Type that the IOD's modules give `tag` here.

        `3` where the level is known and does not name it, None where no Type is known.
        """
        entry = self._named().get(_normal(tag))
        if entry is not None:
            return entry.type
        return "3" if self._levels and self._complete else None

    def child(self, sequence_tag: int) -> TypeContext:
        """Return the context inside the items of the sequence.

        A sequence nested in itself (SR content items) has the context of its nearest outer occurrence; inside a
        sequence that the IOD does not name, no Type is known.
        """
        found = self._children.get(sequence_tag)
        if found is None:
            found = self._children[sequence_tag] = self._inside(sequence_tag)
        return found

    def required(self) -> tuple[tuple[int, str], ...]:
        """Return (tag, Type) of the attributes of Types 1 and 2 at this level, by tag."""
        if self._required is None:
            entries = self._named().items()
            self._required = tuple(
                sorted((tag, entry.type) for tag, entry in entries if entry.type in ("1", "2"))
            )
        return self._required

    def _named(self) -> Mapping[int, _Entry]:
        if self._entries is None:
            self._entries = _merge(self._levels)
        return self._entries

    def _inside(self, sequence_tag: int) -> TypeContext:
        entry = self._named().get(sequence_tag)
        if entry is not None and entry.levels:
            return TypeContext(entry.levels, self._complete, self, sequence_tag)
        outer: TypeContext | None = self
        while outer is not None:
            if outer._sequence == sequence_tag:
                return outer
            outer = outer._outer
        return unknown_types()


def _normal(tag: int) -> int:
    """Return `tag`, an overlay's in the first of the repeating groups (PS3.5 section 7.6)."""
    return tag & 0xFF00FFFF if tag >> 24 == _OVERLAYS and not tag & 0x10000 else tag


def _both(one: _Entry, other: _Entry) -> _Entry:
    """Return the stronger Type and the levels of both."""
    strongest = min(one.type, other.type, key=_STRENGTH.__getitem__)
    return _Entry(strongest, tuple(dict.fromkeys(one.levels + other.levels)))


def _merge(levels: tuple[int, ...]) -> Mapping[int, _Entry]:
    """Return the entries of several levels merged: the strongest Type of each attribute, and all levels inside."""
    if len(levels) == 1:
        return _level(levels[0])
    merged: dict[int, _Entry] = {}
    for number in levels:
        for tag, entry in _level(number).items():
            merged[tag] = _both(merged[tag], entry) if tag in merged else entry
    return merged


class _Stored(NamedTuple):
    """The content of `attribute_types.json`: the levels, and each module's outermost level by its name."""

    levels: list[str]
    modules: dict[str, int]


@cache
def _stored() -> _Stored:
    return _Stored(**read_json("attribute_types.json"))


@cache
def _level(number: int) -> Mapping[int, _Entry]:
    """Return one stored level: `GGGGEEEE Type [level]`, joined by commas."""
    entries: dict[int, _Entry] = {}
    for line in filter(None, _stored().levels[number].split(",")):
        tag, kind, *inside = line.split(" ")
        entries[int(tag, 16)] = _Entry(cast(Type, kind), tuple(map(int, inside)))
    return entries


@cache
def reference_sequences() -> frozenset[int]:
    """Return the sequences whose items are references to instances in any IOD.

    Their items must hold Referenced SOP Instance UID (PS3.3 Table 10-11 and similar macros).
    """
    levels = _stored().levels
    holding = {number for number, level in enumerate(levels) if _HOLDS_REFERENCE.search(level)}
    named = (found for level in levels for found in _NAMES_LEVEL.finditer(level))
    return frozenset(int(found["tag"], 16) for found in named if int(found["level"]) in holding)


@dataclass(frozen=True, slots=True)
class CompositeIod:
    """A composite IOD: `name` as PS3.3 writes it without `IOD`, and the Types of its data set."""

    name: str
    types: TypeContext


@cache
def unknown_types() -> TypeContext:
    """Return the context without any known Type, for private SOP classes and sequences that no IOD names."""
    return TypeContext((), complete=False)


@cache
def _iods() -> Mapping[str, Mapping[str, Any]]:
    iods: Mapping[str, Mapping[str, Any]] = read_json("iods.json")["iods"]
    return iods


@cache
def _iod(key: str) -> CompositeIod:
    record = _iods()[key]
    levels = tuple(dict.fromkeys(_stored().modules[module] for module in record["modules"]))
    return CompositeIod(record["name"], TypeContext(levels, complete="missing" not in record))


@cache
def _iod_keys() -> Mapping[str, str]:
    """Return the key of the IOD of every SOP class; a retired class has that of its successor."""
    keys = {row["sop_class_uid"]: row["iod"] for row in read_csv("sop_classes.csv")}
    for row in read_csv("retired_sop_classes.csv"):
        if row["successor_uid"]:
            keys[row["sop_class_uid"]] = keys[row["successor_uid"]]
    return keys


def iod_for(sop_class_uid: str) -> CompositeIod | None:
    """Return the IOD of a SOP class (of a retired one that of its successor); None where there is none."""
    key = _iod_keys().get(sop_class_uid)
    return None if key is None else _iod(key)
