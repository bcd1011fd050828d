"""The SOP class of an instance: that of its data set, or of its file meta information, or implied by Modality."""

from __future__ import annotations

from functools import lru_cache

from pydicom._uid_dict import UID_dictionary

from orthanc_deid.dicom.elements import EventKind, tag_at
from orthanc_deid.dicom.part10 import MEDIA_STORAGE_DIRECTORY, Encoded
from orthanc_deid.dicom.tags import (
    MODALITY,
    SCHEDULED_PROCEDURE_STEP_SEQUENCE,
    SOP_CLASS_UID,
    format_tag,
)
from orthanc_deid.dicom.top_level_values import top_level_value
from orthanc_deid.dicom.uniform_tables import note_everything
from orthanc_deid.dicom.walker import walk
from orthanc_deid.errors import NotDicomError, RefusedError
from orthanc_deid.standard.tables import modality_sop_class

_FUNCTIONAL_GROUPS = 0x5200


def find_sop_class(encoded: Encoded) -> str:
    """Return the SOP Class UID of the data set; where it has none, that of the file meta information.

    Without either it is inferred from Modality (`modality_sop_class.csv`). Raises RefusedError where there is none,
    NotDicomError for an entry of a worklist, and MalformedError where elements are out of order, so that the
    attribute may stand elsewhere.
    """
    stated = top_level_value(encoded, SOP_CLASS_UID)
    if stated:
        return stated
    _check_order(encoded)
    if encoded.sop_class_uid:
        return encoded.sop_class_uid
    sequences = _sequences(encoded)
    if SCHEDULED_PROCEDURE_STEP_SEQUENCE in sequences:
        raise NotDicomError("an entry of a worklist is no instance")
    inferred = modality_sop_class().get(top_level_value(encoded, MODALITY) or "")
    if inferred is None:
        raise RefusedError("no SOP Class UID, and none follows from Modality", format_tag(SOP_CLASS_UID))
    if any(tag >> 16 == _FUNCTIONAL_GROUPS for tag in sequences):
        raise RefusedError("no SOP Class UID, and the data set is an enhanced one", format_tag(SOP_CLASS_UID))
    return inferred


@lru_cache(maxsize=64)
def check_is_instance(sop_class_uid: str) -> None:
    """Raise NotDicomError for a SOP class of PS3.6 whose objects are not stored: a DICOMDIR, a worklist, a query."""
    name = UID_dictionary.get(sop_class_uid, ("",))[0]
    if sop_class_uid == MEDIA_STORAGE_DIRECTORY:
        raise NotDicomError("a DICOMDIR is no instance")
    if name and ("Storage Commitment" in name or not ("Storage" in name or "Real-Time" in name)):
        raise NotDicomError("the SOP class is none of instances")


def _check_order(encoded: Encoded) -> None:
    table = note_everything(explicit=encoded.explicit)
    walk(encoded.buffer, encoded.start, encoded.end, table, explicit=encoded.explicit)


def _sequences(encoded: Encoded) -> set[int]:
    """Return the tags of the sequences in the data set, at every depth."""
    table = note_everything(explicit=encoded.explicit)
    events = walk(encoded.buffer, encoded.start, encoded.end, table, explicit=encoded.explicit, ordered=False)
    return {tag_at(encoded.buffer, start) for kind, start, *_ in events if kind == EventKind.SEQUENCE}
