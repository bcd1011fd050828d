"""The description of a type of store; `stores.registry` holds one row per type."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from orthanc_deid.config.settings_model import StoreSettings
from orthanc_deid.orthanc.configuration import OrthancConfiguration
from orthanc_deid.pipeline.tasks import Output
from orthanc_deid.stores.store import StoreSetup

SettingsT = TypeVar("SettingsT", bound=StoreSettings)
SetupT = TypeVar("SetupT", bound=StoreSetup)


@dataclass(frozen=True, slots=True)
class StudyLocation:
    """The location of the results of one study in a store.

    The pages show `text` (a path, an identifier), or a link to `link` if that is an http or https URL. `keys` are the
    type's own keys of the JSON answer.
    """

    text: str
    link: str | None = None
    keys: Mapping[str, str] = field(default_factory=dict)

    def content(self) -> dict[str, Any]:
        """Return the keys of the JSON answer: the type's own, and `Location`, which every type has."""
        shown = {"Text": self.text} if self.link is None else {"Text": self.text, "Link": self.link}
        return {**self.keys, "Location": shown}


@dataclass(frozen=True, slots=True)
class StoreType(Generic[SettingsT, SetupT]):
    """One type of store.

    `settings` is the model of its section. `setup` makes, of the store's name and its settings, the picklable
    description that each worker opens; it raises ConfigError. `result_location` returns the location of one result as
    keys of the JSON answer, `study_location` that of all results of a study, by new PatientID and Study Instance UID.
    """

    settings: type[SettingsT]
    setup: Callable[[str, SettingsT, OrthancConfiguration], SetupT]
    result_location: Callable[[SetupT, Output], dict[str, str]]
    study_location: Callable[[SetupT, str, str], StudyLocation]
