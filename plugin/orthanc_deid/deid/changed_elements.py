"""Changes of dates and identifiers by their steps. Cached, as a series repeats most of them.

Call `__wrapped__` of a function for a value longer than `LONGEST`.
"""

from __future__ import annotations

from functools import lru_cache

from orthanc_deid.config.key import Key
from orthanc_deid.deid.changed_values import changed_date, changed_seconds
from orthanc_deid.deid.element_encoder import encode_element
from orthanc_deid.deid.element_steps import Act, ElementStep
from orthanc_deid.deid.prescan import decode_or_latin1
from orthanc_deid.deid.pseudonyms import identifier_pseudonym


@lru_cache(maxsize=4096)
def changed_date_element(raw: bytes, step: ElementStep, offset: int) -> bytes | None:
    """Return the encoded element with the changed date, time or seconds, None where they stay; `offset` in days."""
    change = changed_seconds if step.act == Act.SECONDS else changed_date
    new = change(raw, step.vr, step.level.profile.profile.dates.mode, offset)
    return None if new == raw else encode_element(step.tag, step.vr, new, explicit=step.explicit)


@lru_cache(maxsize=1024)
def derived_identifier(
    raw: bytes, step: ElementStep, terms: tuple[str, ...], issuer: str, key: Key
) -> str | None:
    """Return the new AccessionNumber or StudyID: see `identifier_pseudonym`. `terms`: the character set in force."""
    text = decode_or_latin1(raw, terms).strip(" \0")
    return identifier_pseudonym(key, step.tag, text, issuer, step.level.profile.profile.pseudonyms)
