"""Count the calls of pydicom's reader, for tests of several packages of the verifier."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from pydicom.filereader import data_element_generator

from orthanc_deid.verify.reading import parsing, small_items


@pytest.fixture
def readings(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """Return a list that grows by one for each level, or part of one, that pydicom reads."""
    readings: list[bool] = []

    def noted(*arguments: Any) -> Iterator[object]:
        readings.append(True)
        return data_element_generator(*arguments)

    for module in (parsing, small_items):
        monkeypatch.setattr(module, "data_element_generator", noted)
        small_items._cached.cache_clear()
    return readings
