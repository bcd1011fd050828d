"""Profiles for tests of the engine: the built-in ones, and such as a site might write, made in memory."""

from __future__ import annotations

from functools import cache
from typing import Any

from orthanc_deid import load_profile
from orthanc_deid.profile.compile import CompiledProfile
from orthanc_deid.profile.model import Profile

BUILTIN = ("basic", "neutral", "research", "strict")
EVERY_IMAGE = {"rules": [{"when": [{"attribute": "SOPClassUID", "exists": True}]}]}


@cache
def builtin(name: str) -> CompiledProfile:
    """Return a built-in profile."""
    return load_profile(name)


@cache
def admitting_all_pixels(name: str) -> CompiledProfile:
    """Return a built-in profile that accepts suspected images and drops documents, so that tests reach the rest."""
    profile = builtin(name).profile
    pixels = Profile.model_validate({"name": "pixels", "pixels": EVERY_IMAGE}).pixels
    return CompiledProfile(profile.model_copy(update={"pixels": pixels, "documents": "drop-document"}))


def profile(**settings: Any) -> CompiledProfile:
    """Return a profile of these settings, as TOML would give them; named `made` unless they say otherwise."""
    return CompiledProfile(Profile.model_validate({"name": "made", **settings}))
