"""`functools.lru_cache` for functions of element values: calls with long values are not cached."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache, wraps
from typing import ParamSpec, TypeVar

LONGEST = 4096
"""The length, in characters or bytes, of the longest argument with which a call is cached."""

_MEASURED = (str, bytes)  # a tuple: `str | bytes` would be built anew in every call

_P = ParamSpec("_P")
_R = TypeVar("_R")


def bounded_cache(maxsize: int) -> Callable[[Callable[_P, _R]], Callable[_P, _R]]:
    """Return a decorator like `lru_cache(maxsize)` that does not cache calls with a long `str` or `bytes`.

    All arguments must be hashable. `cache_clear` is an attribute of the function, as it is with `lru_cache`.
    """

    def decorate(function: Callable[_P, _R]) -> Callable[_P, _R]:
        cached = lru_cache(maxsize)(function)

        @wraps(function)
        def call(*args: _P.args, **kwargs: _P.kwargs) -> _R:
            for each in args:
                if isinstance(each, _MEASURED) and len(each) > LONGEST:
                    return function(*args, **kwargs)
            return cached(*args, **kwargs)  # type: ignore[arg-type]

        call.cache_clear = cached.cache_clear  # type: ignore[attr-defined]
        return call

    return decorate
