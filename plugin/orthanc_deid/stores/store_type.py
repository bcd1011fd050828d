"""The description of a type of store; `stores.registry` holds one row per type."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from orthanc_deid.config.settings_model import StoreSettings
from orthanc_deid.orthanc.configuration import OrthancConfiguration
from orthanc_deid.pipeline.tasks import Output
from orthanc_deid.stores.store import StoreSetup

SettingsT = TypeVar("SettingsT", bound=StoreSettings)
SetupT = TypeVar("SetupT", bound=StoreSetup)


@dataclass(frozen=True, slots=True)
class StoreType(Generic[SettingsT, SetupT]):
    """One type of store.

    `settings` is the model of its section. `setup` makes, of the store's name and its settings, the picklable
    description that each worker opens; it raises ConfigError. `result_location` and `study_location` return the
    location of one result, and of all results of a study (by new PatientID and Study Instance UID), as keys that
    the routes add to their JSON answers.
    """

    settings: type[SettingsT]
    setup: Callable[[str, SettingsT, OrthancConfiguration], SetupT]
    result_location: Callable[[SetupT, Output], dict[str, str]]
    study_location: Callable[[SetupT, str, str], dict[str, str]]
