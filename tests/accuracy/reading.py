"""What stands at a place of a data set, as pydicom reads it; nothing of the product is used here."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pydicom.charset import convert_encodings
from pydicom.dataelem import DataElement
from pydicom.dataset import Dataset
from pydicom.multival import MultiValue

from accuracy.answers import Path


def element_at(data_set: Dataset, path: Path) -> DataElement | None:
    """Return the element at `path`; None where it, or anything on the way, is gone."""
    here = data_set
    for step in path:
        tag = step.tag
        if step.creator:
            block = next(_blocks(here, tag >> 16, step.creator), None)
            if block is None:
                return None
            tag = (tag & 0xFFFF00FF) | block << 8
        if tag not in here:
            return None
        found: DataElement = here[tag]
        if step.item < 0:
            return found
        if found.VR != "SQ" or step.item >= len(found.value):
            return None
        here = found.value[step.item]
    return None


def _blocks(data_set: Dataset, group: int, creator: str) -> Iterator[int]:
    """Yield the blocks that `creator` has reserved in a private group."""
    for block in range(0x10, 0x100):
        tag = group << 16 | block
        if tag in data_set and str(data_set[tag].value).strip() == creator:
            yield block


def text_of(element: DataElement | None, charset: str = "") -> str:
    """Return the value as text: several values with backslashes, bytes (UN) by the character set."""
    if element is None or element.VR == "SQ" or element.value is None:
        return ""
    value: Any = element.value
    if isinstance(value, bytes):
        return value.decode(convert_encodings(charset)[0], "replace").strip("\0 ")
    values = value if isinstance(value, (MultiValue, list)) else [value]
    return "\\".join(str(each) for each in values)


def is_empty(element: DataElement) -> bool:
    """Whether the element has no value, or a sequence no item."""
    return len(element.value) == 0 if element.VR == "SQ" else not text_of(element).strip()


def all_texts(data_set: Dataset) -> Iterator[str]:
    """Yield the text of every element at every depth, bulk data left out."""
    for element in data_set:
        if element.VR == "SQ":
            for item in element.value:
                yield from all_texts(item)
        elif not element.VR.startswith("O"):
            yield text_of(element, str(data_set.get("SpecificCharacterSet", "")))
