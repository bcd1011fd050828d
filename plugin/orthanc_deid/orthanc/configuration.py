"""The configuration of the Orthanc that runs this plugin."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class OrthancConfiguration:
    """The whole configuration, and the folder that its relative paths are relative to."""

    values: Mapping[str, Any]
    folder: Path
