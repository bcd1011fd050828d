"""SOP class and UIDs that an original lacks, as `profile/RULES.md` ("Missing UIDs") says that it counts as having."""

from __future__ import annotations

import re
from collections.abc import Iterator
from hashlib import sha256

from pydicom.dataelem import RawDataElement

from orthanc_deid.config.key import Key
from orthanc_deid.dicom.slices import Slices
from orthanc_deid.dicom.tags import (
    ACCESSION_NUMBER,
    ISSUER_OF_PATIENT_ID,
    MEDIA_STORAGE_SOP_CLASS_UID,
    MEDIA_STORAGE_SOP_INSTANCE_UID,
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
from orthanc_deid.standard.tables import modality_sop_class
from orthanc_deid.verify.reading.instance import Instance
from orthanc_deid.verify.rules.expected_pseudonyms import keyed_uid

_PADDING = b" \0"
_DIGITS_AND_DOTS = re.compile(rb"[0-9]+(?:\.[0-9]+)+")


def complete(source: Instance, file: Slices, key: Key) -> str:
    """Put the SOP class and the UIDs that `source` lacks into its data set; return its SOP class, empty if unknown.

    `file`: the bytes of the original, before anything was inflated.
    """
    sop_class = source.text(SOP_CLASS_UID)
    if not sop_class:
        in_meta = source.meta.get(MEDIA_STORAGE_SOP_CLASS_UID, b"").strip(_PADDING).decode("latin-1")
        source.by_modality = not in_meta
        sop_class = in_meta or modality_sop_class().get(source.text(MODALITY), "")
        if sop_class:
            _add(source, SOP_CLASS_UID, sop_class.encode("latin-1"))
    if not source.text(SOP_INSTANCE_UID):
        uid = source.meta.get(MEDIA_STORAGE_SOP_INSTANCE_UID, b"").strip(_PADDING)
        if _DIGITS_AND_DOTS.fullmatch(uid) is None:
            uid = _keyed(SOP_INSTANCE_UID, _content(source, file), key)
        _add(source, SOP_INSTANCE_UID, uid)
    if not source.text(STUDY_INSTANCE_UID):
        shared = _of_study(source) or _content(source, file)
        _add(source, STUDY_INSTANCE_UID, _keyed(STUDY_INSTANCE_UID, shared, key))
    if not source.text(SERIES_INSTANCE_UID):
        shared = _of_series(source) or _content(source, file)
        _add(source, SERIES_INSTANCE_UID, _keyed(SERIES_INSTANCE_UID, shared, key))
    return sop_class


def _add(source: Instance, tag: int, uid: bytes) -> None:
    explicit, little = source.encoding.explicit, source.encoding.little
    vr = "UI" if explicit else None
    source.data_set.elements[tag] = RawDataElement(tag, vr, len(uid), uid, 0, not explicit, little)  # type: ignore[arg-type]


def _keyed(tag: int, message: bytes, key: Key) -> bytes:
    return keyed_uid(key, f"{tag:08X}".encode() + b"\0" + message)


def _values(source: Instance, *tags: int) -> Iterator[bytes]:
    """Yield the values of top-level elements as they are written, without padding; nothing for a missing one."""
    level = source.data_set
    for tag in tags:
        yield source.value(level, tag).strip(_PADDING) if tag in level.elements else b""


def _of_study(source: Instance) -> bytes:
    """Return what the files of a study have in common, empty where that is not known."""
    patient_id, issuer, name, birth_date = _values(
        source, PATIENT_ID, ISSUER_OF_PATIENT_ID, PATIENT_NAME, PATIENT_BIRTH_DATE
    )
    date, time, accession, study_id = _values(source, STUDY_DATE, STUDY_TIME, ACCESSION_NUMBER, STUDY_ID)
    (series,) = _values(source, SERIES_INSTANCE_UID)
    patient = (b"id", patient_id, issuer) if patient_id else (b"name", name, birth_date)
    if patient[1] and (date or accession or study_id):
        return b"\0".join((b"study", *patient, date, time, accession, study_id))
    return b"series\0" + series if series else b""


def _of_series(source: Instance) -> bytes:
    """Return what the files of a series have in common, empty where that is not known."""
    study, modality, number = _values(source, STUDY_INSTANCE_UID, MODALITY, SERIES_NUMBER)
    return b"\0".join((b"series", study, modality, number)) if number else b""


def _content(source: Instance, file: Slices) -> bytes:
    """Return the digest of the data set as the file has it."""
    digest = sha256()
    for piece in file.between(source.meta_end, len(file)):
        digest.update(piece)
    return b"content\0" + digest.digest()
