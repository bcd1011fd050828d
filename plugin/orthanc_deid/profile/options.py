"""The options of PS3.15 Annex E: their names, their columns in Table E.1-1 and their codes in CID 7050."""

from __future__ import annotations

from enum import StrEnum

BASIC_PROFILE = "Basic Application Level Confidentiality Profile"
BASIC_PROFILE_CODE = ("113100", "Basic Application Confidentiality Profile")


class Option(StrEnum):
    """The options by their PS3.15 names, as a profile writes them in `options`."""

    RETAIN_SAFE_PRIVATE = "Retain Safe Private"
    RETAIN_UIDS = "Retain UIDs"
    RETAIN_DEVICE_IDENTITY = "Retain Device Identity"
    RETAIN_INSTITUTION_IDENTITY = "Retain Institution Identity"
    RETAIN_PATIENT_CHARACTERISTICS = "Retain Patient Characteristics"
    RETAIN_FULL_DATES = "Retain Longitudinal Temporal Information with Full Dates"
    RETAIN_MODIFIED_DATES = "Retain Longitudinal Temporal Information with Modified Dates"
    CLEAN_DESCRIPTORS = "Clean Descriptors"
    CLEAN_STRUCTURED_CONTENT = "Clean Structured Content"
    CLEAN_GRAPHICS = "Clean Graphics"
    CLEAN_PIXEL_DATA = "Clean Pixel Data"
    CLEAN_RECOGNIZABLE_VISUAL_FEATURES = "Clean Recognizable Visual Features"

    @property
    def rule(self) -> str:
        """The name of the rule in reports."""
        return f"{self.value} Option"


OPTION_COLUMNS: dict[Option, str] = {
    Option.RETAIN_SAFE_PRIVATE: "rtn_safe_priv",
    Option.RETAIN_UIDS: "rtn_uids",
    Option.RETAIN_DEVICE_IDENTITY: "rtn_dev_id",
    Option.RETAIN_INSTITUTION_IDENTITY: "rtn_inst_id",
    Option.RETAIN_PATIENT_CHARACTERISTICS: "rtn_pat_chars",
    Option.RETAIN_FULL_DATES: "rtn_long_full_dates",
    Option.RETAIN_MODIFIED_DATES: "rtn_long_modif_dates",
    Option.CLEAN_DESCRIPTORS: "clean_desc",
    Option.CLEAN_STRUCTURED_CONTENT: "clean_struct_cont",
    Option.CLEAN_GRAPHICS: "clean_graph",
}
"""Column of Table E.1-1 by option; the two that concern pixels have none."""

OPTION_CODES: dict[Option, tuple[str, str]] = {
    Option.CLEAN_PIXEL_DATA: ("113101", "Clean Pixel Data Option"),
    Option.CLEAN_RECOGNIZABLE_VISUAL_FEATURES: ("113102", "Clean Recognizable Visual Features Option"),
    Option.CLEAN_GRAPHICS: ("113103", "Clean Graphics Option"),
    Option.CLEAN_STRUCTURED_CONTENT: ("113104", "Clean Structured Content Option"),
    Option.CLEAN_DESCRIPTORS: ("113105", "Clean Descriptors Option"),
    Option.RETAIN_FULL_DATES: ("113106", "Retain Longitudinal Temporal Information Full Dates Option"),
    Option.RETAIN_MODIFIED_DATES: (
        "113107",
        "Retain Longitudinal Temporal Information Modified Dates Option",
    ),
    Option.RETAIN_PATIENT_CHARACTERISTICS: ("113108", "Retain Patient Characteristics Option"),
    Option.RETAIN_DEVICE_IDENTITY: ("113109", "Retain Device Identity Option"),
    Option.RETAIN_UIDS: ("113110", "Retain UIDs Option"),
    Option.RETAIN_SAFE_PRIVATE: ("113111", "Retain Safe Private Option"),
    Option.RETAIN_INSTITUTION_IDENTITY: ("113112", "Retain Institution Identity Option"),
}
"""CID 7050 code value and meaning (coding scheme DCM) by option."""

EXCLUSIVE: tuple[tuple[Option, Option], ...] = ((Option.RETAIN_FULL_DATES, Option.RETAIN_MODIFIED_DATES),)
