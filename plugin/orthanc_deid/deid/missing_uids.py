"""UIDs that an instance lacks, and its SOP class: taken from the file meta information, or derived from what it has.

They are put into the data set before any rule is applied, so that they are replaced, kept and referred to like any
other (`profile/RULES.md`, section "Missing UIDs"). Derived ones are the same for files of one study or series where
that can be known.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from hashlib import sha256
from typing import Final

from orthanc_deid.config.key import Key
from orthanc_deid.deid.element_encoder import encode_element
from orthanc_deid.deid.prescan import Prescan
from orthanc_deid.deid.uids import keyed_uid
from orthanc_deid.dicom.elements import EventKind, MalformedError
from orthanc_deid.dicom.part10 import Encoded
from orthanc_deid.dicom.tags import (
    ACCESSION_NUMBER,
    ISSUER_OF_PATIENT_ID,
    MODALITY,
    PATIENT_BIRTH_DATE,
    PATIENT_ID,
    PATIENT_NAME,
    SERIES_INSTANCE_UID,
    SERIES_NUMBER,
    SOP_CLASS_UID,
    SOP_INSTANCE_UID,
    STUDY_DATE,
    STUDY_ID,
    STUDY_INSTANCE_UID,
    STUDY_TIME,
)
from orthanc_deid.dicom.uniform_tables import note_everything
from orthanc_deid.dicom.walker import walk

FROM_FILE_META = "UID taken from the file meta information"
DERIVED = "UID derived, because the data set has none"

_UIDS: Final = (SOP_INSTANCE_UID, STUDY_INSTANCE_UID, SERIES_INSTANCE_UID)
_UID = re.compile(r"[0-9]+(\.[0-9]+)+")


def missing_tags(prescan: Prescan, *, sop_class_stated: bool) -> tuple[int, ...]:
    """Return the tags of the UIDs that the data set lacks or has empty; nothing for nearly every instance."""
    missing = tuple([tag for tag in _UIDS if not any(prescan.values.get(tag, ()))])
    return missing if sop_class_stated else (SOP_CLASS_UID, *missing)


def completed(
    encoded: Encoded, original: Encoded, missing: tuple[int, ...], sop_class_uid: str, key: Key
) -> tuple[Encoded, tuple[str, ...]]:
    """Return the instance with the `missing` UIDs, and the notes for the report.

    `original`: the instance as it was found. Raises MalformedError where the end of the file is not read, and what
    `walk` raises.
    """
    if encoded.tail is not None:
        raise MalformedError("UIDs are missing")
    top = _TopLevel(encoded, missing)
    in_meta = original.sop_instance_uid if _UID.fullmatch(original.sop_instance_uid) else ""
    found: dict[int, str] = {}
    notes: list[str] = []
    for tag in missing:
        if tag == SOP_CLASS_UID:
            found[tag] = sop_class_uid
            notes.append(FROM_FILE_META if original.sop_class_uid else DERIVED)
        elif tag == SOP_INSTANCE_UID and in_meta:
            found[tag] = in_meta
            notes.append(FROM_FILE_META)
        else:
            message = _message(tag, top.values | {t: uid.encode() for t, uid in found.items()}, original)
            found[tag] = keyed_uid(key.digest("uid", b"%08X\0%b" % (tag, message)))
            notes.append(DERIVED)
    return top.with_uids(found), tuple(dict.fromkeys(notes))


def _message(tag: int, values: Mapping[int, bytes], original: Encoded) -> bytes:
    """Return the bytes that a UID is derived from: values that its study or series shares, else the content."""

    def joined(*tags: int) -> bytes:
        return b"\0".join(values.get(each, b"") for each in tags)

    if tag == STUDY_INSTANCE_UID:
        patient = (PATIENT_ID, ISSUER_OF_PATIENT_ID) if values.get(PATIENT_ID) else ()
        if not patient and values.get(PATIENT_NAME):
            patient = (PATIENT_NAME, PATIENT_BIRTH_DATE)
        if patient and any(values.get(each) for each in (STUDY_DATE, ACCESSION_NUMBER, STUDY_ID)):
            kind = b"id" if patient[0] == PATIENT_ID else b"name"
            return b"study\0%b\0" % kind + joined(
                *patient, STUDY_DATE, STUDY_TIME, ACCESSION_NUMBER, STUDY_ID
            )
        if values.get(SERIES_INSTANCE_UID):
            return b"series\0" + joined(SERIES_INSTANCE_UID)
    if tag == SERIES_INSTANCE_UID and values.get(SERIES_NUMBER):
        return b"series\0" + joined(STUDY_INSTANCE_UID, MODALITY, SERIES_NUMBER)
    return b"content\0" + sha256(memoryview(original.buffer)[original.start : original.end]).digest()


class _TopLevel:
    """The top level of a data set: trimmed raw values of its elements, and the places of UIDs that it lacks."""

    _READ: Final = frozenset(
        {PATIENT_ID, ISSUER_OF_PATIENT_ID, PATIENT_NAME, PATIENT_BIRTH_DATE, STUDY_DATE, STUDY_TIME}
        | {ACCESSION_NUMBER, STUDY_ID, STUDY_INSTANCE_UID, SERIES_INSTANCE_UID, MODALITY, SERIES_NUMBER}
    )

    def __init__(self, encoded: Encoded, missing: tuple[int, ...]) -> None:
        self._encoded = encoded
        self._spans: dict[int, tuple[int, int]] = {}  # of the empty element, or of nothing where it belongs
        self.values: dict[int, bytes] = {}
        table = note_everything(explicit=encoded.explicit)
        events = walk(
            encoded.buffer,
            encoded.start,
            encoded.end,
            table,
            explicit=encoded.explicit,
            marks=tuple(sorted(missing)),
        )
        depth = 0
        for kind, start, value, end, tag in events:
            if kind == EventKind.SEQUENCE:
                depth += 1
            elif kind == EventKind.SEQUENCE_END:
                depth -= 1
            elif kind == EventKind.MARK:
                self._spans[tag] = (start, start)
            elif kind == EventKind.ELEMENT and not depth:
                if tag in self._READ:
                    self.values[tag] = bytes(encoded.buffer[value:end]).strip(b" \0")
                if tag in self._spans:
                    self._spans[tag] = (start, end)

    def with_uids(self, uids: Mapping[int, str]) -> Encoded:
        """Return the instance with these UIDs in their places."""
        encoded, at = self._encoded, self._encoded.start
        pieces: list[bytes | memoryview] = []
        whole = memoryview(encoded.buffer)
        for tag, (start, end) in sorted(self._spans.items()):
            pieces.append(whole[at:start])
            pieces.append(encode_element(tag, "UI", uids[tag].encode("latin-1"), explicit=encoded.explicit))
            at = end
        data = b"".join((*pieces, whole[at : encoded.end]))
        return Encoded(data, 0, len(data), encoded.transfer_syntax, encoded.form, rewritten=encoded.rewritten)
