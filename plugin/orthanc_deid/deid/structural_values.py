"""CS attributes by which an image or its content is read (`structural_cs.csv`): they hold terms of their own only."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import Final

from orthanc_deid.bounded_cache import bounded_cache
from orthanc_deid.deid.element_steps import ElementStep
from orthanc_deid.dicom.tags import (
    IMAGE_TYPE,
    PATIENT_ORIENTATION,
    PHOTOMETRIC_INTERPRETATION,
    SAMPLES_PER_PIXEL,
)
from orthanc_deid.profile.compile import ONLY_VALUE
from orthanc_deid.standard.tables import defined_terms, structural_terms

_DIRECTIONS: Final = re.compile(r"(?:LE|RT|CR|CD|PA|PL|[ADFHLMPRV]){1,3}")  # of rows or columns: HFL


@cache
def _exact_terms(tag: int) -> frozenset[bytes]:
    return frozenset(term.encode("ascii") for term in structural_terms()[tag] & defined_terms())


@bounded_cache(maxsize=1024)
def are_terms(tag: int, raw: bytes) -> bool:
    """Whether each value is a term of PS3.3 for the attribute, as written there, or empty: it names nobody."""
    return {part.strip(b" \0") for part in raw.split(b"\\")} <= _exact_terms(tag) | {b""}


def may_be_terms(tag: int, raw: bytes) -> bool:
    """Whether each value is a term of the attribute in any case, or a direction, so that it stays unless it names."""
    parts = raw.decode("latin-1").split("\\")
    return raw.isascii() and all(_is_term(tag, part.strip(" \0").upper()) for part in parts)


def _is_term(tag: int, value: str) -> bool:
    if tag == PATIENT_ORIENTATION and _DIRECTIONS.fullmatch(value):
        return True
    return not value or value in structural_terms()[tag]


def is_only_value(step: ElementStep, values: Mapping[int, tuple[str, ...]]) -> bool:
    """Whether the instance leaves no other value than that of the step; True for steps that give none.

    `values`: those of the top level. The SOP class decides, but for colours not of several samples, and in some
    classes only of originals.
    """
    if step.rule.name != ONLY_VALUE:
        return True
    if step.tag == PHOTOMETRIC_INTERPRETATION and values.get(SAMPLES_PER_PIXEL) != ("1",):
        return False
    only = step.level.only_values[step.tag]
    return not only.original or values.get(IMAGE_TYPE, ())[:2] == ("ORIGINAL", "PRIMARY")
