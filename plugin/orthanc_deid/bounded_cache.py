"""`functools.lru_cache` for values of instances: what one text of megabytes is, nobody remembers a thousand times."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache, wraps
from typing import ParamSpec, TypeVar

LONGEST = 4096
"""Characters or bytes of the longest argument with which a call is remembered."""

_P = ParamSpec("_P")
_R = TypeVar("_R")


def bounded_cache(maxsize: int) -> Callable[[Callable[_P, _R]], Callable[_P, _R]]:
    """Return a decorator like `lru_cache(maxsize)`, but that calls with a long `str` or `bytes` just run.

    All arguments must be hashable. `cache_clear` is an attribute of the function, as it is with `lru_cache`.
    """

    def decorate(function: Callable[_P, _R]) -> Callable[_P, _R]:
        remembered = lru_cache(maxsize)(function)

        @wraps(function)
        def call(*args: _P.args, **kwargs: _P.kwargs) -> _R:
            for each in args:
                if isinstance(each, str | bytes) and len(each) > LONGEST:
                    return function(*args, **kwargs)
            return remembered(*args, **kwargs)  # type: ignore[arg-type]

        call.cache_clear = remembered.cache_clear  # type: ignore[attr-defined]
        return call

    return decorate
