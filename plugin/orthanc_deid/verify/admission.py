"""Whether an original may be released at all, from `profile/RULES.md`: what nobody can make safe has no output.

An engine that forgot to refuse is found out here, whatever it then made of the instance (design D6).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache, partial

from pydicom._uid_dict import UID_dictionary

from orthanc_deid.dicom.unread_samples import Look
from orthanc_deid.errors import VerificationError
from orthanc_deid.profile.conditions import ConditionValues, condition_tags, holds
from orthanc_deid.profile.model import InstanceRule, Profile
from orthanc_deid.profile.options import Option
from orthanc_deid.standard.tables import burned_in, faceless_body_parts, iod_for
from orthanc_deid.verify.findings import Findings
from orthanc_deid.verify.reading.hidden_bits import bits_above
from orthanc_deid.verify.reading.instance import (
    EXPLICIT_VR_LITTLE_ENDIAN,
    IMPLICIT_VR_LITTLE_ENDIAN,
    Instance,
)

SOP_CLASS_UID, IMAGE_TYPE, MODALITY, CONVERSION_TYPE = 0x00080016, 0x00080008, 0x00080060, 0x00080064
_BURNED_IN_ANNOTATION, _BODY_PART_EXAMINED = 0x00280301, 0x00180015
_BITS_ALLOCATED, _HIGH_BIT, _PIXEL_REPRESENTATION = 0x00280100, 0x00280102, 0x00280103
_ENCAPSULATED_DOCUMENT, _PIXEL_DATA = 0x00420011, 0x7FE00010
_TOLD = frozenset((SOP_CLASS_UID, IMAGE_TYPE, MODALITY, CONVERSION_TYPE, _BURNED_IN_ANNOTATION)) | frozenset(
    (_BODY_PART_EXAMINED, _BITS_ALLOCATED, _HIGH_BIT, _PIXEL_REPRESENTATION, _ENCAPSULATED_DOCUMENT)
)
_FUNCTIONAL_GROUPS = 0x5200
_VOLUMES = frozenset(("CT", "MR", "PT"))
_NATIVE = (IMPLICIT_VR_LITTLE_ENDIAN, EXPLICIT_VR_LITTLE_ENDIAN)
_RULE = "admission"
_SUSPECTED = "suspected of burned-in text"


def asked_tags(profile: Profile) -> frozenset[int]:
    """Return the top-level tags whose values the admission asks for."""
    return condition_tags(profile) | _TOLD


def instance_rule(profile: Profile, values: ConditionValues) -> InstanceRule | None:
    """Return the first instance rule of `profile` that holds; raises what `holds` raises."""
    return next((rule for rule in profile.instances if holds(rule.when, values)), None)


class Admission:
    """What one profile says of the originals that it takes."""

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
    ) -> Look | None:
        """Note why the original must not be released; `rule` is the instance rule that holds for it.

        `values` are those of the original's top level, `sop_class` names its IOD. Returns what the output's samples
        are still to be asked where nobody has read them yet; it raises VerificationError.
        """
        told = {tag: _trimmed(values.get(tag, ())) for tag in _TOLD}
        told[SOP_CLASS_UID] |= {sop_class}
        if rule is not None and rule.outcome == "refuse":
            findings.add("instances", "refused by the profile")
        if rule is None and iod_for(sop_class) is None and sop_class not in UID_dictionary:
            findings.add(_RULE, "private SOP class", (SOP_CLASS_UID,))
        if source.bare and not source.text(SOP_CLASS_UID) and _is_enhanced(source):
            findings.add(_RULE, "enhanced data set without a SOP class", (SOP_CLASS_UID,))
        if _ENCAPSULATED_DOCUMENT in values and self._profile.documents == "refuse":
            findings.add(_RULE, "encapsulated document", (_ENCAPSULATED_DOCUMENT,))
        if Option.CLEAN_RECOGNIZABLE_VISUAL_FEATURES in self._profile.options and _may_show_face(told):
            findings.add(_RULE, "volume from which a face could be rebuilt", (MODALITY,))
        where = _suspicion(told, source.transfer_syntax)
        uses = _bits_above(told, output) if where is None else None
        if uses is not None:
            samples = _samples(output)
            if samples is not None:
                where = _PIXEL_DATA if uses(samples) else None
            elif not self._accepts_pixels(values):
                return partial(_refuse, uses)
        if where is not None and not self._accepts_pixels(values):
            findings.add(_RULE, _SUSPECTED, (where,))
        return None

    def _accepts_pixels(self, values: ConditionValues) -> bool:
        return any(holds(each.when, values) for each in self._profile.pixels)


@lru_cache(maxsize=1024)  # a series repeats its header
def _trimmed(values: tuple[str, ...]) -> frozenset[str]:
    """Return values trimmed and in capital letters; empty ones are left out."""
    return frozenset(value.strip(" \0").upper() for value in values) - {""}


def _suspicion(told: Mapping[int, frozenset[str]], transfer_syntax: str) -> int | None:
    """Return the attribute that makes burned-in text possible; Pixel Data for a video."""
    lists = burned_in()
    if "YES" in told[_BURNED_IN_ANNOTATION]:
        return _BURNED_IN_ANNOTATION
    for tag, suspect in (
        (SOP_CLASS_UID, lists.sop_classes),
        (MODALITY, lists.modalities),
        (IMAGE_TYPE, lists.image_types),
    ):
        if told[tag] & suspect:
            return tag
    if told[CONVERSION_TYPE] - lists.digital_conversion_types:
        return CONVERSION_TYPE
    return _PIXEL_DATA if transfer_syntax in lists.transfer_syntaxes else None


def _may_show_face(told: Mapping[int, frozenset[str]]) -> bool:
    """Whether it is a slice of a volume that is not known to be of a part of the body without a face."""
    parts = told[_BODY_PART_EXAMINED]
    return bool(told[MODALITY] & _VOLUMES) and not (parts and parts <= faceless_body_parts())


def _is_enhanced(source: Instance) -> bool:
    return any(tag >> 16 == _FUNCTIONAL_GROUPS for tag in source.data_set.sequences)


def _bits_above(
    told: Mapping[int, frozenset[str]], output: Instance
) -> Callable[[Sequence[memoryview]], bool] | None:
    """Return what tells whether native samples use bits above High Bit; None where there are no such samples."""
    if _PIXEL_DATA not in output.data_set.elements or output.transfer_syntax not in _NATIVE:
        return None
    try:
        allocated, high = (int(max(told[tag])) for tag in (_BITS_ALLOCATED, _HIGH_BIT))
    except ValueError:  # no numbers: then no viewer shows a picture either
        return None
    return partial(bits_above, allocated=allocated, high=high, signed="1" in told[_PIXEL_REPRESENTATION])


def _samples(output: Instance) -> Sequence[memoryview] | None:
    """Return the samples of the output, which must be those of the original; None where nobody has read them yet."""
    span = output.data_set.unloaded.get(_PIXEL_DATA)
    if span is None:
        return [memoryview(output.data_set.elements[_PIXEL_DATA].value or b"")]
    if output.slices.tail_at(span.start, span.length) is not None:
        return None
    return output.slices.between(span.start, span.start + span.length)


def _refuse(uses: Callable[[Sequence[memoryview]], bool], samples: memoryview) -> None:
    if uses((samples,)):
        findings = Findings()
        findings.add(_RULE, _SUSPECTED, (_PIXEL_DATA,))
        raise VerificationError(findings.lines())
