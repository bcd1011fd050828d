"""Keyed UIDs: the action U of PS3.15 Table E.1-1a, in the form of PS3.5 section B.2."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Final

from pydicom._uid_dict import UID_dictionary

from orthanc_deid.bounded_cache import LONGEST
from orthanc_deid.config.key import Key
from orthanc_deid.standard.tables import registered_uids

UID_SHAPE: Final = r"(?<!\d)(?<!\d\.)(?:\d+(?:\.\d+){3,}|(?=[\d.]{16})\d+\.\d+\.\d+)(?!\.?\d)"
"""The form of a UID in a text: at least four groups of digits between single dots, or three in 16 characters.

Versions (1.2.3), dates and decimal numbers do not match; 2.25. and the decimal of a UUID does."""

_SHAPED = re.compile(UID_SHAPE.encode())
_VERSION_8 = 0x8 << 76  # RFC 9562 section 5.8: a UUID of the maker's own content
_VERSION_MASK = ~(0xF << 76)
_VARIANT = 0x2 << 62
_VARIANT_MASK = ~(0x3 << 62)


def keyed_uid(digest: bytes) -> str:
    """Return `2.25.` and the decimal of a UUID version 8 made of the first 16 bytes of `digest`."""
    number = int.from_bytes(digest[:16], "big")
    number = number & _VERSION_MASK | _VERSION_8
    number = number & _VARIANT_MASK | _VARIANT
    return f"2.25.{number}"


def shaped_like_uids(raw: bytes) -> set[bytes]:
    """Return the substrings of the raw text that have the form of a UID and are not registered by the standard."""
    if raw.count(b".") < 2:  # nearly always
        return set()
    return {found for found in _SHAPED.findall(raw) if found.decode("ascii") not in UID_dictionary}


def is_registered(uid: str) -> bool:
    """Whether PS3.6, PS3.16 Table 8-1 or another public registry names the trimmed `uid`, or it is empty."""
    if not uid or uid in UID_dictionary or uid in registered_uids().uids:
        return True
    root, _, number = uid.rpartition(".")
    return number.isdecimal() and len(number) <= registered_uids().roots.get(root, 0)


@lru_cache(maxsize=4096)
def replace_uid(uid: str, key: Key) -> str:
    """Return the replacement of `uid`, trimmed; empty and registered UIDs (PS3.6 Annex A) stay as they are."""
    if not uid or uid in UID_dictionary:
        return uid
    return keyed_uid(key.digest("uid", uid.encode("utf-8")))


class UidMap(dict[bytes, bytes]):
    """Replacements within one instance by the raw value, which may hold several UIDs; `old_to_new` as text."""

    def __init__(self, key: Key) -> None:
        super().__init__()
        self._key = key
        self.old_to_new: dict[str, str] = {}

    def __missing__(self, raw: bytes) -> bytes:
        replaced = _replaced if len(raw) <= LONGEST else _replaced.__wrapped__
        new, old_to_new = replaced(raw, self._key)
        self[raw] = new
        self.old_to_new.update(old_to_new)
        return new


@lru_cache(maxsize=1024)  # a series repeats all but one
def _replaced(raw: bytes, key: Key) -> tuple[bytes, Mapping[str, str]]:
    """Return the padded replacement of a raw value, and the new UIDs by the replaced ones."""
    uids = [part.strip(b" \0").decode("latin-1") for part in raw.split(b"\\")]
    replaced = {uid: replace_uid(uid, key) for uid in uids}
    new = "\\".join(replaced[uid] for uid in uids).encode("latin-1")
    if len(new) & 1:
        new += b"\0"
    return new, {uid: other for uid, other in replaced.items() if other != uid}
