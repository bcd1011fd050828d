"""Changes of samples that the engine claims: each claim is checked, and all other samples must be as they were.

A claim is never trusted. It must lie in the image, and the admission must have answered that the image is to be
cleaned. It only narrows the comparison of Pixel Data (`verify/pixels/claimed_frames.py`).
"""

from __future__ import annotations

from collections.abc import Sequence

from orthanc_deid.dicom.sample_changes import SampleChange
from orthanc_deid.dicom.tags import PIXEL_DATA
from orthanc_deid.verify.findings import Findings
from orthanc_deid.verify.pixels.claimed_frames import ClaimedFrames, claimed_frames
from orthanc_deid.verify.pixels.image_form import ImageForm
from orthanc_deid.verify.reading.element_headers import ParseError
from orthanc_deid.verify.reading.instance import Instance

_RULE = "claimed changes of samples"


def check_claims(
    changes: Sequence[SampleChange], original: Instance, *, permitted: bool, findings: Findings
) -> ClaimedFrames | None:
    """Report the claims that are not permitted or not in the image; return the others.

    None where nothing is claimed: all samples must then be as they were.
    """
    if not changes:
        return None
    if not permitted:
        findings.add(_RULE, "not permitted by the profile", (PIXEL_DATA,))
    faults: list[str] = []
    try:
        found = claimed_frames(changes, ImageForm.of(original, _native_length(original)), faults)
    except ParseError:
        findings.add(_RULE, "samples whose place is not known", (PIXEL_DATA,))
        return None
    for fault in faults:
        findings.add(_RULE, fault, (PIXEL_DATA,))
    return found


def _native_length(original: Instance) -> int | None:
    """Return the bytes of native Pixel Data, 0 where there is none; None for fragments."""
    span = original.data_set.unloaded.get(PIXEL_DATA)
    if span is not None:
        return None if span.fragments is not None else span.length
    element = original.data_set.elements.get(PIXEL_DATA)
    return 0 if element is None else len(element.value or b"")
