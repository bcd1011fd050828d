"""Memory that is lent for one file after another, but never while somebody looks at it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from orthanc_deid.dicom.slices import Slices
from orthanc_deid.sources.read_buffer import ReadBuffer

SIZE = 5_000_000


def place(view: memoryview) -> int:
    return int(np.frombuffer(view, "u1").ctypes.data)


def test_memory_without_a_view_is_lent_again() -> None:
    memory = ReadBuffer()
    first = place(memory.take(SIZE))
    assert [place(memory.take(size)) for size in (SIZE, 10, 1, SIZE)] == [first] * 4


@pytest.mark.parametrize(
    "look",
    [
        lambda view: view,
        lambda view: view[100:200],
        lambda view: view.toreadonly()[3:],
        lambda view: np.frombuffer(view, "u2"),
        lambda view: Slices([b"head", view[10:]]),
    ],
    ids=["view", "slice", "read-only", "array", "slices"],
)
def test_memory_that_somebody_looks_at_is_not_written_to(look: Callable[[memoryview], Any]) -> None:
    memory = ReadBuffer()
    lent = memory.take(SIZE)
    lent[:] = bytes(SIZE)
    kept = look(lent)
    del lent
    memory.take(SIZE)[:] = b"\1" * SIZE
    assert b"\1" not in bytes(kept)


@pytest.mark.parametrize("size", [0, 1, 4096, (2 << 20) + 1])
def test_as_many_bytes_are_lent_as_were_requested(size: int) -> None:
    assert len(ReadBuffer().take(size)) == size
