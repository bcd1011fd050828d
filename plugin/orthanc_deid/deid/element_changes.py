"""The change of one element that is no sequence, by the act of its step."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, ClassVar, TypeAlias

from orthanc_deid.bounded_cache import LONGEST
from orthanc_deid.config.key import Key
from orthanc_deid.deid.changed_elements import changed_date_element, derived_identifier
from orthanc_deid.deid.changed_texts import cleaned_value, encoded_texts
from orthanc_deid.deid.changed_values import (
    cleaned_text,
    collapsed_age,
    encode_value,
)
from orthanc_deid.deid.edits import Edits
from orthanc_deid.deid.element_encoder import encode_element
from orthanc_deid.deid.element_steps import Act, ElementStep
from orthanc_deid.deid.geometry_numbers import is_no_window, repaired_numbers, says_no_number
from orthanc_deid.deid.plan import Plan
from orthanc_deid.deid.prescan import Prescan, decode_or_latin1
from orthanc_deid.deid.replaced_uids import ReplacedUids
from orthanc_deid.deid.retained_values import (
    are_numbers,
    are_registered,
    are_uids,
    hold_integer,
    holds_identity,
    holds_old_age,
    kept_words,
)
from orthanc_deid.deid.structural_values import are_terms, is_only_value, may_be_terms
from orthanc_deid.deid.subject import Subject
from orthanc_deid.deid.text.kept_text import kept_code, kept_text
from orthanc_deid.deid.text.structure_names import is_structure_name, replaced_name
from orthanc_deid.deid.tiled_images import without_tiles
from orthanc_deid.deid.uid_forms import without_uids
from orthanc_deid.deid.uids import UidMap
from orthanc_deid.deid.unread_values import may_stay_unread
from orthanc_deid.dicom import character_sets
from orthanc_deid.dicom.part10 import Encoded
from orthanc_deid.dicom.tags import SOP_INSTANCE_UID, format_tag, is_private
from orthanc_deid.errors import RefusedError
from orthanc_deid.profile.conditions import holds
from orthanc_deid.standard.tables import structure_label_tags

REMOVED_UNREAD = "private element removed as nothing states its VR"
"""A note: the site may state the VR in `private_safe`."""

_IDENTIFYING = "identifying value found"

ElementHandler: TypeAlias = "Callable[[Any, int, int, int, ElementStep], None]"
"""(changes, start, value, end, step) of an ELEMENT event; changes: the `ElementChanges` that apply it."""


class ElementChanges:
    """The changes of single elements of one instance; `Changes` adds those of sequences and private elements.

    `lost_tiles`: values that Image Type must not have (`tiled_images`). `notes`: facts for the report. `done`: the
    steps that changed an element. `gone`: what others are bound to and went (`bound_attributes`).
    `sop_instance_uid`: the new one. `uids`: the UIDs that were replaced.
    """

    def __init__(self, encoded: Encoded, plan: Plan, subject: Subject, prescan: Prescan, key: Key) -> None:
        self.buffer = encoded.buffer
        self.tail = encoded.tail
        self.data_set_start = encoded.start
        self.transfer_syntax = encoded.transfer_syntax
        self.plan = plan
        self.profile = plan.compiled.profile
        self.subject = subject
        self.prescan = prescan
        self.key = key
        self.uids = UidMap(key)
        self.done: list[ElementStep] = []
        self.notes: list[str] = []
        self.lost_tiles: frozenset[str] = frozenset()
        self.gone: dict[int, set[int]] = {}
        self.edits = Edits(encoded.buffer)
        self.sop_instance_uid = prescan.first(SOP_INSTANCE_UID)
        self._terms = character_sets.DEFAULT
        self._insertions: Mapping[int, bytes] = {}
        self._unchanged: frozenset[int] = frozenset()
        self._replaced_uids = ReplacedUids(encoded, plan.compiled, prescan.values)

    def _element(self, start: int, value: int, end: int, step: ElementStep) -> None:
        self._HANDLERS[step.act](self, start, value, end, step)

    def _put(self, start: int, end: int, step: ElementStep, value: bytes, vr: str = "") -> None:
        new = encode_element(step.tag, vr or step.vr, value, explicit=step.explicit)
        self.edits.replace(start, end, new)
        self.done.append(step)

    def _keep(self, start: int, value: int, end: int, step: ElementStep) -> None:
        """Keep the element, unless it is empty and its MARK inserted another one."""
        if value == end and not step.level.path and step.tag in self._insertions:
            self.edits.replace(start, end, b"")

    def _remove(self, start: int, value: int, end: int, step: ElementStep) -> None:
        self.edits.replace(start, end, b"")
        self.done.append(step)

    def _replace(self, start: int, value: int, end: int, step: ElementStep) -> None:
        if value < end:
            self.edits.replace(start, end, step.replacement)
            self.done.append(step)

    def _give(self, start: int, value: int, end: int, step: ElementStep) -> None:
        if step.rule.value is not None:
            self._put(start, end, step, encode_value(step.vr, step.rule.value, self._terms))

    def _uid(self, start: int, value: int, end: int, step: ElementStep) -> None:
        if value == end:
            self._keep(start, value, end, step)
            return
        raw = bytes(self.buffer[value:end])
        new = self.uids[raw]
        if step.tag == SOP_INSTANCE_UID and not step.level.path:
            self.sop_instance_uid = new.rstrip(b"\0").decode("latin-1")
        if new != raw:
            self._put(start, end, step, new)

    def _date(self, start: int, value: int, end: int, step: ElementStep) -> None:
        raw = bytes(self.buffer[value:end])
        change = changed_date_element if end - value <= LONGEST else changed_date_element.__wrapped__
        new = change(raw, step, self.subject.offset)
        if new is not None:
            self.edits.replace(start, end, new)
            self.done.append(step)

    def _text(self, start: int, value: int, end: int, step: ElementStep) -> None:
        if value == end:
            return
        raw = bytes(self.buffer[value:end])
        if step.tag in structure_label_tags() and self.profile.texts.clean != "remove":
            self._structure_name(start, end, step, raw)
            return
        clean = cleaned_value if len(raw) <= LONGEST else cleaned_value.__wrapped__
        new, texts = clean(raw, step, self._terms, self.subject)
        if texts and self._replaced_uids.occur_in("\0".join(texts).encode("utf-8")):
            new = encoded_texts([without_uids(text) for text in texts], step, self._terms, self.subject)
        if new != raw.strip(b" \0"):
            self._put(start, end, step, new)

    def _structure_name(self, start: int, end: int, step: ElementStep, raw: bytes) -> None:
        """Keep the name of a structure that is known and in which nothing identifies; else replace it as a whole."""
        mode, clean, subject = self.profile.dates.mode, self.profile.texts.clean, self.subject
        name, kept = decode_or_latin1(raw, self._terms).strip(" \0"), step.act == Act.WORDS
        if not name and kept:
            return
        known = kept and self._kept_words(raw, step) is None
        if (
            not name
            or (not known and (kept or clean == "vocabulary") and not is_structure_name(name))
            or (
                not known
                and cleaned_text(
                    name, subject.identity, "known", mode, subject.offset, self.profile.ages.limit
                )
                != name
            )
            or holds_identity(raw, step.vr, self._terms, subject.identity)
            or self._replaced_uids.occur_in(raw)
        ):
            self._put(start, end, step, replaced_name(name, self.key).encode("ascii") if name else b"")

    def _searched_text(self, start: int, value: int, end: int, step: ElementStep) -> None:
        raw = bytes(self.buffer[value:end])
        identity = self.subject.identity_beside(step.retained)
        if (
            not holds_identity(raw, step.vr, self._terms, identity)
            and not self._replaced_uids.occur_in(raw)
            and not (
                step.act == Act.SEARCH and holds_old_age(raw, step.vr, self._terms, self.profile.ages.limit)
            )
        ):
            return
        if step.otherwise is None:
            raise RefusedError("identifying value in a text that must stay", format_tag(step.tag))
        self._element(start, value, end, step.otherwise)

    def _untile(self, start: int, value: int, end: int, step: ElementStep) -> None:
        """Take the values that announce lost tiles out of Image Type, and search and clean the others."""
        raw = bytes(self.buffer[value:end])
        before = len(self.done)
        self._searched_text(start, value, end, step)
        if len(self.done) == before:
            left = without_tiles(raw, self.lost_tiles)
            new = self._kept_words(left, step)
            self._put(start, end, step, left if new is None else new)

    def _judged(self, start: int, value: int, end: int, step: ElementStep) -> None:
        """Keep a private value whose VR nothing states as it is, or remove it: no kind of change is known to fit."""
        raw = bytes(self.buffer[value:end])
        stays = may_stay_unread(raw, self._terms, self.subject, self.profile)
        if step.otherwise is not None and (not stays or self._replaced_uids.occur_in(raw)):
            self._element(start, value, end, step.otherwise)
            if REMOVED_UNREAD not in self.notes:
                self.notes.append(REMOVED_UNREAD)

    def _words(self, start: int, value: int, end: int, step: ElementStep) -> None:
        """Keep what is made of known words; where Act.SEARCH changes nothing, no text of the instance identifies."""
        if step.tag in structure_label_tags():
            self._structure_name(start, end, step, bytes(self.buffer[value:end]))
            return
        done = len(self.done)
        if Act.SEARCH not in self._unchanged:
            self._searched_text(start, value, end, step)
        if len(self.done) > done:
            return
        new = self._kept_words(bytes(self.buffer[value:end]), step)
        if new is None:
            return
        if new:
            self._put(start, end, step, new)
        elif step.otherwise is not None:
            self._element(start, value, end, step.otherwise)
        else:
            raise RefusedError("identifying value in a text that must stay", format_tag(step.tag))

    def _term(self, start: int, value: int, end: int, step: ElementStep) -> None:
        """Keep a value by which an image is read if it is a term of its attribute, else give the only one."""
        raw, identity = bytes(self.buffer[value:end]), self.subject.identity
        if are_terms(step.tag, raw) or (
            may_be_terms(step.tag, raw) and not holds_identity(raw, step.vr, self._terms, identity)
        ):
            return
        if step.otherwise is None or not is_only_value(step.otherwise, self.prescan.values):
            raise RefusedError("no defined term in a CS that must stay", format_tag(step.tag))
        self._element(start, value, end, step.otherwise)

    def _kept_words(self, raw: bytes, step: ElementStep) -> bytes | None:
        words = kept_words if len(raw) <= LONGEST else kept_words.__wrapped__
        kept = kept_code if step.act == Act.CODE else kept_text
        profile = self.profile
        return words(raw, step.vr, self._terms, profile.texts.placeholder, kept, profile.ages.limit)

    def _age(self, start: int, value: int, end: int, step: ElementStep) -> None:
        raw = bytes(self.buffer[value:end])
        new = collapsed_age(raw, self.profile.ages.limit)
        if new != raw.strip(b" \0"):
            self._put(start, end, step, new)

    def _number(self, start: int, value: int, end: int, step: ElementStep) -> None:
        is_valid, raw, instead = are_numbers, bytes(self.buffer[value:end]), step.otherwise
        if step.vr == "UI":
            is_valid = are_registered if step.rule.registered else are_uids
        if instead is not None and not is_valid(raw):
            self._element(start, value, end, instead)
        elif instead is not None and step.vr != "UI" and self._is_known(step.tag, raw):
            self._element(start, value, end, replace(instead, rule=replace(instead.rule, name=_IDENTIFYING)))
        elif value == end:
            self._keep(start, value, end, step)

    def _is_known(self, tag: int, raw: bytes) -> bool:
        """Whether an identifying number is among those of a standard attribute; private ones have their own rule."""
        return not is_private(tag) and hold_integer(raw, self.subject.identity.known.integers)

    def _repair(self, start: int, value: int, end: int, step: ElementStep) -> None:
        """Write a value as the number that it stands for. A number comes here only if it must not stay."""
        raw = bytes(self.buffer[value:end])
        new = repaired_numbers(step.tag, raw)
        demanded = step.level.types.type_of(step.tag) in ("1", "1C") and not is_no_window(step.tag, raw)
        known = new is not None and self._is_known(step.tag, new)
        if known and step.otherwise is None:
            raise RefusedError("identifying value in a number that must stay", format_tag(step.tag))
        if not known and (new is not None and not are_numbers(raw)):
            self._put(start, end, step, new)
        elif step.otherwise is None or (new is None and (demanded or not says_no_number(raw, step.vr))):
            raise RefusedError("geometry that is no number", format_tag(step.tag))
        else:
            self._element(start, value, end, step.otherwise)

    def _refuse(self, start: int, value: int, end: int, step: ElementStep) -> None:
        if value < end:
            raise RefusedError(step.rule.name, format_tag(step.tag))

    def _patient_id(self, start: int, value: int, end: int, step: ElementStep) -> None:
        self._put(start, end, step, character_sets.encode(self.subject.patient_id, self._terms), "LO")

    def _patient_name(self, start: int, value: int, end: int, step: ElementStep) -> None:
        self._put(start, end, step, character_sets.encode(self.subject.patient_name, self._terms), "PN")

    def _derive(self, start: int, value: int, end: int, step: ElementStep) -> None:
        derive = derived_identifier if end - value <= LONGEST else derived_identifier.__wrapped__
        new = derive(bytes(self.buffer[value:end]), step, self._terms, self.subject.issuer, self.key)
        if new:
            self._put(start, end, step, new.encode("ascii"))
        elif new is None and step.otherwise is not None:
            self._element(start, value, end, step.otherwise)
        elif new is None:
            raise RefusedError("not in the table of pseudonyms", format_tag(step.tag))

    def _character_set(self, start: int, value: int, end: int, step: ElementStep) -> None:
        raw = bytes(self.buffer[value:end])
        self._terms = character_sets.parse(raw)
        new = "\\".join(self._terms).encode("ascii")
        if new != raw.strip(b" \0"):
            self._put(start, end, step, new)

    def _cases(self, start: int, value: int, end: int, step: ElementStep) -> None:
        self._element(start, value, end, self.case(step))

    def case(self, step: ElementStep) -> ElementStep:
        """Return the step that holds in this instance of one with cases."""
        cases = (case for when, case in step.cases if holds(when, self.prescan.values))
        return next(cases, step.otherwise or step)

    _HANDLERS: ClassVar[Mapping[int, ElementHandler]] = {
        Act.KEEP: _keep,
        Act.REMOVE: _remove,
        Act.REPLACE: _replace,
        Act.GIVE: _give,
        Act.UID: _uid,
        Act.DATE: _date,
        Act.SECONDS: _date,
        Act.TEXT: _text,
        Act.SEARCH: _searched_text,
        Act.WORDS: _words,
        Act.CODE: _words,
        Act.TERM: _term,
        Act.AGE: _age,
        Act.SAFE_INSIDE: _remove,  # an element that is no sequence, though its VR says so
        Act.JUDGED: _judged,
        Act.UNTILE: _untile,
        Act.NUMBER: _number,
        Act.PATIENT_ID: _patient_id,
        Act.PATIENT_NAME: _patient_name,
        Act.DERIVE: _derive,
        Act.CHARACTER_SET: _character_set,
        Act.CASES: _cases,
        Act.REPAIR: _repair,
        Act.REFUSE: _refuse,
    }
