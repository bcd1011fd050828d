"""The model of a condition of a profile; `conditions.py` evaluates it."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field, ValidationInfo, field_validator

from orthanc_deid.profile import value_checks
from orthanc_deid.profile.base_model import ProfileTable


class Condition(ProfileTable):
    """One condition on the top level of the instance; all tests given must hold. Values are compared trimmed."""

    attribute: Annotated[str, AfterValidator(value_checks.condition_attribute)]
    """A keyword (Modality) or a tag (0008,0060) of the top level."""
    equals: str | None = None
    """One of the attribute's values is this one. UIDs may be written by keyword (CTImageStorage)."""
    one_of: Annotated[tuple[str, ...], Field(min_length=1)] | None = Field(default=None, alias="in")
    """One of the attribute's values is one of these."""
    matches: Annotated[str, AfterValidator(value_checks.pattern)] | None = None
    """One of the attribute's values matches this regular expression from its first to its last character."""
    exists: bool | None = Field(default=None, validate_default=True)
    """true: the attribute is present, even if empty; false: it is not."""

    @field_validator("equals", "one_of")
    @classmethod
    def _comparable(
        cls, value: str | tuple[str, ...] | None, info: ValidationInfo
    ) -> str | tuple[str, ...] | None:
        if value is not None and "attribute" in info.data:
            for one in (value,) if isinstance(value, str) else value:
                value_checks.check_compared(info.data["attribute"], one)
        return value

    @field_validator("exists")
    @classmethod
    def _asks_something(cls, value: bool | None, info: ValidationInfo) -> bool | None:
        tests = [info.data.get(key, "given") for key in ("equals", "one_of", "matches")]
        if value is None and not any(test is not None for test in tests):
            raise ValueError("a condition that asks nothing; accepted: equals, in, matches or exists")
        if value is False and any(test is not None for test in tests):
            raise ValueError("what does not exist has no value; accepted: exists = false alone")
        return value
