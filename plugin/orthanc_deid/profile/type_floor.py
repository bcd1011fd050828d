"""The Type floor: a Basic code of Table E.1-1 resolved by the attribute's Type in the IOD (`RULES.md`)."""

from __future__ import annotations

from orthanc_deid.profile.action import Action
from orthanc_deid.standard.attribute_types import Type

_D, _Z, _X, _K, _U = Action.D, Action.Z, Action.X, Action.K, Action.U

REFERENCES = "X/Z/U*"
"""The code of sequences of references, which stay only where the IOD demands them, with new UIDs."""

# code: (Type 1 and 1C, Type 2 and 2C, Type 3, no Type known)
_FLOOR: dict[str, tuple[Action, Action, Action, Action]] = {
    "X": (_D, _Z, _X, _X),
    "Z": (_D, _Z, _Z, _Z),
    "D": (_D, _D, _D, _D),
    "U": (_U, _U, _U, _U),
    "X/Z": (_D, _Z, _X, _Z),
    "X/D": (_D, _Z, _X, _D),
    "X/Z/D": (_D, _Z, _X, _D),
    "Z/D": (_D, _Z, _Z, _D),
    REFERENCES: (_K, _K, _X, _K),
}
_COLUMN: dict[str | None, int] = {"1": 0, "1C": 0, "2": 1, "2C": 1, "3": 2, None: 3}

BASIC_CODES = frozenset(_FLOOR)


def resolve(code: str, type_in_iod: Type | None) -> Action:
    """Return the action of a Basic `code` for an attribute of that Type (None: no Type is known).

    K stands for a sequence of references that is kept and descended into (U*).
    """
    return _FLOOR[code][_COLUMN[type_in_iod]]
