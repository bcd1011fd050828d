"""The base of all models of settings: keys in PascalCase, unknown keys refused, values frozen.

Messages name the key and the accepted values, never the value that was found: a URL can hold a password.
"""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic.alias_generators import to_pascal
from pydantic_core import PydanticCustomError

SECTION = "Deidentify"
"""The section of Orthanc's configuration that holds the settings."""

StoreName = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,31}$")]
ProfileName = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,31}$")]


class SettingsModel(BaseModel):
    """A JSON object of the settings. Keys are in PascalCase, as everywhere in Orthanc's configuration."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, alias_generator=to_pascal, hide_input_in_errors=True
    )

    @model_validator(mode="before")
    @classmethod
    def _only_known_keys(cls, data: Any) -> Any:
        if not isinstance(data, dict):
            return data
        accepted = [field.alias or name for name, field in cls.model_fields.items()]
        for key in data:
            if key not in accepted:
                near = get_close_matches(key, accepted, n=1, cutoff=0.6)
                raise PydanticCustomError(
                    "unknown_key",
                    "unknown key {key}{hint}; accepted: {accepted}",
                    {
                        "key": key,
                        "hint": f" (did you mean {near[0]}?)" if near else "",
                        "accepted": ", ".join(sorted(accepted)),
                    },
                )
        return data


class StoreSettings(SettingsModel):
    """The settings that stores of every type have; each type adds its own (`stores.registry`)."""

    type: str
    """A type of `stores.registry.STORE_TYPES`."""

    profiles: Annotated[tuple[ProfileName, ...], Field(min_length=1)] | None = None
    """The profiles that the store admits; if left out, only the default profile."""

    def resolved(self, folder: Path) -> Self:
        """Return the settings with paths made absolute; `folder` holds the configuration."""
        return self

    def check(self, key: str, configuration: Mapping[str, Any]) -> None:
        """Raise ConfigError if the store cannot be used. `key` names its settings, `configuration` is Orthanc's."""
