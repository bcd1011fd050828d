"""Regular expressions of a profile: compiled only if their matching time is bounded.

Python's matcher backtracks, so that a pattern such as `(a+)+b` takes time exponential in the length of the value. A
pattern is accepted only if the number of ways to try it against a value of `LONGEST_VALUE` characters is at most
`MOST_WAYS`.
"""

from __future__ import annotations

import re
import warnings
from functools import cache
from re import _parser as sre  # type: ignore[attr-defined]  # CPython's own parser, absent from the type stubs
from typing import Any

LONGEST_VALUE = 256
"""The length in characters of the longest value that a pattern is matched against."""

MOST_WAYS = (LONGEST_VALUE + 1) ** 3
"""Allows three unbounded repeats (`.*CHEST.*`); measured at under a second in the worst case."""

_REPEATS = {"MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT"}


@cache
def compile_pattern(text: str) -> re.Pattern[str]:
    """Return `text` compiled. Raises ValueError with the fault and the accepted forms."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", FutureWarning)  # `[[`: a later Python may read it in another way
            pattern = re.compile(text)
            ways = _ways(sre.parse(text))
    except (re.error, FutureWarning, OverflowError, RecursionError) as fault:
        raise ValueError(f"not a regular expression: {fault}; accepted: Python's syntax (CT|MR)") from None
    if ways > MOST_WAYS:
        raise ValueError(
            "this regular expression could take unbounded time; accepted: at most three repeats such as .* "
            "and none inside another repeat"
        )
    return pattern


def _ways(parsed: Any) -> int:
    """Return an upper bound of the number of ways in which the matcher may try the parsed sequence."""
    total = 1
    for operation, argument in parsed:
        total = min(total * _ways_of(str(operation), argument), MOST_WAYS + 1)
    return total


def _ways_of(operation: str, argument: Any) -> int:
    if operation in _REPEATS:
        least, most, body = argument
        most = min(int(most), LONGEST_VALUE)
        least = min(int(least), most)
        each = _ways(body)
        turns = most - least + 1
        return turns if each == 1 else turns * int(min(each ** min(most, 64), MOST_WAYS + 1))
    if operation == "BRANCH":
        return sum(_ways(branch) for branch in argument[1])
    if operation == "SUBPATTERN":
        return _ways(argument[3])
    if operation in {"ASSERT", "ASSERT_NOT"}:
        return _ways(argument[1])
    if operation == "ATOMIC_GROUP":
        return _ways(argument)
    if operation == "GROUPREF_EXISTS":
        return _ways(argument[1]) + _ways(argument[2] or ())
    return 1
