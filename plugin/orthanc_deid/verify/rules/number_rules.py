"""Standard numbers in binary, and the bytes that they take at most (RULES.md, "Numbers in binary")."""

from __future__ import annotations

import re
from functools import cache
from typing import Final

from pydicom.datadict import dictionary_VM

from orthanc_deid.dicom.tags import ICC_PROFILE, is_private
from orthanc_deid.standard.tables import image_data_tags
from orthanc_deid.verify.reading.stored_numbers import STRUCT_CODES
from orthanc_deid.verify.rules.sample_rules import is_samples

_SIZES: Final = {"H": 2, "h": 2, "I": 4, "i": 4, "f": 4, "Q": 8, "q": 8, "d": 8}
_ARRAYS: Final = frozenset(("OF", "OD", "OL", "OV"))


def is_binary(tag: int, vr: str) -> bool:
    """Whether a kept attribute of the standard holds numbers in binary, or a table of them in bytes."""
    if is_private(tag) or is_samples(tag) or tag == ICC_PROFILE:
        return False
    return (
        vr in STRUCT_CODES or vr == "AT" or vr in _ARRAYS or (vr in ("OB", "OW") and tag in image_data_tags())
    )


@cache
def most_bytes(tag: int, vr: str) -> int:
    """Return the bytes of as many numbers of `vr` as PS3.6 allows for the attribute; 0 where there is no bound."""
    size = 4 if vr == "AT" else _SIZES.get(STRUCT_CODES.get(vr, ""), 0)
    try:
        last = re.fullmatch(r"(?:[0-9]+-)?([0-9]+)", dictionary_VM(tag))
    except KeyError:
        return 0
    return size * int(last[1]) if last is not None else 0
