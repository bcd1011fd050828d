"""Reads the section `"Deidentify"` of Orthanc's configuration and checks it completely, once, at the start.

A relative path is relative to the folder that holds the configuration, as Orthanc's own relative paths are. Messages
name the key and the accepted values, never the value that was found: the URL of a ledger can hold a password.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails
from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from orthanc_deid.config.settings import UNKNOWN_STORE_TYPE, Settings
from orthanc_deid.config.settings_model import SECTION
from orthanc_deid.errors import ConfigError


def load_settings(configuration: Mapping[str, Any], folder: Path) -> Settings:
    """Check the section in Orthanc's whole configuration, whose files are in `folder`; all paths become absolute.

    Raises ConfigError, which names the key and the accepted values. `Settings.check_profiles` checks
    the profiles.
    """
    if SECTION not in configuration:
        raise ConfigError(f"{SECTION}: this section is missing; it must at least name the Stores")
    try:
        settings = Settings.model_validate(configuration[SECTION])
    except ValidationError as error:
        raise ConfigError(_sentence(error.errors()[0])) from None
    settings = _with_absolute_paths(settings, folder)
    _check_folders(settings)
    for name, store in settings.stores.items():
        store.check(f"{SECTION}.Stores.{name}", configuration)
    _check_python(settings)
    _check_rules(settings)
    if settings.override_anonymize:
        settings.anonymize_store()
    _check_recycling(settings, configuration)
    return settings


def _sentence(error: ErrorDetails) -> str:
    """Return the error as one line: the path of the key and the accepted values, never the value found."""
    parts = [part for part in error["loc"] if part != "[key]"]
    path = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in parts)
    if error["type"] == UNKNOWN_STORE_TYPE:
        path += ".Type"
    return f"{SECTION}{path}: {error['msg'].replace('tuple', 'list')}"


def _with_absolute_paths(settings: Settings, folder: Path) -> Settings:
    stores = {name: store.resolved(folder) for name, store in settings.stores.items()}
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
    """Return an interpreter of the running version: inside Orthanc, `sys.executable` is Orthanc itself."""
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
    for key, folder in folders.items():
        if not folder.is_dir():
            raise ConfigError(f"{key}: the folder {folder} does not exist; make it, or mount it")


def _check_python(settings: Settings) -> None:
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


def _check_recycling(settings: Settings, configuration: Mapping[str, Any]) -> None:
    """Refuse limits by which Orthanc deletes patients, delivered or not (D4 in docs/architecture.md)."""
    if settings.accept_recycling or configuration.get("MaximumStorageMode") == "Reject":
        return
    for key in ("MaximumStorageSize", "MaximumPatientCount"):
        if configuration.get(key):
            raise ConfigError(
                f"{key}: Orthanc would delete patients that are not delivered yet; accepted: 0, or "
                f'"AcceptRecycling": true in {SECTION}, which accepts that loss'
            )
