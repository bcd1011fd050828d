"""The types of stores: one row per type, imported when the settings use it.

To add a store (the recipe in `CONTRIBUTING.md` says the same at more length):

1. Write one module in `stores/`, with
   - the model of its settings, derived from `config.settings_model.StoreSettings` (`resolved` makes its paths
     absolute, `check` refuses what cannot work, both at the start of Orthanc);
   - the store (`stores.store.Store`): `put` takes only a `Verified`, returns DUPLICATE for bytes that are already
     there and raises ConflictError rather than overwrite others; `sync` makes durable what was put;
   - its picklable setup (`stores.store.StoreSetup`), which is sent to each worker and whose `open` returns the
     store;
   - a `stores.store_type.StoreType` that names all of these and states the location of a result.
2. Add one row to `STORE_TYPES` below: the `Type` in the settings, and where the module keeps its `StoreType`.
3. Document the keys in `orthanc-config/README.md`, section "A store"; a test compares it with the models.

Settings, routes, pages, workers, retries, pauses and reports need no change. What a new module imports is loaded by
the processes that use such a store, and by no others. `tests/unit/stores/test_registry.py` adds a small store this
way.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Any

from orthanc_deid.config.settings_model import StoreSettings
from orthanc_deid.orthanc.configuration import OrthancConfiguration
from orthanc_deid.pipeline.tasks import Output
from orthanc_deid.stores.store import StoreSetup
from orthanc_deid.stores.store_type import StoreType, StudyLocation

STORE_TYPES = {
    "Folder": "orthanc_deid.stores.folder_store:FOLDER",
    "Orthanc": "orthanc_deid.stores.orthanc_store:ORTHANC",
}
"""`Type` in the settings -> "module:name" of its `StoreType`."""


def store_type(name: str) -> StoreType[Any, Any]:
    """Import and return a type of store; KeyError for a name that is not in `STORE_TYPES`."""
    module, _, attribute = STORE_TYPES[name].partition(":")
    found: StoreType[Any, Any] = getattr(import_module(module), attribute)
    return found


class ConfiguredStore:
    """One store of the settings: its setup, and where its results are."""

    def __init__(self, name: str, settings: StoreSettings, configuration: OrthancConfiguration) -> None:
        """Make the setup; raises ConfigError where the configuration does not allow it."""
        self._type = store_type(settings.type)
        self.setup: StoreSetup = self._type.setup(name, settings, configuration)

    def result_location(self, output: Output) -> dict[str, str]:
        """Return the location of one result as keys of JSON."""
        return self._type.result_location(self.setup, output)

    def study_location(self, patient_id: str, study_instance_uid: str) -> StudyLocation:
        """Return the location of the results of a study; the identifiers are the new ones."""
        return self._type.study_location(self.setup, patient_id, study_instance_uid)


def configured_stores(
    settings: Mapping[str, StoreSettings], configuration: OrthancConfiguration
) -> dict[str, ConfiguredStore]:
    """Return the stores of the settings by name; raises ConfigError."""
    return {name: ConfiguredStore(name, store, configuration) for name, store in settings.items()}
