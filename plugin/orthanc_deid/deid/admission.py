"""Whether an instance may be released (D6 in docs/architecture.md): an instance that cannot be made safe is refused.

The evidence comes from `prescan`, `sop_class` and `pixels`; this module only judges it by the profile.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from functools import partial

from pydicom._uid_dict import UID_dictionary

from orthanc_deid.deid.pixels.high_bits import high_bits_check
from orthanc_deid.deid.pixels.suspicion import may_show_face, suspicion
from orthanc_deid.deid.prescan import Prescan, image_length
from orthanc_deid.dicom.part10 import NATIVE, Encoded
from orthanc_deid.dicom.tags import ENCAPSULATED_DOCUMENT, MODALITY, PIXEL_DATA, SOP_CLASS_UID, format_tag
from orthanc_deid.dicom.unread_samples import SampleCheck
from orthanc_deid.errors import RefusedError
from orthanc_deid.profile.compile import CompiledProfile
from orthanc_deid.profile.options import Option
from orthanc_deid.profile.pixel_settings import PixelRule
from orthanc_deid.standard.tables import iod_for

_SUSPECTED = "suspected of burned-in text"
_HIGH_BITS = "bits outside BitsStored in use"


class Verdict(Enum):
    """The decision about an instance."""

    ACCEPTED = "accepted"
    TO_BE_CLEANED = "to be cleaned"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Admission:
    """The judgement of one instance.

    `notes` are for the report. `rule` and `where` are the reason if the instance is not accepted, as in
    `RefusedError`. `sample_check` must pass every piece of samples that are not read yet; it raises RefusedError.
    """

    verdict: Verdict
    notes: tuple[str, ...] = ()
    rule: str = ""
    where: str = ""
    sample_check: SampleCheck | None = None
    regions: PixelRule | None = None
    """The rule that names the regions of the image to be cleaned."""


_ACCEPTED = Admission(Verdict.ACCEPTED)


def admit(prescan: Prescan, encoded: Encoded, compiled: CompiledProfile, *, named: bool) -> Admission:
    """Judge an instance by its header and by the samples that are in memory.

    `named`: an instance rule of the profile admits the instance. Refused are a private SOP class that no rule admits,
    an encapsulated document, a face that could be reconstructed, and suspicion of burned-in text.
    """
    sop_class_uid = prescan.first(SOP_CLASS_UID)
    notes: list[str] = []
    if iod_for(sop_class_uid) is None:
        if sop_class_uid not in UID_dictionary and not named:
            return _refused("private SOP class", format_tag(SOP_CLASS_UID))
        notes.append("no IOD")
    if ENCAPSULATED_DOCUMENT in prescan.positions and compiled.profile.documents == "refuse":
        return _refused("encapsulated document", format_tag(ENCAPSULATED_DOCUMENT))
    if Option.CLEAN_RECOGNIZABLE_VISUAL_FEATURES in compiled.options and may_show_face(prescan.values):
        return _refused("volume from which a face could be rebuilt", format_tag(MODALITY))
    return _admit_pixels(prescan, encoded, compiled, notes)


def _refused(rule: str, where: str) -> Admission:
    return Admission(Verdict.REFUSED, rule=rule, where=where)


def _admit_pixels(
    prescan: Prescan, encoded: Encoded, compiled: CompiledProfile, notes: list[str]
) -> Admission:
    rule = compiled.pixel_rule(prescan.values) if compiled.profile.pixels.rules else None
    if rule is not None and rule.outcome == "clean" and PIXEL_DATA in prescan.positions:
        return _to_be_cleaned(prescan, encoded, rule, notes)
    reason, uses_high_bits = prescan.once(encoded.transfer_syntax, lambda: _evidence(prescan, encoded))
    if uses_high_bits is not None:
        if encoded.tail is None:
            reason = _HIGH_BITS if uses_high_bits(_samples(prescan, encoded)) else None
        elif not compiled.accepts_pixels(prescan.values):
            return Admission(
                Verdict.ACCEPTED, tuple(notes), sample_check=partial(_refuse_high_bits, uses_high_bits)
            )
        elif any(map(uses_high_bits, encoded.tail.pieces())):
            reason = _HIGH_BITS
    if reason is None:
        return Admission(Verdict.ACCEPTED, tuple(notes)) if notes else _ACCEPTED
    if not compiled.accepts_pixels(prescan.values):
        return _refused(_SUSPECTED, reason)
    notes.append("burned-in text accepted by the profile")
    return Admission(Verdict.ACCEPTED, tuple(notes))


def _to_be_cleaned(prescan: Prescan, encoded: Encoded, rule: PixelRule, notes: list[str]) -> Admission:
    """Return the judgement of an image whose regions are written over, but not bits that no sample takes."""
    uses_high_bits = _high_bits_check(prescan, encoded)
    if encoded.tail is None and uses_high_bits is not None and uses_high_bits(_samples(prescan, encoded)):
        return _refused(_SUSPECTED, _HIGH_BITS)
    notes.append("regions written over by a rule of the profile")
    return Admission(Verdict.TO_BE_CLEANED, tuple(notes), regions=rule)


def _evidence(prescan: Prescan, encoded: Encoded) -> tuple[str | None, Callable[[memoryview], bool] | None]:
    """Return why the header makes burned-in text possible, else the check of the samples that is due."""
    reason = suspicion(prescan.values, encoded.transfer_syntax)
    return reason, (_high_bits_check(prescan, encoded) if reason is None else None)


def _high_bits_check(prescan: Prescan, encoded: Encoded) -> Callable[[memoryview], bool] | None:
    if PIXEL_DATA not in prescan.positions or encoded.transfer_syntax not in NATIVE:
        return None
    return high_bits_check(prescan.values)


def _samples(prescan: Prescan, encoded: Encoded) -> memoryview:
    """Return the samples of the image without the bytes behind them, which go."""
    start, end = prescan.positions[PIXEL_DATA]
    length = image_length(prescan, end - start) or end - start
    return memoryview(encoded.buffer)[start : min(end, start + length)]


def _refuse_high_bits(uses_high_bits: Callable[[memoryview], bool], samples: memoryview) -> None:
    if uses_high_bits(samples):
        raise RefusedError(_SUSPECTED, _HIGH_BITS)
