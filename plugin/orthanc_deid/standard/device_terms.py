"""What technical texts name beside medical words: makers, models, kernels, sequences, versions, coding schemes."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from orthanc_deid.standard.data_files import read_csv

_WORDS = re.compile(r"[^\W_]+")


@dataclass(frozen=True, slots=True)
class DeviceTerms:
    """The terms of `device_terms.csv`, folded (lower case, ё as е).

    `words`: those of one word, which may stand anywhere. `phrases`: those of several, which stand only together.
    """

    words: frozenset[str]
    phrases: frozenset[tuple[str, ...]]


@cache
def device_terms() -> DeviceTerms:
    """Return the terms that kept texts may hold beside the medical vocabulary."""
    terms = {
        tuple(_WORDS.findall(term.lower().replace("ё", "е")))
        for row in read_csv("device_terms.csv")
        for term in row["terms"].split(";")
    }
    return DeviceTerms(
        words=frozenset(term[0] for term in terms if len(term) == 1),
        phrases=frozenset(term for term in terms if len(term) > 1),
    )
