"""Values by which an image is read: terms of their attribute only (`profile/RULES.md`, "Kept text")."""

from __future__ import annotations

from collections.abc import Iterator

from orthanc_deid.bounded_cache import bounded_cache
from orthanc_deid.dicom.tags import PATIENT_ORIENTATION
from orthanc_deid.standard.tables import defined_terms, structural_terms

_MOST_LETTERS = 6  # of three directions
_DIRECTIONS = ("LE", "RT", "CR", "CD", "PA", "PL", *"ADFHLMPRV")
_MOST_DIRECTIONS = 3


@bounded_cache(maxsize=2048)
def holds_terms(tag: int, value: bytes) -> bool:
    """Whether each of the values is empty or a term of the attribute, small letters being like capitals."""
    if any(byte > 0x7E for byte in value):
        return False
    return all(
        not part
        or part in structural_terms()[tag]
        or (tag == PATIENT_ORIENTATION and _are_directions(part, _MOST_DIRECTIONS))
        for part in map(str.upper, _parts(value))
    )


@bounded_cache(maxsize=1024)
def holds_defined_terms(tag: int, value: bytes) -> bool:
    """Whether each of the values is empty or a term that PS3.3 defines for the attribute, which names nobody."""
    terms = structural_terms()[tag] & defined_terms()
    return all(not part or part in terms for part in _parts(value))


def _parts(value: bytes) -> Iterator[str]:
    yield from (part.strip(" \0") for part in value.decode("latin-1").split("\\"))


def _are_directions(text: str, most: int) -> bool:
    """Whether a text is one after the other of at most so many directions of an image (PS3.3 C.7.6.1.1.1)."""
    if len(text) > _MOST_LETTERS:
        return False
    return not text or (
        most > 0
        and any(
            text.startswith(each) and _are_directions(text[len(each) :], most - 1) for each in _DIRECTIONS
        )
    )
