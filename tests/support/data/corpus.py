"""Real files that nobody here made: those of pydicom's wheel and of the package pydicom-data."""

from __future__ import annotations

import importlib.util
from functools import cache
from pathlib import Path

import pydicom


@cache
def corpus() -> tuple[Path, ...]:
    """Return every file of both, DICOM or not, in a stable order; the largest few are left out for time."""
    data = Path(pydicom.__file__).parent / "data"
    roots = [data / "test_files", data / "charset_files"]
    spec = importlib.util.find_spec("data_store")
    if spec is not None and spec.origin is not None:
        roots.append(Path(spec.origin).parent)
    found = (
        path
        for root in roots
        for path in root.rglob("*")
        if path.is_file() and path.suffix not in (".py", ".pyc")
    )
    return tuple(sorted(path for path in found if path.stat().st_size < 16 << 20))
