"""What a report says of one instance: plain values, sent from the workers. No element value is among them.

The two exceptions, `uids` and `patient`, are the mapping that a site may ask for; nothing else may show them.
"""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Facts:
    """What was done to an instance and what was found.

    `study` and `sop_class` are told for instances that were not delivered as well, as far as they could be read:
    the new Study Instance UID, and the SOP class. `profile` is the one that was applied, where rules route.
    `actions` counts changed elements by (action, rule); `findings` are the verifier's lines; sizes in bytes.
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
