"""What was done to one instance and what was found in it: plain values, sent from the workers for reports.

No element value is among them, but for `uids` and `patient`: the mapping that a site may ask for. Nothing else may
show these two.
"""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Facts:
    """What was done to an instance and what was found.

    An instance that is not delivered has them as well, as far as it could be read. `sop_class` is its SOP Class UID
    (`private SOP class` where PS3.6 does not register it),
    `study` the Study Instance UID of the result, `profile` the profile that was applied (instance rules may route),
    `size` that of the original in bytes. `actions` counts changed elements by (action, rule); `left_out` counts by
    kind the values that the verifier did not search; `codes` are code values of CID 7050; `findings` are the
    verifier's lines.
    """

    sop_class: str = ""
    study: str = ""
    profile: str = ""
    size: int = 0
    actions: tuple[tuple[tuple[str, str], int], ...] = ()
    codes: tuple[str, ...] = ()
    left_out: tuple[tuple[str, int], ...] = ()
    notes: tuple[str, ...] = ()
    findings: tuple[str, ...] = ()
    uids: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    patient: tuple[str, str] | None = field(default=None, repr=False)
