"""The identifiers that Orthanc gives to its resources, computed from DICOM identifiers."""

from __future__ import annotations

import re
from hashlib import sha1

_FORM = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{8}){4}")


def orthanc_id(*identifiers: str) -> str:
    """Return the Orthanc identifier of a resource: a SHA-1 as five groups of 8 hexadecimal digits.

    `identifiers` are, from the patient down to the level of the resource: PatientID, Study Instance UID, Series
    Instance UID, SOP Instance UID. Orthanc strips the spaces around each and joins them by `|`.
    """
    joined = "|".join(part.strip() for part in identifiers).encode()
    digits = sha1(joined, usedforsecurity=False).hexdigest()
    return "-".join(digits[start : start + 8] for start in range(0, len(digits), 8))


def is_orthanc_id(text: str) -> bool:
    """Whether a text has the form of an Orthanc identifier."""
    return _FORM.fullmatch(text) is not None
