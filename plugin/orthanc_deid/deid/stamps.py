"""The stamps: what was done to the instance, told truthfully (PS3.15 section E.1.1, PS3.3 C.7.1.1, C.12.1)."""

from __future__ import annotations

from orthanc_deid.deid.element_encoder import encode_element, encode_item, encode_sequence
from orthanc_deid.profile.compile import CompiledProfile
from orthanc_deid.profile.conditions import ConditionValues, holds
from orthanc_deid.profile.options import BASIC_PROFILE_CODE, CODES, Option
from orthanc_deid.version import __version__

PATIENT_IDENTITY_REMOVED, METHOD, METHOD_CODES = 0x00120062, 0x00120063, 0x00120064
LONGITUDINAL = 0x00280303
CONTRIBUTING_EQUIPMENT = 0x0018A001
SOFTWARE = "orthanc-deid"
_DEIDENTIFYING_EQUIPMENT = ("109104", "De-identifying Equipment")  # CID 7005
_MANUFACTURER, _SOFTWARE_VERSIONS, _PURPOSE_OF_REFERENCE_CODES = 0x00080070, 0x00181020, 0x0040A170


def is_basic(compiled: CompiledProfile, values: ConditionValues) -> bool:
    """Whether the code of the Basic Profile holds for an instance with these top-level `values`.

    It does where no explicit rule that counts for the instance keeps an attribute that Table E.1-1 names.
    """
    return compiled.basic and not any(holds(each.when, values) for each in compiled.weakening)


def codes(compiled: CompiledProfile, *, basic: bool) -> list[tuple[str, str]]:
    """Return the CID 7050 codes (value, meaning) that hold; `basic`: that of the Basic Profile among them."""
    held = [BASIC_PROFILE_CODE] if basic else []
    held += [CODES[option] for option in Option if option in compiled.options and option in CODES]
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
    stamped = {
        PATIENT_IDENTITY_REMOVED: encode_element(PATIENT_IDENTITY_REMOVED, "CS", b"YES", explicit=explicit),
        METHOD: encode_element(METHOD, "LO", method.encode("ascii"), explicit=explicit),
        LONGITUDINAL: encode_element(LONGITUDINAL, "CS", longitudinal(compiled).encode(), explicit=explicit),
        CONTRIBUTING_EQUIPMENT: encode_element(
            CONTRIBUTING_EQUIPMENT, "SQ", equipment_item(explicit=explicit), explicit=explicit
        ),
    }
    if items:
        stamped[METHOD_CODES] = encode_sequence(METHOD_CODES, items, explicit=explicit)
    return dict(sorted(stamped.items()))


def equipment_item(*, explicit: bool) -> bytes:
    """Return the item of Contributing Equipment Sequence that names this software (PS3.3 section C.12.1)."""
    purpose = _code_item(*_DEIDENTIFYING_EQUIPMENT, explicit=explicit)
    return encode_item(
        encode_element(_MANUFACTURER, "LO", SOFTWARE.encode(), explicit=explicit)
        + encode_element(_SOFTWARE_VERSIONS, "LO", __version__.encode(), explicit=explicit)
        + encode_sequence(_PURPOSE_OF_REFERENCE_CODES, [purpose], explicit=explicit)
    )


def _code_item(value: str, meaning: str, *, explicit: bool) -> bytes:
    return (
        encode_element(0x00080100, "SH", value.encode(), explicit=explicit)
        + encode_element(0x00080102, "SH", b"DCM", explicit=explicit)
        + encode_element(0x00080104, "LO", meaning.encode(), explicit=explicit)
    )
