"""The `"Deidentify"` section of Orthanc's configuration: checked completely at start, and then believed.

Keys are in PascalCase, as everywhere in Orthanc. A relative path is relative to the folder that holds the
configuration, as Orthanc's own relative paths are. Messages name the key and what is accepted, never the value
that was found there: a ledger's URL can hold a password.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Collection, Mapping
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
    ValidationError,
    model_validator,
)
from pydantic.alias_generators import to_pascal
from pydantic_core import ErrorDetails, PydanticCustomError
from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from orthanc_deid.errors import ConfigError
from orthanc_deid.main_tags import LEVEL_OF_TAG

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
    accept_recycling: StrictBool = False  # Orthanc may recycle patients that are not delivered yet

    def admitted(self, store: str) -> tuple[str, ...]:
        """Return the profiles that a store admits."""
        return self.stores[store].profiles or (self.profile,)

    def targets(self, rule: Rule) -> tuple[str, tuple[str, ...]]:
        """Return the profile and the stores of a rule that does not ignore."""
        return rule.profile or self.profile, rule.stores or tuple(self.stores)

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


def load_settings(configuration: Mapping[str, Any], folder: Path) -> Settings:
    """Check the section in Orthanc's whole configuration, whose files are in `folder`; all paths become absolute.

    Raises ConfigError naming the key and what is accepted. Profiles are checked by `Settings.check_profiles`.
    """
    if SECTION not in configuration:
        raise ConfigError(f"{SECTION}: this section is missing; it must at least name the Stores")
    try:
        settings = Settings.model_validate(configuration[SECTION])
    except ValidationError as error:
        raise ConfigError(_sentence(error.errors()[0])) from None
    settings = _with_absolute_paths(settings, folder)
    _check_folders(settings)
    _check_rules(settings)
    _check_peers(settings, configuration)
    _check_recycling(settings, configuration)
    return settings


def _sentence(error: ErrorDetails) -> str:
    """Return the error as one line: the key's path, and what is accepted; never the value found."""
    # The choice of a store's type is part of pydantic's path, but of no key of the reader's.
    parts = [part for part in error["loc"] if part not in ("Folder", "Orthanc", "[key]")]
    path = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in parts)
    if error["type"].startswith("union_tag"):
        return f"{SECTION}{path}.Type: accepted: Folder, Orthanc"
    return f"{SECTION}{path}: {error['msg'].replace('tuple', 'list')}"


def _with_absolute_paths(settings: Settings, folder: Path) -> Settings:
    stores = {
        name: store.model_copy(update={"path": folder / store.path})
        if isinstance(store, FolderStore)
        else store
        for name, store in settings.stores.items()
    }
    return settings.model_copy(
        update={
            "stores": stores,
            "profiles": folder / settings.profiles if settings.profiles else None,
            "key_file": folder / settings.key_file,
            "ledger": _absolute_url(settings.ledger, folder),
            "python": folder / settings.python if settings.python else _own_python(),
        }
    )


def _absolute_url(text: str, folder: Path) -> str:
    accepted = f"{SECTION}.Ledger: accepted: sqlite:///FILE or postgresql://USER:PASSWORD@HOST/DATABASE"
    try:
        url = make_url(text)
    except ArgumentError:
        raise ConfigError(accepted) from None
    if url.get_backend_name() not in ("sqlite", "postgresql"):
        raise ConfigError(accepted)
    if url.get_backend_name() == "sqlite":
        if not url.database or url.database == ":memory:":
            raise ConfigError(accepted)
        url = url.set(database=str(folder / url.database))
    return url.render_as_string(hide_password=False)


def _own_python() -> Path:
    """Return an interpreter of this very version: inside Orthanc, `sys.executable` is Orthanc itself."""
    name = f"python{sys.version_info.major}.{sys.version_info.minor}"
    beside = Path(sys.base_exec_prefix) / "bin" / name
    found = str(beside) if beside.exists() else shutil.which(name)
    if found is None:
        raise ConfigError(f"{SECTION}.Python: there is no {name} on PATH; name the workers' interpreter")
    return Path(found)


def _check_folders(settings: Settings) -> None:
    folders = {f"{SECTION}.KeyFile": settings.key_file.parent}
    if settings.profiles:
        folders[f"{SECTION}.Profiles"] = settings.profiles
    for name, store in settings.stores.items():
        if isinstance(store, FolderStore):
            folders[f"{SECTION}.Stores.{name}.Path"] = store.path
    for key, folder in folders.items():
        if not folder.is_dir():
            raise ConfigError(f"{key}: the folder {folder} does not exist; make it, or mount it")
    if settings.python is None or not os.access(settings.python, os.X_OK):
        raise ConfigError(f"{SECTION}.Python: {settings.python} is not a program that can be started")


def _check_rules(settings: Settings) -> None:
    for index, rule in enumerate(settings.on_receive):
        key = f"{SECTION}.OnReceive[{index}]"
        if rule.ignore:
            continue
        if rule.stores is None and len(settings.stores) > 1:
            raise ConfigError(
                f"{key}.Stores: there are several; name those of: {', '.join(sorted(settings.stores))}"
            )
        for store in settings.targets(rule)[1]:
            if store not in settings.stores:
                accepted = ", ".join(sorted(settings.stores))
                raise ConfigError(f"{key}.Stores: no store {store}; accepted: {accepted}")


def _check_peers(settings: Settings, configuration: Mapping[str, Any]) -> None:
    peers = configuration.get("OrthancPeers", {})
    for name, store in settings.stores.items():
        if isinstance(store, OrthancStore) and store.peer not in peers:
            accepted = ", ".join(sorted(peers)) or "none, since OrthancPeers names none"
            raise ConfigError(f"{SECTION}.Stores.{name}.Peer: no such peer; accepted: {accepted}")


def _check_recycling(settings: Settings, configuration: Mapping[str, Any]) -> None:
    """Refuse limits by which Orthanc deletes patients on its own, delivered or not (design D4)."""
    if settings.accept_recycling or configuration.get("MaximumStorageMode") == "Reject":
        return
    for key in ("MaximumStorageSize", "MaximumPatientCount"):
        if configuration.get(key):
            raise ConfigError(
                f"{key}: Orthanc would delete patients that are not delivered yet; accepted: 0, or "
                f'"AcceptRecycling": true in {SECTION}, which accepts that loss'
            )
