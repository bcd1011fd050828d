"""De-identify one instance: find it, walk it, decide, change, and put the slices together (design D1 to D3).

`Deidentifier(profile, key).run(data)` is the whole engine; `deidentify` the same for a single call.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import lru_cache
from hashlib import sha256
from typing import BinaryIO

from orthanc_deid.config.key import Key
from orthanc_deid.deid.admission import admit, sop_class
from orthanc_deid.deid.changes import Changes
from orthanc_deid.deid.edits import Edits
from orthanc_deid.deid.element_encoder import encode_element
from orthanc_deid.deid.element_steps import GATHERED, Step
from orthanc_deid.deid.plan import Plan
from orthanc_deid.deid.prescan import Harvest, harvest
from orthanc_deid.deid.retained_values import staying
from orthanc_deid.deid.stamps import is_basic
from orthanc_deid.deid.subject import Subject
from orthanc_deid.deid.uids import keyed_uid
from orthanc_deid.dicom.elements import MalformedError
from orthanc_deid.dicom.file_meta import file_head
from orthanc_deid.dicom.part10 import DEFLATED_EXPLICIT_VR_LITTLE_ENDIAN, NATIVE, Encoded, locate
from orthanc_deid.dicom.partial_file import Data, PartlyRead
from orthanc_deid.dicom.reencode import inflate, rewrite
from orthanc_deid.dicom.sample_changes import SampleChange
from orthanc_deid.dicom.slices import Slices
from orthanc_deid.dicom.tags import (
    PATIENT_ID,
    PATIENT_NAME,
    PIXEL_DATA,
    SERIES_INSTANCE_UID,
    SOP_CLASS_UID,
    SOP_INSTANCE_UID,
    STUDY_INSTANCE_UID,
    format_tag,
)
from orthanc_deid.dicom.unread_samples import Look
from orthanc_deid.errors import RefusedError
from orthanc_deid.profile.compile import PSEUDONYM, CompiledProfile, Level
from orthanc_deid.profile.model import Profile

_UIDS = (SOP_INSTANCE_UID, STUDY_INSTANCE_UID, SERIES_INSTANCE_UID)


@dataclass(frozen=True, slots=True)
class Deidentified:
    """A de-identified instance that nobody has verified yet.

    `output`: a complete Part 10 file; `bytes(result)` and `result.write_to(file)` give it, or raise what is found in
    samples that were not read before (`Slices.runs`). `profile`: the one that was applied, where instance rules
    route. `done`: the steps that changed an element, in order. `notes`: what a report should say, without values.
    `replaced_uids`, `patient_ids`: old to new, for a mapping on request. `sample_changes`: the regions of the image
    whose samples the engine claims to have overwritten, for the verifier to check; all others are unchanged.
    """

    output: Slices
    profile: Profile
    done: tuple[Step, ...]
    notes: tuple[str, ...]
    replaced_uids: Mapping[str, str] = field(repr=False)
    patient_ids: tuple[str, str] = field(repr=False)
    sample_changes: tuple[SampleChange, ...] = ()

    def actions(self) -> Mapping[tuple[str, str], int]:
        """Return how many elements were changed, by (action, rule)."""
        return Counter((step.rule.action.value, step.rule.name) for step in self.done)

    def __bytes__(self) -> bytes:
        return bytes(self.output)

    def __len__(self) -> int:
        return len(self.output)

    def write_to(self, file: BinaryIO) -> None:
        """Write the output to `file`, which is open for binary writing."""
        self.output.write_to(file)


class Deidentifier:
    """The engine with a profile and a key; what it learned of the profile serves the next instance."""

    def __init__(self, profile: CompiledProfile, key: Key) -> None:
        self.plan = Plan(profile)
        self.key = key

    def run(self, data: Data) -> Deidentified:
        """De-identify the instance in `data`: a Part 10 file or a bare data set.

        Raises NotDicomError for what is no composite instance and RefusedError for what cannot be made safe. Of a
        partly read file the samples are looked at while the output is written, which then may raise RefusedError.
        """
        if isinstance(data, PartlyRead):
            with suppress(MalformedError, RefusedError):  # whether it is so, the whole tells
                return self._run(_head_of(data), self.plan)
            data = data.whole()
        return self._run(locate(data), self.plan)

    def _run(self, encoded: Encoded, plan: Plan) -> Deidentified:
        encoded = _readable(encoded)
        try:
            return self._apply(encoded, plan)
        except MalformedError as error:
            if encoded.tail is not None:
                raise
            stumbled = error.position
        encoded = _without_trailing_zeros(encoded, stumbled) or rewrite(encoded)
        try:
            return self._apply(encoded, plan)
        except MalformedError:
            raise RefusedError("unreadable: neither the walker nor pydicom understands it") from None

    def _apply(self, encoded: Encoded, plan: Plan, sop_class_uid: str = "") -> Deidentified:
        sop_class_uid = sop_class_uid or encoded.sop_class_uid or sop_class(encoded)
        compiled, explicit = plan.compiled, encoded.explicit
        found = Harvest()
        top_level = plan.top_level(sop_class_uid, explicit=explicit, gathers=True)
        events = top_level.walk(encoded.buffer, encoded.start, encoded.end, found.heaps)
        harvest(found, encoded.buffer, events)
        if encoded.tail is not None and found.places.get(PIXEL_DATA) != (len(encoded.buffer), encoded.end):
            raise MalformedError("what is not read is not the value of Pixel Data")
        if found.first(SOP_CLASS_UID) != sop_class_uid and (told := sop_class(encoded)) != sop_class_uid:
            return self._apply(encoded, plan, told)  # the file meta information says another one
        inferred = {} if found.first(SOP_CLASS_UID) else {SOP_CLASS_UID: sop_class_uid}
        found.values[SOP_CLASS_UID] = (sop_class_uid,)
        routed = compiled.route(found.values)
        if routed is not None and routed is not compiled:
            return self._run(encoded, _plan_of(routed))
        admitted = admit(found, encoded, compiled, named=routed is not None)
        missing = _missing_uids(found, encoded, self.key) | inferred
        found.values.update((tag, (uid,)) for tag, uid in missing.items())
        subject = Subject.of(found, compiled, self.key)
        stay = staying(found.heaps, subject.identity)
        if len(stay) < len(GATHERED):
            top_level = plan.top_level(sop_class_uid, explicit=explicit, gathers=False)
            events = top_level.walk(encoded.buffer, encoded.start, encoded.end)
        changes = Changes(encoded, plan, subject, found, self.key)
        level = compiled.level(sop_class_uid)
        lacking = _insertions(found, subject, missing, level, explicit=explicit)
        stamped = plan.stamps[is_basic(compiled, found.values), explicit]
        edits = changes.make(events, stamped | lacking, stay)
        head = file_head(sop_class_uid, changes.sop_instance_uid, encoded.transfer_syntax)
        return Deidentified(
            output=_output(encoded, edits, head, admitted.look),
            profile=compiled.profile,
            done=tuple(changes.done),
            notes=admitted.notes,
            replaced_uids=changes.uids.old_to_new,
            patient_ids=(found.first(PATIENT_ID), subject.patient_id),
        )


def _head_of(data: PartlyRead) -> Encoded:
    """Return the instance with an unread tail; MalformedError where its encoding may not end with native samples."""
    encoded = locate(data.head)
    if encoded.form != "part10" or encoded.transfer_syntax not in NATIVE:
        raise MalformedError("no native samples")
    return replace(encoded, end=len(data), tail=data.tail)


def _output(encoded: Encoded, edits: Edits, head: bytes, look: Look | None) -> Slices:
    if encoded.tail is None:
        return Slices(edits.assemble(encoded.start, encoded.end, head))
    read = len(encoded.buffer)
    if edits.reach() > read:
        raise MalformedError("what is not read is to be changed")
    tail = encoded.tail if look is None else encoded.tail.watched(look)
    return Slices(edits.assemble(encoded.start, read, head), tail)


@lru_cache(maxsize=16)
def _deidentifier(profile: CompiledProfile, key: Key) -> Deidentifier:
    return Deidentifier(profile, key)


def deidentify(data: Data, profile: CompiledProfile, key: Key) -> Deidentified:
    """De-identify one instance; see `Deidentifier.run`. The same input, profile and key give the same bytes."""
    return _deidentifier(profile, key).run(data)


def _readable(encoded: Encoded) -> Encoded:
    if not encoded.needs_rewriting:
        return encoded
    deflated = encoded.transfer_syntax == DEFLATED_EXPLICIT_VR_LITTLE_ENDIAN
    return inflate(encoded) if deflated else rewrite(encoded)


def _without_trailing_zeros(encoded: Encoded, position: int) -> Encoded | None:
    """Return the instance without zeros behind its last element, where that is all that stands at `position`."""
    if position < 0 or any(memoryview(encoded.buffer)[position : encoded.end]):
        return None
    return replace(encoded, end=position)


def _missing_uids(found: Harvest, encoded: Encoded, key: Key) -> dict[int, str]:
    """Return new UIDs for a bare data set that lacks them, keyed by its content.

    Raises RefusedError where a Part 10 file lacks one: nobody could tell what its references mean.
    """
    missing = [tag for tag in _UIDS if not found.first(tag)]
    if not missing:
        return {}
    if encoded.form != "bare":
        raise RefusedError("no UID of the instance", format_tag(missing[0]))
    content = sha256(memoryview(encoded.buffer)[encoded.start : encoded.end]).digest()
    return {tag: keyed_uid(key.digest("uid", b"%08X" % tag + content)) for tag in missing}


@lru_cache(maxsize=64)
def _plan_of(routed: CompiledProfile) -> Plan:
    return Plan(routed)


def _insertions(
    found: Harvest, subject: Subject, missing: Mapping[int, str], level: Level, *, explicit: bool
) -> dict[int, bytes]:
    """Return the elements that the instance needs and lacks, encoded, by tag.

    The pseudonyms are among them unless an explicit rule says what becomes of the attribute.
    """
    lacking = {
        tag: encode_element(tag, "UI", uid.encode(), explicit=explicit) for tag, uid in missing.items()
    }
    for tag, vr, text in ((PATIENT_NAME, "PN", subject.patient_name), (PATIENT_ID, "LO", subject.patient_id)):
        if tag not in found.present and level.rule(tag, vr).name == PSEUDONYM:
            lacking[tag] = encode_element(tag, vr, text.encode("ascii"), explicit=explicit)
    return lacking
