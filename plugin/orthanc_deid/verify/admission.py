"""Whether a profile admits an original at all (`profile/RULES.md`): no output is made of an unsafe one.

This check stops an engine that should have refused the instance, independently of its output
(D6 in docs/architecture.md).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from enum import Enum
from functools import lru_cache, partial
from typing import NamedTuple

from pydicom._uid_dict import UID_dictionary

from orthanc_deid.dicom.tags import (
    BITS_ALLOCATED,
    BITS_STORED,
    BODY_PART_EXAMINED,
    BURNED_IN_ANNOTATION,
    CONVERSION_TYPE,
    ENCAPSULATED_DOCUMENT,
    HIGH_BIT,
    IMAGE_ORIENTATION_PATIENT,
    IMAGE_TYPE,
    MODALITY,
    PER_FRAME_FUNCTIONAL_GROUPS_SEQUENCE,
    PHOTOMETRIC_INTERPRETATION,
    PIXEL_DATA,
    PIXEL_REPRESENTATION,
    REGION_LOCATION_MAX_X1,
    REGION_LOCATION_MAX_Y1,
    REGION_LOCATION_MIN_X0,
    REGION_LOCATION_MIN_Y0,
    SEQUENCE_OF_ULTRASOUND_REGIONS,
    SOP_CLASS_UID,
)
from orthanc_deid.dicom.unread_samples import SampleCheck
from orthanc_deid.errors import VerificationError
from orthanc_deid.profile.conditions import ConditionValues, condition_tags, holds
from orthanc_deid.profile.model import InstanceRule, Profile
from orthanc_deid.profile.options import Option
from orthanc_deid.profile.pixel_settings import PixelRule
from orthanc_deid.standard.tables import burned_in, faceless_body_parts, iod_for
from orthanc_deid.verify.audit.frame_audit import frames_with_high_bits
from orthanc_deid.verify.findings import Findings
from orthanc_deid.verify.reading.data_set import UnloadedValue
from orthanc_deid.verify.reading.element_headers import ParseError
from orthanc_deid.verify.reading.hidden_bits import bits_above
from orthanc_deid.verify.reading.instance import NATIVE_LITTLE_ENDIAN, Instance
from orthanc_deid.verify.reading.stored_numbers import numbers
from orthanc_deid.verify.rules.rule_regions import REGION_TAGS, Region, regions_of

_ASKED = frozenset(
    (
        *(SOP_CLASS_UID, IMAGE_TYPE, MODALITY, CONVERSION_TYPE, BURNED_IN_ANNOTATION, BODY_PART_EXAMINED),
        *(
            BITS_ALLOCATED,
            BITS_STORED,
            HIGH_BIT,
            PIXEL_REPRESENTATION,
            ENCAPSULATED_DOCUMENT,
            PHOTOMETRIC_INTERPRETATION,
        ),
        IMAGE_ORIENTATION_PATIENT,
    )
)
_FUNCTIONAL_GROUPS = 0x5200
_GRAY = (frozenset(("MONOCHROME1",)), frozenset(("MONOCHROME2",)))
_VOLUMES = frozenset(("CT", "MR", "PT"))
_RULE = "admission"
_REGION_EDGES = (
    REGION_LOCATION_MIN_Y0,
    REGION_LOCATION_MAX_Y1,
    REGION_LOCATION_MIN_X0,
    REGION_LOCATION_MAX_X1,
)
_UL_BYTES = 4
_MOST_REGIONS = 64
_SUSPECTED = "suspected of burned-in text"


class Admissibility(Enum):
    """The answer of a profile to an original."""

    ACCEPTED = "accepted"
    # Accepted with changes of samples that the engine claims.
    TO_BE_CLEANED = "to be cleaned"
    REFUSED = "refused"


class AdmissionDecision(NamedTuple):
    """The answer, and the check of the output's samples that is still due where they are not read yet.

    That check raises VerificationError.
    """

    answer: Admissibility
    sample_check: SampleCheck | None = None
    regions: Sequence[Region] = ()
    """The regions that must be written over in the frames of an image to be cleaned."""
    frames: Sequence[int] | None = None
    """The numbers of these frames from 1, all if not given."""


def asked_tags(profile: Profile) -> frozenset[int]:
    """Return the top-level tags whose values the admission depends on."""
    cleans = any(rule.outcome == "clean" for rule in profile.pixels.rules)
    return condition_tags(profile) | _ASKED | (REGION_TAGS if cleans else frozenset())


def instance_rule(profile: Profile, values: ConditionValues) -> InstanceRule | None:
    """Return the first instance rule of `profile` that holds; raises what `holds` raises."""
    return next((rule for rule in profile.instances if holds(rule.when, values)), None)


class AdmissionCheck:
    """Decides which originals one profile admits."""

    def __init__(self, profile: Profile) -> None:
        self._profile = profile

    def check(
        self,
        source: Instance,
        output: Instance,
        sop_class: str,
        values: ConditionValues,
        rule: InstanceRule | None,
        findings: Findings,
    ) -> AdmissionDecision:
        """Report why the original must not be released, and return the decision.

        `sop_class`: the one that names its IOD. `values`: those of its top level. `rule`: the instance rule that
        holds for it.
        """
        asked = {tag: _trimmed(values.get(tag, ())) for tag in _ASKED}
        asked[SOP_CLASS_UID] |= {sop_class}
        reasons = len(findings)
        self._check_content(source, sop_class, values, rule, findings)
        if Option.CLEAN_RECOGNIZABLE_VISUAL_FEATURES in self._profile.options and _may_show_face(asked):
            findings.add(_RULE, "volume from which a face could be rebuilt", (MODALITY,))
        oriented = bool(asked[IMAGE_ORIENTATION_PATIENT]) or _has_frame_groups(source)
        suspect = _suspicion(asked, source.transfer_syntax, oriented=oriented)
        cleaning = self._cleaning_rule(source, values)
        if cleaning is not None:
            suspect = None  # but for bits that no sample takes
        uses_bits = _bits_above(asked, output) if suspect is None else None
        if uses_bits is not None:
            samples = _samples(output)
            if samples is not None:
                suspect = PIXEL_DATA if uses_bits(samples) else None
            elif not self._accepts_pixels(values):
                return AdmissionDecision(_answer(findings, reasons), partial(_refuse, uses_bits))
        if suspect is None and self._hides_bits(asked, output, values):
            suspect = PIXEL_DATA
        if suspect is not None and not self._accepts_pixels(values):
            findings.add(_RULE, _SUSPECTED, (suspect,))
        answer = _answer(findings, reasons)
        if cleaning is not None and answer is Admissibility.ACCEPTED:
            regions = regions_of(cleaning, values, _ultrasound_regions(source, cleaning))
            return AdmissionDecision(Admissibility.TO_BE_CLEANED, regions=regions, frames=cleaning.frames)
        return AdmissionDecision(answer)

    def _check_content(
        self,
        source: Instance,
        sop_class: str,
        values: ConditionValues,
        rule: InstanceRule | None,
        findings: Findings,
    ) -> None:
        """Report a SOP class, a document or a data set that the profile does not admit."""
        if rule is not None and rule.outcome == "refuse":
            findings.add("instances", "refused by the profile")
        if rule is None and iod_for(sop_class) is None and sop_class not in UID_dictionary:
            findings.add(_RULE, "private SOP class", (SOP_CLASS_UID,))
        if _is_never_stored(UID_dictionary.get(sop_class, ("",))[0]):
            findings.add(_RULE, "no composite instance", (SOP_CLASS_UID,))
        if source.by_modality and _is_enhanced(source):
            findings.add(_RULE, "enhanced data set without a SOP class", (SOP_CLASS_UID,))
        if ENCAPSULATED_DOCUMENT in values and self._profile.documents == "refuse":
            findings.add(_RULE, "encapsulated document", (ENCAPSULATED_DOCUMENT,))

    def _hides_bits(
        self, asked: Mapping[int, frozenset[str]], output: Instance, values: ConditionValues
    ) -> bool:
        """Whether frames of a format that is decoded here use bits above High Bit, where that matters."""
        element = output.data_set.elements.get(PIXEL_DATA)
        if element is None or output.transfer_syntax in NATIVE_LITTLE_ENDIAN or self._accepts_pixels(values):
            return False
        # The fast depth loads a short value.
        loaded = UnloadedValue(element.value_tell, element.length)
        span = output.data_set.unloaded.get(PIXEL_DATA, loaded)
        try:
            high = int(max(asked[HIGH_BIT]))
        except ValueError:
            return False
        signed = "1" in asked[PIXEL_REPRESENTATION]
        try:
            return frames_with_high_bits(output, (span.start, span.length), high, signed=signed)
        except ParseError:  # samples that cannot be seen, or no frames
            return True

    def _accepts_pixels(self, values: ConditionValues) -> bool:
        rule = self._pixel_rule(values)
        return rule is not None and rule.outcome == "accept"

    def _pixel_rule(self, values: ConditionValues) -> PixelRule | None:
        return next((each for each in self._profile.pixels.rules if holds(each.when, values)), None)

    def _cleaning_rule(self, source: Instance, values: ConditionValues) -> PixelRule | None:
        """Return the rule by which the image of the original is cleaned, if there is one."""
        rule = self._pixel_rule(values) if PIXEL_DATA in source.data_set.elements else None
        return rule if rule is not None and rule.outcome == "clean" else None


def _ultrasound_regions(source: Instance, rule: PixelRule) -> list[Region]:
    """Return the regions of Sequence of Ultrasound Regions, whose last row and column belong to them.

    An image of which they are needed but cannot be read has one region that is everything, so that nothing is
    outside, and no region of the rule is found.
    """
    if not rule.outside_ultrasound_regions:
        return []
    everything = Region(0, 1 << 32, 0, 1 << 32)
    found = []
    for item in source.data_set.sequences.get(SEQUENCE_OF_ULTRASOUND_REGIONS, ()):
        values = [item.elements[tag].value or b"" if tag in item.elements else b"" for tag in _REGION_EDGES]
        if any(len(value) != _UL_BYTES for value in values):
            return [everything]
        little = source.encoding.little
        top, bottom, left, right = (int(numbers(value, "UL", little=little)[0]) for value in values)
        found.append(Region(top, bottom + 1, left, right + 1))
    return found if 0 < len(found) <= _MOST_REGIONS else [everything]


def _answer(findings: Findings, before: int) -> Admissibility:
    return Admissibility.REFUSED if len(findings) > before else Admissibility.ACCEPTED


@lru_cache(maxsize=1024)  # a series repeats its header
def _trimmed(values: tuple[str, ...]) -> frozenset[str]:
    """Return values trimmed and in capital letters; empty ones are left out."""
    return frozenset(value.strip(" \0").upper() for value in values) - {""}


def _suspicion(asked: Mapping[int, frozenset[str]], transfer_syntax: str, *, oriented: bool) -> int | None:
    """Return the attribute that makes burned-in text possible; Pixel Data for a video.

    `oriented`: the header states the orientation of the image in the patient.
    """
    lists = burned_in()
    if "YES" in asked[BURNED_IN_ANNOTATION]:
        return BURNED_IN_ANNOTATION
    types, modalities = lists.image_types, lists.modalities
    if oriented and asked[PHOTOMETRIC_INTERPRETATION] in _GRAY:
        if asked[SOP_CLASS_UID] <= lists.parametric_sop_classes:
            types, modalities = types - {"SECONDARY"}, frozenset()
        elif asked[SOP_CLASS_UID] <= lists.sectional_sop_classes:
            types = types - {"SECONDARY"}
    for tag, suspect in ((SOP_CLASS_UID, lists.sop_classes), (MODALITY, modalities), (IMAGE_TYPE, types)):
        if asked[tag] & suspect:
            return tag
    if asked[CONVERSION_TYPE] - lists.digital_conversion_types:
        return CONVERSION_TYPE
    return PIXEL_DATA if transfer_syntax in lists.transfer_syntaxes else None


def _may_show_face(asked: Mapping[int, frozenset[str]]) -> bool:
    """Whether the instance is a slice of a volume whose body part is not known to have no face."""
    parts = asked[BODY_PART_EXAMINED]
    return bool(asked[MODALITY] & _VOLUMES) and not (parts and parts <= faceless_body_parts())


def _has_frame_groups(source: Instance) -> bool:
    return PER_FRAME_FUNCTIONAL_GROUPS_SEQUENCE in source.data_set.sequences


def _is_enhanced(source: Instance) -> bool:
    return any(tag >> 16 == _FUNCTIONAL_GROUPS for tag in source.data_set.sequences)


def _is_never_stored(name: str) -> bool:
    """Whether objects of the SOP class of this name in PS3.6 are no composite instances: a DICOMDIR, a worklist."""
    if not name or "Real-Time" in name:
        return False
    return "Storage" not in name or "Storage Commitment" in name or "Storage Directory" in name


def _bits_above(
    asked: Mapping[int, frozenset[str]], output: Instance
) -> Callable[[Sequence[memoryview]], bool] | None:
    """Return a function that reports whether native samples use bits above High Bit; None without native samples."""
    if PIXEL_DATA not in output.data_set.elements or output.transfer_syntax not in NATIVE_LITTLE_ENDIAN:
        return None
    stored = _number_of(asked[BITS_STORED])
    allocated, high = _number_of(asked[BITS_ALLOCATED]), _number_of(asked[HIGH_BIT])
    high = stored - 1 if high < 0 < stored else high
    if allocated < 0 or high < 0:  # without these numbers no viewer displays the image either
        return None
    low = max(0, high - stored + 1) if stored > 0 else 0
    signed = "1" in asked[PIXEL_REPRESENTATION]
    return partial(bits_above, allocated=allocated, high=high, signed=signed, low=low)


def _number_of(values: frozenset[str]) -> int:
    """Return the number, -1 where there is none."""
    return int(max(values)) if values and max(values).isdigit() else -1


def _samples(output: Instance) -> Sequence[memoryview] | None:
    """Return the samples of the output, which must be those of the original; None where they are not read yet."""
    span = output.data_set.unloaded.get(PIXEL_DATA)
    if span is None:
        return [memoryview(output.data_set.elements[PIXEL_DATA].value or b"")]
    if output.slices.tail_at(span.start, span.length) is not None:
        return None
    return output.slices.between(span.start, span.start + span.length)


def _refuse(uses: Callable[[Sequence[memoryview]], bool], samples: memoryview) -> None:
    if uses((samples,)):
        findings = Findings()
        findings.add(_RULE, _SUSPECTED, (PIXEL_DATA,))
        raise VerificationError(findings.lines())
