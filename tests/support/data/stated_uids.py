"""Which UIDs a file's data set states, as pydicom reads it."""

from __future__ import annotations

import io
import warnings

import pydicom


def states(data: bytes, *keywords: str) -> bool:
    """Whether the data set has a value for each of these attributes, or cannot be read so far."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            found = pydicom.dcmread(io.BytesIO(data), force=True, specific_tags=list(keywords))
            return all(found.get(keyword) for keyword in keywords)
        except Exception:  # noqa: BLE001 - damaged files are part of the corpus
            return True
