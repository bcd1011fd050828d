"""Whether an instance may be released at all (design D6): what cannot be made safe is refused, with the reason."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from pydicom._uid_dict import UID_dictionary

from orthanc_deid.deid.pixels import suspicion
from orthanc_deid.deid.prescan import Harvest
from orthanc_deid.dicom.elements import Found, tag_at
from orthanc_deid.dicom.part10 import NATIVE, Encoded
from orthanc_deid.dicom.tags import (
    BITS_ALLOCATED,
    ENCAPSULATED_DOCUMENT,
    HIGH_BIT,
    MODALITY,
    PIXEL_DATA,
    PIXEL_REPRESENTATION,
    SOP_CLASS_UID,
    format_tag,
)
from orthanc_deid.dicom.top_level_values import peek
from orthanc_deid.dicom.uniform_tables import note_everything
from orthanc_deid.dicom.unread_samples import Look
from orthanc_deid.dicom.walker import walk
from orthanc_deid.errors import RefusedError
from orthanc_deid.profile.compile import CompiledProfile
from orthanc_deid.profile.options import Option
from orthanc_deid.standard.tables import iod_for, modality_sop_class

_FUNCTIONAL_GROUPS = 0x5200
_SUSPECTED = "suspected of burned-in text"
_HIDDEN = "bits above HighBit in use"


def sop_class(encoded: Encoded) -> str:
    """Return the SOP class, inferred from Modality for a bare data set without one (`modality_sop_class.csv`)."""
    found = peek(encoded, SOP_CLASS_UID)
    if found:
        return found
    _check_order(encoded)
    if encoded.form != "bare":
        raise RefusedError("no SOP Class UID", format_tag(SOP_CLASS_UID))
    inferred = modality_sop_class().get(peek(encoded, MODALITY) or "")
    if inferred is None:
        raise RefusedError("no SOP Class UID, and Modality does not tell it", format_tag(SOP_CLASS_UID))
    if _has_functional_groups(encoded):
        raise RefusedError("no SOP Class UID, and the data set is an enhanced one", format_tag(SOP_CLASS_UID))
    return inferred


def _check_order(encoded: Encoded) -> None:
    """Raise MalformedError for elements out of order, among which a look for one may miss it."""
    walk(
        encoded.buffer,
        encoded.start,
        encoded.end,
        note_everything(explicit=encoded.explicit),
        explicit=encoded.explicit,
    )


def _has_functional_groups(encoded: Encoded) -> bool:
    """Whether the data set is of an enhanced class, which Modality does not tell from its classic one."""
    table = note_everything(explicit=encoded.explicit)
    events = walk(encoded.buffer, encoded.start, encoded.end, table, explicit=encoded.explicit, ordered=False)
    groups = {tag_at(encoded.buffer, start) >> 16 for kind, start, *_ in events if kind == Found.SEQUENCE}
    return _FUNCTIONAL_GROUPS in groups


@dataclass(frozen=True, slots=True)
class Admitted:
    """`notes` for the report; `look`: what samples that nobody has read yet are still to be asked."""

    notes: tuple[str, ...]
    look: Look | None = None


def admit(found: Harvest, encoded: Encoded, compiled: CompiledProfile, *, named: bool) -> Admitted:
    """Tell how an instance may be released, as far as its header and the samples in memory tell.

    `named`: an instance rule of the profile admits it. Raises RefusedError for a private SOP class that nothing
    admits, an encapsulated document, a face that could be rebuilt, and suspicion of burned-in text.
    """
    sop_class_uid = found.first(SOP_CLASS_UID)
    notes = []
    if iod_for(sop_class_uid) is None:
        if sop_class_uid not in UID_dictionary and not named:
            raise RefusedError("private SOP class", format_tag(SOP_CLASS_UID))
        notes.append("no IOD")
    if ENCAPSULATED_DOCUMENT in found.places and compiled.profile.documents == "refuse":
        raise RefusedError("encapsulated document", format_tag(ENCAPSULATED_DOCUMENT))
    if Option.CLEAN_RECOGNIZABLE_VISUAL_FEATURES in compiled.options and suspicion.may_show_face(
        found.values
    ):
        raise RefusedError("volume from which a face could be rebuilt", format_tag(MODALITY))
    reason = suspicion.suspicion(found.values, encoded.transfer_syntax)
    in_use = _spare_bits(found, encoded) if reason is None else None
    if in_use is not None:
        if encoded.tail is None:
            reason = _HIDDEN if in_use(_samples(found, encoded)) else None
        elif not compiled.accepts_pixels(found.values):
            return Admitted(tuple(notes), partial(_refuse_hidden, in_use))
        elif any(map(in_use, encoded.tail.pieces())):
            reason = _HIDDEN
    if reason is not None:
        if not compiled.accepts_pixels(found.values):
            raise RefusedError(_SUSPECTED, reason)
        notes.append("burned-in text accepted by the profile")
    return Admitted(tuple(notes))


def _spare_bits(found: Harvest, encoded: Encoded) -> Callable[[memoryview], bool] | None:
    """Return what tells whether native samples use bits above High Bit; None where there are no such bits."""
    if PIXEL_DATA not in found.places or encoded.transfer_syntax not in NATIVE:
        return None
    try:
        allocated, high = int(found.first(BITS_ALLOCATED)), int(found.first(HIGH_BIT))
    except ValueError:
        return None
    signed = found.first(PIXEL_REPRESENTATION) == "1"
    return partial(suspicion.high_bits_in_use, bits_allocated=allocated, high_bit=high, signed=signed)


def _samples(found: Harvest, encoded: Encoded) -> memoryview:
    start, end = found.places[PIXEL_DATA]
    return memoryview(encoded.buffer)[start:end]


def _refuse_hidden(in_use: Callable[[memoryview], bool], samples: memoryview) -> None:
    if in_use(samples):
        raise RefusedError(_SUSPECTED, _HIDDEN)
