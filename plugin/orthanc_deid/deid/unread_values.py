"""Private values whose VR nothing states: whether they may stay as they are (RULES.md, "Judged by its bytes")."""

from __future__ import annotations

from orthanc_deid.deid.changed_values import cleaned_text
from orthanc_deid.deid.private_values import (
    LONGEST_JUDGED,
    found_in_bytes,
    is_short_number,
    reads_as_text,
)
from orthanc_deid.deid.subject import Subject
from orthanc_deid.dicom import character_sets
from orthanc_deid.profile.model import Profile


def may_stay_unread(raw: bytes, terms: tuple[str, ...], subject: Subject, profile: Profile) -> bool:
    """Whether bytes hold no identifying value as number, text or bytes, and as a text nothing to be cleaned."""
    if len(raw) > LONGEST_JUDGED:
        return False
    if is_short_number(raw):
        return True
    if found_in_bytes(raw, subject.identity):
        return False
    return not reads_as_text(raw) or _needs_no_cleaning(raw, terms, subject, profile)


def _needs_no_cleaning(raw: bytes, terms: tuple[str, ...], subject: Subject, profile: Profile) -> bool:
    try:
        text = character_sets.decode(raw, terms)
    except UnicodeDecodeError:
        return False
    mode, clean = profile.dates.mode, profile.texts.clean
    return all(
        cleaned_text(part, subject.identity, clean, mode, subject.offset, profile.ages.limit) == part
        for part in (each.strip(" \0") for each in text.split("\\"))
    )
