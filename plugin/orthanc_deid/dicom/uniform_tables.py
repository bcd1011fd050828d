"""Walker tables that treat all elements alike: skip them, or note them."""

from __future__ import annotations

from typing import Final

from pydicom.datadict import dictionary_has_tag, dictionary_VR

from orthanc_deid.dicom.elements import LONG_VRS, Entry, Op, Table, delimiter, key_tag, vr_of_key

MOST_ENTRIES: Final = 4096
"""Attributes that such a table remembers; hostile input must not fill the memory."""


class _UniformTable(dict[bytes, Entry]):
    """Skips or notes every element, at every depth."""

    def __init__(self, *, explicit: bool, note: bool) -> None:
        super().__init__()
        self._explicit = explicit
        self._note = note
        self._implicit = self if not explicit else _UniformTable(explicit=False, note=note)

    def __missing__(self, key: bytes) -> Entry:
        found = delimiter(key) or self._entry(key)
        if len(self) < MOST_ENTRIES:
            self[key] = found
        return found

    def _entry(self, key: bytes) -> Entry:
        tag = key_tag(key)
        step = tag if self._note else None
        if not self._explicit:
            is_sequence = self._note and dictionary_has_tag(tag) and dictionary_VR(tag) == "SQ"
            return (Op.DESCEND if is_sequence else Op.DESCEND_UN, tag, step, self)
        vr = vr_of_key(key)
        if vr == "SQ":
            return (Op.DESCEND, tag, step, self)
        if vr == "UN":
            return (Op.DESCEND_UN, tag, step, self._implicit)
        if vr in LONG_VRS:
            return (Op.NOTE_LONG if self._note else Op.SKIP_LONG, tag, step, None)
        return (Op.NOTE if self._note else Op.SKIP, tag, step, None)


SKIP_IMPLICIT = _UniformTable(explicit=False, note=False)
SKIP_EXPLICIT = _UniformTable(explicit=True, note=False)


def note_everything(*, explicit: bool) -> Table:
    """Return a table that notes every element; each step is the element's tag."""
    return _UniformTable(explicit=explicit, note=True)
