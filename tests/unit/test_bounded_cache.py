"""The cache for element values: short ones are cached, long ones are not."""

from __future__ import annotations

from orthanc_deid.bounded_cache import LONGEST, bounded_cache


def test_the_function_runs_once_for_a_short_argument_and_each_time_for_a_long_one() -> None:
    asked: list[int] = []

    @bounded_cache(maxsize=2)
    def length(text: str, more: bytes = b"") -> int:
        asked.append(len(text) + len(more))
        return asked[-1]

    assert [length("a"), length("a"), length("a", b"b"), length("a", b"b")] == [1, 1, 2, 2]
    assert asked == [1, 2]
    long = "x" * (LONGEST + 1)
    assert length(long) == length(long) == LONGEST + 1
    assert length("a", long.encode()) == length("a", long.encode())
    assert len(asked) == 6
    length.cache_clear()  # type: ignore[attr-defined]
    length("a")
    assert len(asked) == 7
