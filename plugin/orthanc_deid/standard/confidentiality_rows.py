"""PS3.15 Table E.1-1: the action codes of the Basic Profile and of each option by attribute."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache

from orthanc_deid.standard.data_files import parse_tags, read_csv

PRIVATE = "private"
_CURVES = "(50xx,xxxx)"
_REPEATING = {0x50: _CURVES, 0x60: "(60xx,{:04X})"}


@dataclass(frozen=True, slots=True)
class ConfidentialityRow:
    """One row of Table E.1-1. `tag` is `(gggg,eeee)`, a pattern such as `(60xx,3000)`, or `private`.

    `basic` is the Basic Profile's code as printed (`X`, `Z/D`, `X/Z/U*` ...); `options` holds K or C by the name
    of the column (`rtn_uids`, `clean_desc` ...), filled columns only.
    """

    tag: str
    name: str
    keyword: str
    retired: bool
    basic: str
    options: Mapping[str, str] = field(hash=False)


@cache
def all_rows() -> tuple[ConfidentialityRow, ...]:
    """Return the 657 rows, sorted by tag; patterns and the row of private attributes last."""
    return tuple(
        ConfidentialityRow(
            tag=row["tag"],
            name=row["name"],
            keyword=row["keyword"],
            retired=row["retired"] == "Y",
            basic=row["basic"],
            options=dict(pair.split("=") for pair in row["options"].split()),
        )
        for row in read_csv("ps315_table_e1_1.csv")
    )


@cache
def _patterns() -> Mapping[str, ConfidentialityRow]:
    return {row.tag: row for row in all_rows() if row.tag == PRIVATE or "x" in row.tag}


@cache
def _by_tag() -> Mapping[int, ConfidentialityRow]:
    patterns = _patterns()
    return {parse_tags(row.tag)[0]: row for row in all_rows() if row.tag not in patterns}


def row_for(tag: int) -> ConfidentialityRow | None:
    """Return the row of a standard attribute, or None where Table E.1-1 has none; never for private tags."""
    row = _by_tag().get(tag)
    if row is None and tag >> 24 in _REPEATING and not tag & 0x10000:
        return _patterns().get(_REPEATING[tag >> 24].format(tag & 0xFFFF))
    return row


@cache
def structured_content() -> frozenset[int]:
    """Return the sequences whose content the Clean Structured Content Option cleans (C in its column)."""
    return frozenset(tag for tag, row in _by_tag().items() if row.options.get("clean_struct_cont") == "C")


def private_row() -> ConfidentialityRow:
    """Return the row of Private Attributes (odd groups)."""
    return _patterns()[PRIVATE]
