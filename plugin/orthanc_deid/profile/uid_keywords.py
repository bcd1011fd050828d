"""Registered UIDs by their keywords of PS3.6 Annex A, by which a profile may name them."""

from __future__ import annotations

from functools import cache

from pydicom._uid_dict import UID_dictionary


@cache
def uid_by_keyword() -> dict[str, str]:
    """Return the registered UIDs by keyword: `CTImageStorage` -> `1.2.840.10008.5.1.4.1.1.2`."""
    return {entry[4]: uid for uid, entry in UID_dictionary.items() if entry[4]}
