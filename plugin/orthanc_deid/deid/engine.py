"""De-identification of one instance: locate, prescan, admit, change, assemble (D1 to D3 in docs/architecture.md).

`Deidentifier(profile, key).run(data)` is the whole engine; `deidentify` does the same in a single call.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import lru_cache, partial
from operator import attrgetter
from typing import BinaryIO, NamedTuple

from orthanc_deid.config.key import Key
from orthanc_deid.deid.admission import Admission, Verdict, admit
from orthanc_deid.deid.bound_attributes import without_bound
from orthanc_deid.deid.changes import Changes
from orthanc_deid.deid.edits import Edits
from orthanc_deid.deid.element_encoder import encode_element
from orthanc_deid.deid.element_steps import GATHERED_ACTS, ElementStep, Gathered
from orthanc_deid.deid.missing_uids import completed, missing_tags
from orthanc_deid.deid.pixels.image_shape import ImageShape
from orthanc_deid.deid.pixels.region_rules import rule_regions
from orthanc_deid.deid.plan import Plan
from orthanc_deid.deid.prescan import Prescan, prescan_values
from orthanc_deid.deid.retained_values import numbers_may_go, unchanged_acts
from orthanc_deid.deid.sop_class import check_is_instance, find_sop_class
from orthanc_deid.deid.stamps import is_basic
from orthanc_deid.deid.subject import Subject
from orthanc_deid.deid.tiled_images import TILES_LOST, lost_tiles, untiled
from orthanc_deid.deid.unread_items import with_items
from orthanc_deid.deid.written_over import WrittenOver, image_values, written_over
from orthanc_deid.dicom.elements import Event, MalformedError
from orthanc_deid.dicom.file_meta import file_head
from orthanc_deid.dicom.mended_encoding import FAULTS, MENDED, mended
from orthanc_deid.dicom.part10 import DEFLATED_EXPLICIT_VR_LITTLE_ENDIAN, NATIVE, Encoded, locate
from orthanc_deid.dicom.partial_file import Data, PartlyRead
from orthanc_deid.dicom.reencode import inflate, rewrite
from orthanc_deid.dicom.sample_changes import SampleChange
from orthanc_deid.dicom.slices import Slices
from orthanc_deid.dicom.tags import PATIENT_ID, PATIENT_NAME, PIXEL_DATA, SOP_CLASS_UID, SOP_INSTANCE_UID
from orthanc_deid.dicom.unread_samples import SampleCheck
from orthanc_deid.dicom.walk_cache import CachedEvents
from orthanc_deid.errors import RefusedError
from orthanc_deid.profile.action import Action
from orthanc_deid.profile.compile import CompiledProfile, Level
from orthanc_deid.profile.fixed_rules import PSEUDONYM
from orthanc_deid.profile.model import Limits, Profile
from orthanc_deid.profile.pixel_settings import PixelRule

_ACTION_AND_RULE = attrgetter("rule.action", "rule.name")


@dataclass(frozen=True, slots=True)
class Deidentified:
    """A de-identified instance that is not verified yet.

    `output`: a complete Part 10 file, in a transfer syntax of its own; `bytes(result)` and `result.write_to(file)`
    return and write it, or raise RefusedError for samples that are only read then (`Slices.runs`). `profile`: the one
    that was applied, after routing. `done`: the steps that changed an element, in order. `notes`: facts for the
    report, without values.
    `replaced_uids`, `patient_ids`: old to new, for a mapping on request. `sample_changes`: the regions of the image
    whose samples the engine claims to have overwritten, for the verifier to check; all others are unchanged.
    """

    output: Slices
    profile: Profile
    done: tuple[ElementStep, ...]
    notes: tuple[str, ...]
    replaced_uids: Mapping[str, str] = field(repr=False)
    patient_ids: tuple[str, str] = field(repr=False)
    sample_changes: tuple[SampleChange, ...] = ()

    def actions(self) -> Mapping[tuple[str, str], int]:
        """Return how many elements were changed, by (action, rule)."""
        counted = Counter(map(_ACTION_AND_RULE, self.done))
        return {(action.value, rule): number for (action, rule), number in counted.items()}

    def __bytes__(self) -> bytes:
        return bytes(self.output)

    def __len__(self) -> int:
        return len(self.output)

    def write_to(self, file: BinaryIO) -> None:
        """Write the output to `file`, which is open for binary writing."""
        self.output.write_to(file)


class _Resolved(NamedTuple):
    """An instance whose SOP class and profile are known, with the events and prescan of that profile's walk.

    `named`: an instance rule of the profile admits the instance. `stated`: the data set states its SOP class.
    """

    plan: Plan
    sop_class_uid: str
    prescan: Prescan
    events: Sequence[Event]
    named: bool
    stated: bool


class Deidentifier:
    """The engine with a profile and a key. The tables that it builds for the profile serve the next instance."""

    def __init__(self, profile: CompiledProfile, key: Key) -> None:
        self.plan = Plan(profile)
        self.key = key

    def run(self, data: Data) -> Deidentified:
        """De-identify the instance in `data`: a Part 10 file or a bare data set.

        Raises NotDicomError for data that is no composite instance and RefusedError for an instance that cannot be
        made safe. The samples of a partly read file are checked while the output is written, which may then raise
        RefusedError as well.
        """
        if isinstance(data, PartlyRead):
            with suppress(MalformedError, RefusedError):  # the whole file may still be de-identified
                return self._run(_head_of(data))
            data = data.whole()
        return self._run(locate(data))

    def _run(self, located: Encoded) -> Deidentified:
        try:
            return self._run_as_encoded(located, located)
        except RefusedError as refusal:
            again = mended(located) if refusal.rule in FAULTS else None
            if again is None:
                raise
            done = self._run_as_encoded(again, located)
        notes = list(done.notes)
        notes.append(MENDED)
        return replace(done, notes=tuple(notes))

    def _run_as_encoded(self, found: Encoded, located: Encoded) -> Deidentified:
        """De-identify an instance; `found` is it, perhaps with a fault of its encoding corrected."""
        encoded = _readable(found, self.plan.compiled.profile.limits)
        try:
            return self._deidentify(encoded, located)
        except MalformedError as error:
            if encoded.tail is not None:
                raise
            position = error.position
        encoded = _without_trailing_zeros(encoded, position) or rewrite(encoded)
        try:
            return self._deidentify(encoded, located)
        except MalformedError:
            raise RefusedError("unreadable: neither the walker nor pydicom understands it") from None

    def _deidentify(self, encoded: Encoded, located: Encoded) -> Deidentified:
        resolved = self._resolve(encoded)
        notes: tuple[str, ...] = ()
        missing = missing_tags(resolved.prescan, sop_class_stated=resolved.stated)
        if missing:
            encoded, notes = completed(encoded, located, missing, resolved.sop_class_uid, self.key)
            resolved = self._resolve(encoded)
        return self._apply(encoded, resolved, notes)

    def _resolve(self, encoded: Encoded) -> _Resolved:
        """Find the SOP class and the profile that apply.

        Raises RefusedError where an instance rule refuses, and NotDicomError for what is no instance.

        Each candidate needs a walk of its own: the tables depend on both. Nearly always the first one is right.
        """
        sop_class_uid = encoded.sop_class_uid or find_sop_class(encoded)
        plan = self.plan
        while True:
            prescan, events = _walked(encoded, plan, sop_class_uid)
            stated = prescan.first(SOP_CLASS_UID)
            if stated != sop_class_uid and (found := stated or find_sop_class(encoded)) != sop_class_uid:
                sop_class_uid = found  # the file meta information names another one
                continue
            check_is_instance(sop_class_uid)
            prescan.values[SOP_CLASS_UID] = (sop_class_uid,)
            routed = plan.compiled.route(prescan.values)
            if routed is None or routed is plan.compiled:
                return _Resolved(plan, sop_class_uid, prescan, events, routed is not None, bool(stated))
            plan = _plan_of(routed)

    def _apply(self, encoded: Encoded, resolved: _Resolved, notes: tuple[str, ...]) -> Deidentified:
        admission = admit(resolved.prescan, encoded, resolved.plan.compiled, named=resolved.named)
        if admission.verdict is Verdict.REFUSED:
            raise RefusedError(admission.rule, admission.where)
        if admission.regions is None:
            return self._changed(encoded, resolved, admission, notes)
        cleaned, resolved = _cleaned(encoded, resolved, admission.regions, self.key)
        found = self._changed(cleaned.encoded, resolved, admission, (*notes, *cleaned.notes))
        return replace(found, sample_changes=cleaned.claims)

    def _changed(
        self, encoded: Encoded, resolved: _Resolved, admission: Admission, notes: tuple[str, ...]
    ) -> Deidentified:
        plan, prescan, events = resolved.plan, resolved.prescan, resolved.events
        compiled, explicit, sop_class_uid = plan.compiled, encoded.explicit, resolved.sop_class_uid
        subject = Subject.of(prescan, compiled, self.key)
        unchanged = unchanged_acts(prescan.gathered, subject.identity, compiled.profile.ages.limit)
        numbers = prescan.gathered[Gathered.BINARY]
        if len(unchanged) < len(GATHERED_ACTS) or (numbers and numbers_may_go(numbers, subject.identity)):
            events = _noted(encoded, resolved)
        changes = Changes(encoded, plan, subject, prescan, self.key)
        lacking = _insertions(prescan, subject, compiled.level(sop_class_uid), explicit=explicit)
        stamps = plan.stamps[is_basic(compiled, prescan.values), explicit]
        edits = changes.make(events, stamps | lacking, unchanged)
        lost = lost_tiles(prescan.values, encoded.buffer, events, edits)
        if lost or changes.gone:
            if changes.gone:  # what is bound to it may not be among the noted elements
                events = without_bound(_noted(encoded, resolved), changes.gone, changes.case)
            changes = Changes(encoded, plan, subject, prescan, self.key)
            changes.lost_tiles = lost
            edits = changes.make(untiled(events) if lost else events, stamps | lacking, unchanged)
            if lost:
                changes.notes.append(TILES_LOST)
        head = file_head(sop_class_uid, changes.sop_instance_uid, encoded.transfer_syntax)
        return Deidentified(
            output=_output(encoded, edits, head, admission.sample_check),
            profile=compiled.profile,
            done=tuple(changes.done),
            notes=(*notes, *admission.notes, *changes.notes),
            replaced_uids=changes.uids.old_to_new,
            patient_ids=(prescan.first(PATIENT_ID), subject.patient_id),
        )


def _walked(encoded: Encoded, plan: Plan, sop_class_uid: str) -> tuple[Prescan, Sequence[Event]]:
    """Return the prescan and the events of the walk for a profile and a SOP class."""
    prescan = Prescan()
    walk = plan.top_level(
        sop_class_uid, explicit=encoded.explicit, gathers=True, rewritten=encoded.rewritten
    ).walk
    events = walk(encoded.buffer, encoded.start, encoded.end, prescan.gathered)
    prescan_values(prescan, encoded.buffer, events)
    _check_limits(prescan, events, plan.compiled.profile.limits)
    if prescan.has_unread_items:
        events = with_items(encoded.buffer, events, plan)
        prescan = Prescan(gathered=prescan.gathered, has_unread_items=True)
        prescan_values(prescan, encoded.buffer, events)
        _check_limits(prescan, events, plan.compiled.profile.limits)
    _check_tail(prescan, encoded)
    return prescan, events


def _cleaned(
    encoded: Encoded, resolved: _Resolved, rule: PixelRule, key: Key
) -> tuple[WrittenOver, _Resolved]:
    """Return the instance with the regions of a rule written over; conditions still see the original's values."""
    before, plan = resolved.prescan, resolved.plan
    level = plan.compiled.level(resolved.sop_class_uid)
    keeps_uid = level.rule(SOP_INSTANCE_UID, "UI").action is Action.K
    values = image_values(encoded)
    changes = rule_regions(rule, ImageShape.of(values), values, encoded)
    cleaned = written_over(encoded, values, before.positions, changes, key if keeps_uid else None)
    prescan, events = _walked(cleaned.encoded, plan, resolved.sop_class_uid)
    own_uid = {SOP_INSTANCE_UID: prescan.values.get(SOP_INSTANCE_UID, ())}
    prescan.values.update(before.values | own_uid)
    return cleaned, resolved._replace(prescan=prescan, events=events)


def _noted(encoded: Encoded, resolved: _Resolved) -> Sequence[Event]:
    """Return the events of a walk that notes every element whose value is to be looked at, and gathers none."""
    walk = resolved.plan.top_level(
        resolved.sop_class_uid, explicit=encoded.explicit, gathers=False, rewritten=encoded.rewritten
    ).walk
    if resolved.prescan.has_unread_items:
        return with_items(encoded.buffer, walk(encoded.buffer, encoded.start, encoded.end), resolved.plan)
    find = partial(walk, encoded.buffer, encoded.start, encoded.end)
    events = resolved.events
    return events.once(_noted, find) if isinstance(events, CachedEvents) else find()


def _head_of(data: PartlyRead) -> Encoded:
    """Return the instance with an unread tail; MalformedError where its encoding may not end with native samples."""
    encoded = locate(data.head)
    if encoded.form != "part10" or encoded.transfer_syntax not in NATIVE:
        raise MalformedError("no native samples")
    return replace(encoded, end=len(data), tail=data.tail)


def _check_tail(prescan: Prescan, encoded: Encoded) -> None:
    """Raise MalformedError where the unread end of a file is not just the value of Pixel Data."""
    if encoded.tail is not None and prescan.positions.get(PIXEL_DATA) != (len(encoded.buffer), encoded.end):
        raise MalformedError("the unread bytes are not the value of Pixel Data")


def _output(encoded: Encoded, edits: Edits, head: bytes, check: SampleCheck | None) -> Slices:
    if encoded.tail is None:
        return Slices(edits.assemble(encoded.start, encoded.end, head))
    read = len(encoded.buffer)
    if edits.reach() > read:
        raise MalformedError("a change reaches into the unread bytes")
    tail = encoded.tail if check is None else encoded.tail.checked_by(check)
    return Slices(edits.assemble(encoded.start, read, head), tail)


@lru_cache(maxsize=16)
def _deidentifier(profile: CompiledProfile, key: Key) -> Deidentifier:
    return Deidentifier(profile, key)


def deidentify(data: Data, profile: CompiledProfile, key: Key) -> Deidentified:
    """De-identify one instance; see `Deidentifier.run`. The same input, profile and key give the same bytes."""
    return _deidentifier(profile, key).run(data)


def _readable(encoded: Encoded, limits: Limits) -> Encoded:
    if not encoded.needs_rewriting:
        return encoded
    deflated = encoded.transfer_syntax == DEFLATED_EXPLICIT_VR_LITTLE_ENDIAN
    return inflate(encoded, limits.inflated << 20) if deflated else rewrite(encoded)


def _check_limits(prescan: Prescan, events: Sequence[Event], limits: Limits) -> None:
    """Raise RefusedError for an instance that would cost more than the profile allows."""
    if len(events) > limits.elements:
        raise RefusedError("more elements than the limit")
    if len(prescan.identity) > limits.identities and len(set(prescan.identity)) > limits.identities:
        raise RefusedError("more identifying values than the limit")


def _without_trailing_zeros(encoded: Encoded, position: int) -> Encoded | None:
    """Return the instance without the zeros after its last element; None where anything else follows `position`."""
    if position < 0 or any(memoryview(encoded.buffer)[position : encoded.end]):
        return None
    return replace(encoded, end=position)


@lru_cache(maxsize=64)
def _plan_of(routed: CompiledProfile) -> Plan:
    return Plan(routed)


def _insertions(prescan: Prescan, subject: Subject, level: Level, *, explicit: bool) -> dict[int, bytes]:
    """Return the pseudonyms that the instance lacks, as encoded elements by tag.

    An attribute that an explicit rule of the profile decides about is not among them.
    """
    return {
        tag: encode_element(tag, vr, text.encode("ascii"), explicit=explicit)
        for tag, vr, text in (
            (PATIENT_NAME, "PN", subject.patient_name),
            (PATIENT_ID, "LO", subject.patient_id),
        )
        if tag not in prescan.present and level.rule(tag, vr).name == PSEUDONYM
    }
