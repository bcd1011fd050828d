"""The action codes of PS3.15 Table E.1-1a."""

from __future__ import annotations

from enum import StrEnum


class Action(StrEnum):
    """One action on one element; compound codes of Table E.1-1 are resolved to one of these."""

    D = "D"  # replace with a dummy value that fits VR and VM
    Z = "Z"  # replace with a zero length value (or a neutral one, where the profile says so)
    X = "X"  # remove
    K = "K"  # keep; a sequence is descended into
    C = "C"  # clean: replace with a value of similar meaning that carries no identity
    U = "U"  # replace with a consistent keyed UID
