"""Readers of the data files beside this module."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from importlib.resources import files
from typing import Any

REPEATED = range(0, 0x100, 2)  # 50xx and 60xx stand for the even groups (PS3.5 section 7.6)


def read_csv(name: str) -> Iterator[dict[str, str]]:
    """Yield the rows of the CSV file `name` by column."""
    text = files(__package__).joinpath(name).read_text(encoding="utf-8")
    return csv.DictReader(text.splitlines())


def read_json(name: str) -> Any:
    """Return the content of the JSON file `name`."""
    return json.loads(files(__package__).joinpath(name).read_text(encoding="utf-8"))


def parse_tags(text: str) -> tuple[int, ...]:
    """Return the tags that `(0008,0070)` or `(60xx,0045)` stands for: one per group of a repeating group."""
    digits = text[1:5] + text[6:10]
    if "xx" not in digits:
        return (int(digits, 16),)
    return tuple(int(digits.replace("xx", f"{group:02X}", 1), 16) for group in REPEATED)


def read_lines(name: str) -> list[str]:
    """Return the lines of the text file `name`."""
    return files(__package__).joinpath(name).read_text(encoding="utf-8").splitlines()
