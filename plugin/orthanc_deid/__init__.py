"""De-identification of DICOM by PS3.15 Annex E: `load_profile`, `deidentify` and `Key` are the public engine."""

from __future__ import annotations

from pathlib import Path

from orthanc_deid.deid.engine import Deidentified, deidentify
from orthanc_deid.key import Key
from orthanc_deid.profile.compile import CompiledProfile
from orthanc_deid.profile.load import load_profile as _load_profile
from orthanc_deid.version import __version__

__all__ = ["CompiledProfile", "Deidentified", "Key", "__version__", "deidentify", "load_profile"]


def load_profile(name_or_path: str | Path) -> CompiledProfile:
    """Return a profile ready for `deidentify`: a built-in by name, or a TOML file by path.

    Raises ConfigError with every fault at once, each with its line and what would be accepted.
    """
    return CompiledProfile(_load_profile(name_or_path))
