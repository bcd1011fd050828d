"""Numbers in binary that an original holds as a text, which the check reads in the dictionary's VR.

PS3.6 says US for Rows; where LO is written, and the value is 512, the result must have the number 512.
"""

from __future__ import annotations

import re
import struct
from typing import Final

from pydicom._dicom_dict import DicomDictionary
from pydicom.dataelem import RawDataElement

from orthanc_deid.verify.reading.element_headers import Encoding
from orthanc_deid.verify.reading.stored_numbers import STRUCT_CODES

WRITTEN_AS: Final = frozenset(("LO", "SH", "ST", "LT", "UT", "UC"))
_NUMBER: Final = {
    False: re.compile(r"[-+]?\d{1,20}", re.A),
    True: re.compile(r"[-+]?(\d{1,40}\.?|\d{0,40}\.\d{1,40})([eE][-+]?\d{1,2})?", re.A),
}
_MOST: Final = 1024  # bytes


BINARY: Final = frozenset(
    tag for tag, entry in DicomDictionary.items() if STRUCT_CODES.keys() >= set(entry[0].split(" or "))
)
"""The attributes that hold numbers in binary."""


def as_numbers(element: RawDataElement, encoding: Encoding) -> RawDataElement:
    """Return an element of BINARY, with the VR of a text, as the numbers that it stands for; else itself."""
    value = element.value or b""
    if len(value) > _MOST:
        return element
    parts = value.rstrip(b"\0").decode("latin-1").split("\\")
    known = DicomDictionary[element.tag + 0][0].split(" or ")
    for vr in sorted(known, key=lambda vr: (vr != "US", vr)):
        fractions = vr in ("FL", "FD")
        numbers = [part.strip(" ") for part in parts]
        if not all(map(_NUMBER[fractions].fullmatch, numbers)):
            continue
        form = ("<" if encoding.little else ">") + STRUCT_CODES[vr] * len(numbers)
        try:
            packed = struct.pack(form, *(float(each) if fractions else int(each) for each in numbers))
        except (struct.error, OverflowError):
            continue
        return element._replace(VR=vr, value=packed)
    return element
