"""Which kept texts must be made of known words (`profile/RULES.md`, "Kept text")."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from orthanc_deid.dicom.tags import is_private
from orthanc_deid.standard.tables import OnlyValue, kept_text_tags, structural_terms
from orthanc_deid.verify.rules.expectations import Expectation, Requirement, dictionary_vrs


def by_word(expected: Expectation, tag: int, only_values: Mapping[int, OnlyValue]) -> Expectation:
    """Return the verdict on a text, with whether it must be made of known words; a structural one gets no dummy.

    It gets the value that the SOP class leaves as the only one (`only_values`), and may not go where there is none.
    """
    if is_private(tag):
        return replace(expected, by_word=expected.vr == "CS" and not expected.explicit)
    if expected.fallback is Requirement.DUMMY and tag in structural_terms():
        only = only_values.get(tag)
        expected = (
            replace(expected, fallback=Requirement.KEPT)
            if only is None
            else replace(expected, fallback=Requirement.FIXED, value=only.value, of_originals=only.original)
        )
    return replace(expected, by_word="CS" in (expected.vr, *dictionary_vrs(tag)) or tag in kept_text_tags())
