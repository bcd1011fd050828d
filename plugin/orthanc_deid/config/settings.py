"""What the `"Deidentify"` section may hold, key by key, as typed models; `config` reads and checks it as a whole.

Keys are in PascalCase, as everywhere in Orthanc. Messages name the key and what is accepted, never the value that was
found there: a ledger's URL can hold a password.
"""

from __future__ import annotations

import os
from collections.abc import Collection
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StrictBool,
    model_validator,
)
from pydantic.alias_generators import to_pascal
from pydantic_core import PydanticCustomError

from orthanc_deid.errors import ConfigError
from orthanc_deid.orthanc.main_tags import LEVEL_OF_TAG

SECTION = "Deidentify"
Origin = Literal["DicomProtocol", "RestApi", "Plugins", "Lua", "WebDav", "Unknown"]


class _Part(BaseModel):
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
"""One pattern or a list of them; `*` stands for any characters, `?` for one; upper and lower case differ."""

StoreName = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,31}$")]
ProfileName = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,31}$")]


class Rule(_Part):
    """One rule of `OnReceive`; the first one whose conditions all hold decides. Conditions left out hold."""

    remote_aet: Patterns | None = None  # who sent it, by DICOM
    called_aet: Patterns | None = None  # how the sender calls us
    modality: Patterns | None = None  # of the series, as Orthanc's index has it
    sop_class: Patterns | None = None  # SOP Class UID
    origin: Annotated[tuple[Origin, ...], BeforeValidator(_as_list), Field(min_length=1)] | None = (
        None  # by which way Orthanc received it
    )
    tags: Annotated[dict[str, Patterns], AfterValidator(_main_tags)] = Field(
        default_factory=dict
    )  # main tags
    profile: ProfileName | None = None  # left out: the default profile
    stores: Annotated[tuple[StoreName, ...], Field(min_length=1)] | None = None  # left out: the only store
    ignore: StrictBool = False  # nothing is to be done with it

    @model_validator(mode="after")
    def _ignored_or_delivered(self) -> Self:
        if self.ignore and (self.profile is not None or self.stores is not None):
            raise PydanticCustomError("ignore", "Ignore excludes Profile and Stores", {})
        return self


class _Store(_Part):
    profiles: Annotated[tuple[ProfileName, ...], Field(min_length=1)] | None = None
    """The profiles that the store admits; left out: the default profile alone."""


class FolderStore(_Store):
    """A folder, which must exist: one that is missing is more likely not mounted than wanted."""

    type: Literal["Folder"]
    path: Path


class OrthancStore(_Store):
    """An Orthanc that `OrthancPeers` in the same configuration names."""

    type: Literal["Orthanc"]
    peer: str


StoreSettings = Annotated[FolderStore | OrthancStore, Field(discriminator="type")]


class Retry(_Part):
    """After a failure of source or store: pauses in seconds, doubled up to the longest, so many attempts."""

    first_pause: Annotated[float, Field(gt=0, le=3600, strict=True)] = 5.0
    longest_pause: Annotated[float, Field(gt=0, le=86400, strict=True)] = 900.0
    attempts: Annotated[int, Field(ge=1, le=1000, strict=True)] = 20


class Settings(_Part):
    """The whole section."""

    profiles: Path | None = None  # folder of the site's own profiles, beside the built-in ones
    profile: ProfileName = "neutral"  # the default profile
    stores: Annotated[dict[StoreName, StoreSettings], Field(min_length=1)]
    on_receive: tuple[Rule, ...] = (
        Rule(),
    )  # left out: everything, by the default profile, to the only store
    start_at: Literal["Newest", "Oldest"] = "Newest"  # where the first start begins in Orthanc's changes
    key_file: Path = Path("deidentify.key")
    ledger: str = "sqlite:///deidentify.db"  # SQLAlchemy URL: SQLite or PostgreSQL
    workers: Annotated[int, Field(ge=1, le=256, strict=True)] = Field(
        default_factory=lambda: os.cpu_count() or 1
    )
    python: Path | None = None  # interpreter of the workers; left out: the embedded one's own, from PATH
    retry: Retry = Retry()
    delete_source: Literal["Never", "AfterDelivery"] = (
        "Never"  # what becomes of what was delivered everywhere
    )
    override_anonymize: StrictBool | StoreName = (
        False  # Orthanc's own verbs are ours; true: into the only store
    )
    accept_recycling: StrictBool = False  # Orthanc may recycle patients that are not delivered yet

    def admitted(self, store: str) -> tuple[str, ...]:
        """Return the profiles that a store admits."""
        return self.stores[store].profiles or (self.profile,)

    def targets(self, rule: Rule) -> tuple[str, tuple[str, ...]]:
        """Return the profile and the stores of a rule that does not ignore."""
        return rule.profile or self.profile, rule.stores or tuple(self.stores)

    def anonymize_store(self) -> str:
        """Return the store of Orthanc's own anonymize verbs: the one named, or the only one for the profile.

        ConfigError where there is none.
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
        """Raise ConfigError where a profile is named that is not among `known`, or that a store does not admit."""
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
