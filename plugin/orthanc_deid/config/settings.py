"""The settings: the keys of the section `"Deidentify"` as typed models. `config.load` reads and checks them."""

from __future__ import annotations

import os
from collections.abc import Collection
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, PlainValidator, StrictBool, model_validator
from pydantic_core import PydanticCustomError

from orthanc_deid.config.settings_model import SECTION, ProfileName, SettingsModel, StoreName, StoreSettings
from orthanc_deid.errors import ConfigError
from orthanc_deid.orthanc.main_tags import LEVEL_OF_TAG
from orthanc_deid.stores.registry import STORE_TYPES, store_type

Origin = Literal["DicomProtocol", "RestApi", "Plugins", "Lua", "WebDav", "Unknown"]

UNKNOWN_STORE_TYPE = "store_type"
"""The type of the validation error for a `Type` that is not in `STORE_TYPES`."""


def _as_list(value: object) -> object:
    return [value] if isinstance(value, str) else value


def _main_tags(tags: dict[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    for keyword in tags:
        if keyword not in LEVEL_OF_TAG:
            raise PydanticCustomError(
                "main_tag",
                "{key} is not one of Orthanc's main DICOM tags; accepted: {accepted}",
                {"key": keyword, "accepted": ", ".join(sorted(LEVEL_OF_TAG))},
            )
    return tags


Patterns = Annotated[tuple[str, ...], BeforeValidator(_as_list), Field(min_length=1)]
"""One pattern or a list of patterns; `*` matches any characters, `?` one character; matching is case-sensitive."""


Origins = Annotated[tuple[Origin, ...], BeforeValidator(_as_list), Field(min_length=1)]
TagPatterns = Annotated[dict[str, Patterns], AfterValidator(_main_tags)]
StoreNames = Annotated[tuple[StoreName, ...], Field(min_length=1)]


class RoutingRule(SettingsModel):
    """One rule of `OnReceive`. The first rule whose conditions all match decides; a condition left out matches."""

    # Conditions
    remote_aet: Patterns | None = None  # AE title of the sender
    called_aet: Patterns | None = None  # AE title that the sender called
    modality: Patterns | None = None  # Modality of the series
    sop_class: Patterns | None = None  # SOP Class UID
    origin: Origins | None = None  # how Orthanc received the instance
    tags: TagPatterns = Field(default_factory=dict)  # keyword of a main DICOM tag -> patterns
    # Consequences
    profile: ProfileName | None = None  # if left out, the default profile
    stores: StoreNames | None = None  # if left out, the only store
    ignore: StrictBool = False  # matching instances are not processed

    @model_validator(mode="after")
    def _ignored_or_delivered(self) -> Self:
        if self.ignore and (self.profile is not None or self.stores is not None):
            raise PydanticCustomError("ignore", "Ignore excludes Profile and Stores", {})
        return self


def _store_settings(value: Any) -> StoreSettings:
    """Validate the settings of one store by the model of its type."""
    if not isinstance(value, dict):
        raise PydanticCustomError(
            "store", "Input should be a valid dictionary or object to extract fields from", {}
        )
    # With `type` the model is found as well; it refuses this key and suggests `Type`.
    name = value.get("Type", value.get("type"))
    if not isinstance(name, str) or name not in STORE_TYPES:
        raise PydanticCustomError(
            UNKNOWN_STORE_TYPE, "accepted: {accepted}", {"accepted": ", ".join(STORE_TYPES)}
        )
    found: StoreSettings = store_type(name).settings.model_validate(value)
    return found


class RetrySettings(SettingsModel):
    """Retries after a failure of source or store: pauses in seconds, doubled up to the longest one."""

    first_pause: Annotated[float, Field(gt=0, le=3600, strict=True)] = 5.0
    longest_pause: Annotated[float, Field(gt=0, le=86400, strict=True)] = 900.0
    attempts: Annotated[int, Field(ge=1, le=1000, strict=True)] = 20


Stores = Annotated[
    dict[StoreName, Annotated[StoreSettings, PlainValidator(_store_settings)]], Field(min_length=1)
]
WorkerCount = Annotated[int, Field(ge=1, le=256, strict=True)]


class Settings(SettingsModel):
    """The whole section."""

    # Folder of the site's own profiles; the built-in profiles always exist.
    profiles: Path | None = None
    # The default profile.
    profile: ProfileName = "neutral"
    stores: Stores
    # If left out, everything is processed by the default profile, for the only store.
    on_receive: tuple[RoutingRule, ...] = (RoutingRule(),)
    # The change at which the first start begins.
    start_at: Literal["Newest", "Oldest"] = "Newest"
    key_file: Path = Path("deidentify.key")
    # A URL of SQLAlchemy: SQLite or PostgreSQL.
    ledger: str = "sqlite:///deidentify.db"
    workers: WorkerCount = Field(default_factory=lambda: os.cpu_count() or 1)
    # The interpreter of the workers; if left out, that of the embedded version on PATH.
    python: Path | None = None
    retry: RetrySettings = RetrySettings()
    # Whether instances that every store has confirmed are deleted from this Orthanc.
    delete_source: Literal["Never", "AfterDelivery"] = "Never"
    # Whether this engine answers the native anonymize routes, and for which store.
    override_anonymize: StrictBool | StoreName = False
    # What becomes of a study whose instances carry two PatientIDs: those under the second are held, or delivered too.
    mixed_patients: Literal["Hold", "Deliver"] = "Hold"
    # Whether Orthanc may recycle patients that are not delivered yet.
    accept_recycling: StrictBool = False

    def admitted(self, store: str) -> tuple[str, ...]:
        """Return the profiles that a store admits."""
        return self.stores[store].profiles or (self.profile,)

    def targets(self, rule: RoutingRule) -> tuple[str, tuple[str, ...]]:
        """Return the profile and the stores of a rule without `Ignore`."""
        return rule.profile or self.profile, rule.stores or tuple(self.stores)

    def anonymize_store(self) -> str:
        """Return the store for results of Orthanc's native anonymize routes.

        It is the one that the settings name, or the only one that admits the default profile; else ConfigError.
        """
        admitting = [store for store in self.stores if self.profile in self.admitted(store)]
        named = self.override_anonymize
        if isinstance(named, str) and named in admitting:
            return named
        if named is True and len(admitting) == 1:
            return admitting[0]
        raise ConfigError(
            f"{SECTION}.OverrideAnonymize: accepted: false, a store that admits {self.profile} "
            f"({', '.join(admitting) or 'there is none'}), or true where there is just one"
        )

    def check_profiles(self, known: Collection[str]) -> None:
        """Raise ConfigError if a named profile is not among `known`, or if a store does not admit it."""
        named: dict[str, tuple[str, ...]] = {f"{SECTION}.Profile": (self.profile,)}
        named |= {f"{SECTION}.Stores.{name}.Profiles": self.admitted(name) for name in self.stores}
        rules = {f"{SECTION}.OnReceive[{index}].Profile": rule for index, rule in enumerate(self.on_receive)}
        named |= {key: (self.targets(rule)[0],) for key, rule in rules.items()}
        for key, profiles in named.items():
            for profile in profiles:
                if profile not in known:
                    raise ConfigError(f"{key}: no profile {profile}; accepted: {', '.join(sorted(known))}")
        for key, rule in rules.items():
            profile, stores = self.targets(rule)
            for store in () if rule.ignore else stores:
                if profile not in self.admitted(store):
                    admits = ", ".join(self.admitted(store))
                    raise ConfigError(
                        f"{key}: the store {store} does not admit {profile}; it admits: {admits}"
                    )
