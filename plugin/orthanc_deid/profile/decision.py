"""What is to become of one element: a decision is data, so that engine, preview and reports read the same."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from orthanc_deid.dicom.tags import ElementPath


class Action(StrEnum):
    """The action codes of PS3.15 Table E.1-1a, compound ones already resolved."""

    D = "D"  # replace with a dummy value that fits VR and VM
    Z = "Z"  # replace with a zero length value (or a neutral one, where the profile says so)
    X = "X"  # remove
    K = "K"  # keep; a sequence is descended into
    C = "C"  # clean: replace with a value of similar meaning that carries no identity
    U = "U"  # replace with a consistent keyed UID


@dataclass(frozen=True, slots=True)
class Decision:
    """One element's fate. `rule` is a stable phrase: `Basic Profile`, `Retain UIDs Option`, `profile: KEY`."""

    path: ElementPath
    action: Action
    rule: str
    value: str | None = None  # the fixed value of an explicit rule
