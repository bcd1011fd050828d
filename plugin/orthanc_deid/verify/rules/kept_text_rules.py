"""Which kept texts must be made of known words (`profile/RULES.md`, "Kept text")."""

from __future__ import annotations

from dataclasses import replace

from orthanc_deid.dicom.tags import is_private
from orthanc_deid.standard.tables import kept_text_tags, structural_cs_tags
from orthanc_deid.verify.rules.expectations import Expectation, Requirement, dictionary_vrs


def by_word(expected: Expectation, tag: int) -> Expectation:
    """Return the verdict on a text, with whether it must be made of known words; a structural one gets no dummy."""
    if is_private(tag):
        return replace(expected, by_word=expected.vr == "CS" and not expected.explicit)
    if expected.fallback is Requirement.DUMMY and tag in structural_cs_tags():
        expected = replace(expected, fallback=Requirement.KEPT)
    return replace(expected, by_word="CS" in (expected.vr, *dictionary_vrs(tag)) or tag in kept_text_tags())
