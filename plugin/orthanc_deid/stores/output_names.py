"""Names of files and folders for identifiers: valid on every system, inside their folder, and unique.

ASCII letters, digits, `-`, `_` and `.` stand for themselves; every other byte of the UTF-8 form is written as `%` and
two hexadecimal digits. So are a dot at either end, and the first letter of names that Windows reserves. Longer names
are cut to 96 characters, the last 16 of which are digits of a hash of the whole identifier.
"""

from __future__ import annotations

import os
import re
from functools import lru_cache
from hashlib import sha256

LONGEST = 96
_UID = re.compile(r"[0-9](?:[0-9.]{0,62}[0-9])?", re.ASCII)  # the common case, which needs no escape
_UNSAFE = re.compile(rb"[^A-Za-z0-9._-]")
EXTENSION = ".dcm"
_RESERVED = re.compile(r"(con|prn|aux|nul|com[0-9]|lpt[0-9])(\.|$)", re.IGNORECASE)


def component(identifier: str) -> str:
    """Return the name for `identifier`: 1 to 96 characters, different for different identifiers.

    Lone surrogates (undecodable bytes) are encoded as they are.
    """
    if _UID.fullmatch(identifier):
        return identifier
    data = identifier.encode("utf-8", "surrogatepass")
    name = _UNSAFE.sub(lambda match: b"%%%02X" % match[0][0], data).decode("ascii")
    if not name:
        return "%"
    if _RESERVED.match(name) or name.startswith("."):
        name = f"%{ord(name[0]):02X}{name[1:]}"
    if name.endswith("."):
        name = f"{name[:-1]}%2E"
    if len(name) > LONGEST:
        digits = sha256(data).hexdigest()[:16]
        name = f"{name[: LONGEST - 17]}~{digits}"  # no other name holds a tilde
    return name


def output_name(patient_id: str, study: str, series: str, sop_instance: str) -> str:
    """Return the path of a result, relative to the output folder."""
    return f"{_folder(patient_id, study, series)}{component(sop_instance)}{EXTENSION}"


@lru_cache(maxsize=64)
def _folder(*identifiers: str) -> str:
    return "".join(
        component(identifier) + os.sep for identifier in identifiers
    )  # Windows accepts no `/` in long paths
