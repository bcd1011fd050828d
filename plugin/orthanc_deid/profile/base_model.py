"""The base class of all tables of a profile."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class ProfileTable(BaseModel):
    """One table of a profile: immutable; unknown keys are refused."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, populate_by_name=True, use_attribute_docstrings=True
    )
