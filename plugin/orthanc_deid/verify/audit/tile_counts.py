"""Images whose Image Type announces tiles: it must not do so where the output does not tell how many there are."""

from __future__ import annotations

from orthanc_deid.dicom.tags import IMAGE_TYPE, MODALITY
from orthanc_deid.standard.tables import tile_counts
from orthanc_deid.verify.reading.data_set import DataSet
from orthanc_deid.verify.reading.instance import Instance
from orthanc_deid.verify.reading.private_creators import Creators

_FIXED = 2  # values of Image Type that have a meaning of their own


def announces_tiles(original: Instance) -> bool:
    """Whether the Image Type of an MR image announces tiles."""
    return bool(_announced(original)) and "MR" in original.text(MODALITY).split("\\")


def expect_no_tiles(original: Instance, output: Instance) -> None:
    """Take the tiles that the output does not count out of the Image Type with which the output is compared."""
    element = original.data_set.elements.get(IMAGE_TYPE)
    if element is None or not announces_tiles(original):
        return
    lost = [term for term in _announced(original) if not _is_counted(term, output.data_set)]
    if lost:
        values = (element.value or b"").rstrip(b" \0").split(b"\\")
        kept = [value for at, value in enumerate(values) if at < _FIXED or _trimmed(value) not in lost]
        value = b"\\".join(kept)
        value += b" " * (len(value) % 2)
        original.data_set.elements[IMAGE_TYPE] = element._replace(value=value, length=len(value))


def _announced(original: Instance) -> set[str]:
    values = original.text(IMAGE_TYPE).split("\\")[_FIXED:]
    return tile_counts().keys() & {value.strip(" \0") for value in values}


def _trimmed(value: bytes) -> str:
    return value.decode("latin-1").strip(" \0")


def _is_counted(term: str, level: DataSet) -> bool:
    creator, group, number = tile_counts()[term]
    creators = Creators(level)
    return any(
        tag >> 16 == group
        and tag & 0xFFFF > 0xFF
        and tag & 0xFF == number
        and creators.of(tag) == creator
        and (element.value or b"").strip(b" \0") != b""
        for tag, element in level.elements.items()
    )
