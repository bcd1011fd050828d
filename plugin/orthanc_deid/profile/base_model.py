"""What all tables of a profile have in common."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class ProfileTable(BaseModel):
    """One table of a profile: no key but those it names, and nothing changes once it is read."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, populate_by_name=True, use_attribute_docstrings=True
    )
