"""The libraries that decode and encode frames, loaded when the first frame needs them.

They come with the extra `pixels`: without them nothing is decoded, and images that are to be cleaned are refused.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, wraps
from importlib import import_module
from typing import Any, ParamSpec, TypeVar

from orthanc_deid.deid.pixels.image_shape import refused

_P = ParamSpec("_P")
_R = TypeVar("_R")


@cache
def imagecodecs() -> Any:
    """Return the package imagecodecs: libjpeg-turbo, OpenJPEG, OpenJPH, libjxl and PackBits."""
    return _loaded("imagecodecs")


@cache
def jpeg_ls() -> Any:
    """Return the package jpeg_ls of pyjpegls: CharLS."""
    return _loaded("jpeg_ls")


def _loaded(name: str) -> Any:
    try:
        return import_module(name)
    except ImportError:
        refused("the extra `pixels` is not installed")


def refusing(function: Callable[_P, _R]) -> Callable[_P, _R]:
    """Return a function that raises RefusedError where a library cannot read or write a frame."""

    @wraps(function)
    def guarded(*args: _P.args, **kwargs: _P.kwargs) -> _R:
        try:
            return function(*args, **kwargs)
        except (RuntimeError, ValueError, TypeError, IndexError, KeyError, MemoryError, OverflowError):
            refused("a frame that cannot be decoded")

    return guarded
