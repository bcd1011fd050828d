"""De-identification of DICOM by PS3.15 Annex E: `load_profile`, `deidentify` and `Key` are the public engine."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from orthanc_deid.version import __version__

if TYPE_CHECKING:
    from orthanc_deid.config.key import Key
    from orthanc_deid.deid.engine import Deidentified, deidentify
    from orthanc_deid.profile.compile import CompiledProfile

__all__ = ["CompiledProfile", "Deidentified", "Key", "__version__", "deidentify", "load_profile"]

_MODULES = {
    "CompiledProfile": "orthanc_deid.profile.compile",
    "Deidentified": "orthanc_deid.deid.engine",
    "Key": "orthanc_deid.config.key",
    "deidentify": "orthanc_deid.deid.engine",
}


def __getattr__(name: str) -> Any:
    """Import the engine on first access: Orthanc's own process and `--help` do not need it (0.4 s)."""
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_MODULES[name]), name)


def load_profile(name_or_path: str | Path) -> CompiledProfile:
    """Return a profile ready for `deidentify`: a built-in by name, or a TOML file by path.

    Raises ConfigError with all faults, each with its line and the accepted values.
    """
    from orthanc_deid.profile.compile import CompiledProfile
    from orthanc_deid.profile.load import load_profile as load

    return CompiledProfile(load(name_or_path))
