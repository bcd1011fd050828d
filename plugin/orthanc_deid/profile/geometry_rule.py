"""Rules where neither a value nor a dummy may stand: numbers of geometry that are no numbers, and refusals."""

from __future__ import annotations

from orthanc_deid.profile.action import Action
from orthanc_deid.profile.rule import Manner, Rule
from orthanc_deid.standard.attribute_types import Type

DECAY = "time that decay is computed from"
FALSIFIED_DECAY = Rule(Action.D, DECAY, manner=Manner.REFUSED)
"""The rule of a time of decay that the IOD demands."""
FALSIFIED_BYTES = Rule(
    Action.D, "bytes that the profile does not keep and the IOD demands", manner=Manner.REFUSED
)
"""The rule of bytes that an allow-list does not name and the IOD demands."""
_REMOVED = Rule(Action.X, "geometry")
_LEFT: dict[Type | None, Rule | None] = {  # where the value must not stay; a dummy may not stand for it
    "1": None,
    "1C": _REMOVED,
    "2": Rule(Action.Z, "geometry"),
    "2C": Rule(Action.Z, "geometry"),
    "3": _REMOVED,
    None: _REMOVED,
}
_BY_TYPE = {
    kind: Rule(Action.K, "geometry", manner=Manner.GEOMETRY, otherwise=left) for kind, left in _LEFT.items()
}


def geometry_rule(type_in_iod: Type | None) -> Rule:
    """Return the rule for a DS or IS of `standard/geometry.csv` of that Type (None: no Type is known).

    The value is repaired where it can be read in one way, else the instance is refused. `otherwise` of the rule is
    for a number that must not stay, and for a value that says no number: emptied or removed; None where the IOD
    demands it.
    """
    return _BY_TYPE[type_in_iod]
