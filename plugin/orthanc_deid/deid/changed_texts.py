"""The change of the texts of one element by word (action C). Cached, as a series repeats most of them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from orthanc_deid.deid.changed_values import cleaned_text
from orthanc_deid.deid.element_steps import ElementStep
from orthanc_deid.deid.readings import all_readings
from orthanc_deid.deid.retained_values import holds_identity
from orthanc_deid.deid.subject import Subject
from orthanc_deid.deid.text.clean import merged, replaced, tidy
from orthanc_deid.deid.text.identity import DATE, Identity
from orthanc_deid.deid.uid_forms import may_hold_uid
from orthanc_deid.dicom import character_sets

_WHOLE_TEXT = frozenset({"ST", "LT", "UT"})  # a backslash is no separator in these (PS3.5 section 6.2)


@lru_cache(maxsize=2048)
def cleaned_value(
    raw: bytes, step: ElementStep, terms: tuple[str, ...], subject: Subject
) -> tuple[bytes, Sequence[str]]:
    """Return the new value of an element, and its cleaned texts where one of them may hold a UID.

    `terms`: the character set in force. UIDs of the instance may be left in the texts. Call `__wrapped__` for a
    value longer than `LONGEST`.
    """
    try:
        text = character_sets.decode(raw, terms)
    except UnicodeDecodeError:
        text = ""
    parts = [text] if step.vr in _WHOLE_TEXT else text.split("\\")
    profile = step.level.profile.profile
    mode, clean, limit = profile.dates.mode, profile.texts.clean, profile.ages.limit
    cleaned = [
        cleaned_text(part.strip(" \0"), subject.identity, clean, mode, subject.offset, limit)
        for part in parts
    ]
    may_hold = may_hold_uid("\0".join(cleaned).encode("utf-8"))
    return encoded_texts(cleaned, step, terms, subject), tuple(cleaned) if may_hold else ()


def encoded_texts(texts: Sequence[str], step: ElementStep, terms: tuple[str, ...], subject: Subject) -> bytes:
    """Return cleaned texts as the value of an element, or what the IOD demands where nothing may stay."""
    new = character_sets.encode("\\".join(texts), terms) if any(texts) else b""
    # A name in a character set that is not declared. A changed date may equal another date of the instance.
    identity = subject.identity_beside(DATE)
    if not new.isascii() and holds_identity(new, step.vr, terms, identity):
        text = _without_misread("\\".join(texts), new, step.vr, terms, identity)
        new = character_sets.encode(text, terms)
        if holds_identity(new, step.vr, terms, identity):
            new = b""
    if not new and step.level.types.type_of(step.tag) in ("1", "1C"):
        return step.level.profile.profile.texts.placeholder.encode("ascii")
    return new


def _without_misread(text: str, raw: bytes, vr: str, terms: tuple[str, ...], identity: Identity) -> str:
    """Return a text without what identifies in other readings of its bytes `raw`, as far as bytes are characters."""
    spans = [
        span
        for reading in all_readings(raw, terms, vr)
        if len(reading) == len(text)
        for span in identity.spans(reading)
    ]
    return tidy(replaced(text, merged(spans)))
