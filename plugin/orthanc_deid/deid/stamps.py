"""The stamps that record the de-identification (PS3.15 section E.1.1, PS3.3 C.7.1.1, C.12.1)."""

from __future__ import annotations

from orthanc_deid.deid.element_encoder import encode_element, encode_item, encode_sequence
from orthanc_deid.dicom.tags import (
    CODE_MEANING,
    CODE_VALUE,
    CODING_SCHEME_DESIGNATOR,
    CONTRIBUTING_EQUIPMENT_SEQUENCE,
    DEIDENTIFICATION_METHOD,
    DEIDENTIFICATION_METHOD_CODE_SEQUENCE,
    LONGITUDINAL_TEMPORAL_INFORMATION_MODIFIED,
    MANUFACTURER,
    PATIENT_IDENTITY_REMOVED,
    PURPOSE_OF_REFERENCE_CODE_SEQUENCE,
    SOFTWARE_VERSIONS,
)
from orthanc_deid.profile.compile import CompiledProfile
from orthanc_deid.profile.conditions import ConditionValues, holds
from orthanc_deid.profile.options import BASIC_PROFILE_CODE, OPTION_CODES, Option
from orthanc_deid.version import __version__

SOFTWARE = "orthanc-deid"
_DEIDENTIFYING_EQUIPMENT = ("109104", "De-identifying Equipment")  # CID 7005


def is_basic(compiled: CompiledProfile, values: ConditionValues) -> bool:
    """Whether the code of the Basic Profile holds for an instance with these top-level `values`.

    It does where no explicit rule that counts for the instance keeps an attribute that Table E.1-1 names.
    """
    return compiled.basic and not any(holds(each.when, values) for each in compiled.weakening)


def codes(compiled: CompiledProfile, *, basic: bool) -> list[tuple[str, str]]:
    """Return the CID 7050 codes (value, meaning) that hold; `basic`: that of the Basic Profile among them."""
    held = [BASIC_PROFILE_CODE] if basic else []
    held += [
        OPTION_CODES[option] for option in Option if option in compiled.options and option in OPTION_CODES
    ]
    return held


def longitudinal(compiled: CompiledProfile) -> str:
    """Return the value of LongitudinalTemporalInformationModified (0028,0303)."""
    if Option.RETAIN_FULL_DATES in compiled.options:
        return "UNMODIFIED"
    shifted = Option.RETAIN_MODIFIED_DATES in compiled.options or compiled.profile.dates.mode in (
        "shift",
        "year",
    )
    return "MODIFIED" if shifted else "REMOVED"


def stamps(compiled: CompiledProfile, *, basic: bool, explicit: bool) -> dict[int, bytes]:
    """Return the stamps as encoded elements by tag; `basic`: the code of the Basic Profile holds.

    Contributing Equipment Sequence is the one for instances in which none is left.
    """
    profile = compiled.profile
    method = f"{SOFTWARE} {__version__} profile {profile.name} {profile.fingerprint()}"
    items = [_code_item(value, meaning, explicit=explicit) for value, meaning in codes(compiled, basic=basic)]
    stamped = [
        (PATIENT_IDENTITY_REMOVED, "CS", b"YES"),
        (DEIDENTIFICATION_METHOD, "LO", method.encode("ascii")),
        (CONTRIBUTING_EQUIPMENT_SEQUENCE, "SQ", equipment_item(explicit=explicit)),
        (LONGITUDINAL_TEMPORAL_INFORMATION_MODIFIED, "CS", longitudinal(compiled).encode()),
    ]
    if items:
        stamped.append((DEIDENTIFICATION_METHOD_CODE_SEQUENCE, "SQ", b"".join(map(encode_item, items))))
    return {tag: encode_element(tag, vr, value, explicit=explicit) for tag, vr, value in sorted(stamped)}


def equipment_item(*, explicit: bool) -> bytes:
    """Return the item of Contributing Equipment Sequence that names this software (PS3.3 section C.12.1)."""
    purpose = _code_item(*_DEIDENTIFYING_EQUIPMENT, explicit=explicit)
    return encode_item(
        encode_element(MANUFACTURER, "LO", SOFTWARE.encode(), explicit=explicit)
        + encode_element(SOFTWARE_VERSIONS, "LO", __version__.encode(), explicit=explicit)
        + encode_sequence(PURPOSE_OF_REFERENCE_CODE_SEQUENCE, [purpose], explicit=explicit)
    )


def _code_item(value: str, meaning: str, *, explicit: bool) -> bytes:
    return (
        encode_element(CODE_VALUE, "SH", value.encode(), explicit=explicit)
        + encode_element(CODING_SCHEME_DESIGNATOR, "SH", b"DCM", explicit=explicit)
        + encode_element(CODE_MEANING, "LO", meaning.encode(), explicit=explicit)
    )
