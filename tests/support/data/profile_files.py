"""Profile files as a site writes them, and the faults that loading them reports."""

from __future__ import annotations

from pathlib import Path

import pytest

from orthanc_deid.errors import ConfigError
from orthanc_deid.profile.load import load_profile


def write_profile(folder: Path, text: str, name: str = "site") -> Path:
    """Write a profile file and return its path; the first line names the profile unless `text` does."""
    path = folder / f"{name}.toml"
    path.write_text(
        text if "name =" in text.split("\n", 1)[0] else f'name = "{name}"\n{text}', encoding="utf-8"
    )
    return path


def fault_lines(folder: Path, text: str) -> list[str]:
    """Return the lines of the ConfigError on loading `text`, in front of which stands the line `name = "site"`."""
    with pytest.raises(ConfigError) as caught:
        load_profile(write_profile(folder, text))
    first, *lines = str(caught.value).split("\n")
    assert first.startswith("profile site.toml cannot be used, ")
    return [line.strip() for line in lines]
