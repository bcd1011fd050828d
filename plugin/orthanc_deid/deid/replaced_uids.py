"""The UIDs of an instance that its result no longer holds, for retained texts in which one of them may occur.

Hardly any retained text contains anything shaped like a UID; only for one that does, the instance is walked again.
"""

from __future__ import annotations

from dataclasses import replace

from orthanc_deid.deid.uid_forms import UidForms, may_hold_uid
from orthanc_deid.deid.uids import is_registered
from orthanc_deid.dicom.elements import LONG_VRS, Entry, Op, delimiter, key_tag, vr_of_key
from orthanc_deid.dicom.part10 import Encoded
from orthanc_deid.dicom.slices import Buffer
from orthanc_deid.dicom.tags import SOP_CLASS_UID
from orthanc_deid.dicom.walker import walk
from orthanc_deid.profile import vr_kinds
from orthanc_deid.profile.action import Action
from orthanc_deid.profile.compile import CompiledProfile, Level
from orthanc_deid.profile.conditions import ConditionValues, holds

_REPLACED, _KEPT, _CLASSES = 0, 1, 2


class ReplacedUids:
    """The replaced UIDs of one instance. `values`: its top-level values, for the conditions of explicit rules."""

    def __init__(self, encoded: Encoded, compiled: CompiledProfile, values: ConditionValues) -> None:
        self._encoded = encoded
        self._compiled = compiled
        self._values = values
        self._found: UidForms | None = None

    def occur_in(self, raw: bytes) -> bool:
        """Whether one of them occurs in the raw text."""
        if not may_hold_uid(raw):
            return False
        if self._found is None:
            self._found = UidForms.of(self._gathered())
        return self._found.occur_in(raw)

    def _gathered(self) -> frozenset[bytes]:
        encoded = self._encoded
        gathered: tuple[list[Buffer], ...] = ([], [], [])
        level = self._compiled.level(self._values[SOP_CLASS_UID][0])
        table = _UidTable(level, self._values, explicit=encoded.explicit)
        walk(encoded.buffer, encoded.start, encoded.end, table, explicit=encoded.explicit, gathered=gathered)
        replaced, kept, classes = (
            {part.strip(b" \0") for raw in values for part in bytes(raw).split(b"\\")} for values in gathered
        )
        replaced |= {uid for uid in classes if not is_registered(uid.decode("latin-1"))}
        return frozenset(replaced - kept)


class _UidTable(dict[bytes, Entry]):
    """A walker's table that gathers the values of every UI, kept and replaced ones in separate lists."""

    def __init__(self, level: Level, values: ConditionValues, *, explicit: bool) -> None:
        super().__init__()
        self._level = level
        self._values = values
        self._explicit = explicit

    def __missing__(self, key: bytes) -> Entry:
        entry = self[key] = delimiter(key) or self._entry(key)
        return entry

    def _entry(self, key: bytes) -> Entry:
        tag = key_tag(key)
        vr = vr_of_key(key) if self._explicit else vr_kinds.implicit_vr(tag)
        if vr in ("SQ", "UN"):
            explicit = self._explicit and vr == "SQ"  # a UN holds implicit VR (PS3.5 section 6.2.2)
            items = _UidTable(self._level.child(tag), self._values, explicit=explicit)
            return (Op.DESCEND if vr == "SQ" else Op.DESCEND_UN, tag, None, items)
        if vr == "UI":
            return (Op.GATHER, tag, self._list_of(tag), None)
        return (Op.SKIP_LONG if self._explicit and vr in LONG_VRS else Op.SKIP, tag, None, None)

    def _list_of(self, tag: int) -> int:
        rule = self._level.rule(tag, "UI")
        met = (case for when, case in rule.cases if holds(when, self._values))
        rule = next(met, replace(rule, cases=()))
        if rule.registered:
            return _CLASSES
        return _KEPT if rule.action is Action.K or rule.value is not None else _REPLACED
