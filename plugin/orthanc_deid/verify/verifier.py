"""The check of one output against its original, from the first byte to the last (design D7)."""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass

from orthanc_deid.config.key import Key
from orthanc_deid.dicom.partial_file import Data, PartlyRead, slices_of
from orthanc_deid.dicom.slices import Slices
from orthanc_deid.dicom.unread_samples import Look
from orthanc_deid.errors import RefusedError, VerificationError
from orthanc_deid.profile.conditions import ConditionValues, holds
from orthanc_deid.profile.model import InstanceRule, Profile, VerifyDepth
from orthanc_deid.profile.selectors import parse_selector
from orthanc_deid.standard.tables import iod_for, modality_sop_class, unknown_types
from orthanc_deid.verify.admission import Admission, asked_tags, instance_rule
from orthanc_deid.verify.audit.evidence import Evidence
from orthanc_deid.verify.audit.full_audit import FullAudit
from orthanc_deid.verify.audit.leak_scan import scan_for_leaks
from orthanc_deid.verify.audit.stamp_audit import ExpectedStamps, check_meta, stamps_of
from orthanc_deid.verify.fast.fast_audit import FastAudit
from orthanc_deid.verify.fast.fast_reading import UndecidedError, WalkCaches, head_of, read_fast
from orthanc_deid.verify.findings import Findings
from orthanc_deid.verify.reading.data_set import SPECIFIC_CHARACTER_SET
from orthanc_deid.verify.reading.element_headers import ParseError
from orthanc_deid.verify.reading.instance import (
    DEFLATED_EXPLICIT_VR_LITTLE_ENDIAN,
    Instance,
    locate,
    open_instance,
)
from orthanc_deid.verify.reading.stored_numbers import STRUCT_CODES, numbers
from orthanc_deid.verify.result import _TOKEN, Verified
from orthanc_deid.verify.rules.condition_values import top_level_values
from orthanc_deid.verify.rules.element_rules import LevelRules
from orthanc_deid.verify.rules.expected_pseudonyms import ExpectedUids, PatientValues, offset_days, pseudonym
from orthanc_deid.verify.rules.value_rules import ValueRules
from orthanc_deid.verify.text.decoding import Terms, decode_whole, parse_terms

_SOP_CLASS, _SOP_INSTANCE, _STUDY, _SERIES = 0x00080016, 0x00080018, 0x0020000D, 0x0020000E
_PATIENT_ID, _PATIENT_NAME, _ISSUER, _BIRTH_DATE = 0x00100020, 0x00100010, 0x00100021, 0x00100030
_MODALITY = 0x00080060
_MEDIA_STORAGE_SOP_CLASS = 0x00020002
_MOST_TOPS = 64
_UID = re.compile(r"[0-9]+(\.[0-9]+)+")


@dataclass(frozen=True, slots=True)
class _Matched:
    """What the original's top level meets: the first instance rule that holds, and which explicit rules do."""

    values: ConditionValues
    rule: InstanceRule | None
    explicit: tuple[bool, ...]


@dataclass(frozen=True, slots=True)
class _TopLevel:
    """What holds for all instances of one IOD that meet the same explicit rules."""

    rules: LevelRules
    stamps: ExpectedStamps
    tables: WalkCaches


class Verifier:
    """Checks the outputs made under one profile and key; verdicts on attributes are remembered between instances.

    An instance that the profile routes to another one is judged by that. `depth` is the own one of the profile that
    judges unless it is given.
    """

    def __init__(self, profile: Profile, key: Key, depth: VerifyDepth | None = None) -> None:
        self._profile = profile
        self._key = key
        self._depth = depth or profile.verify
        self._uids = ExpectedUids(key)
        self._explicit = tuple((rule, parse_selector(rule.attribute)) for rule in profile.attributes)
        self._admission = Admission(profile)
        self._asked = asked_tags(profile)
        self._top_levels: dict[tuple[str, tuple[bool, ...]], _TopLevel] = {}
        self._routed = {name: Verifier(routed, key, depth) for name, routed in profile.routed.items()}

    def check(self, original: Data, output: Slices) -> Verified:
        """Return what stores may take; raises VerificationError with every finding, and with no value.

        Samples that nobody has read yet are looked at while they are written, which then may raise it as well.
        """
        if self._depth == "fast":
            with suppress(UndecidedError, ParseError):  # what it cannot vouch for is checked in full
                return self._check_fast(original, output)
        return self._check_full(original, output)

    def _check_full(self, original: Data, output: Slices) -> Verified:
        findings, evidence = Findings(), Evidence()
        source, result = _opened("original", slices_of(original)), _opened("output", output)
        sop_class = _sop_class(source)
        met = self._met(source, sop_class)
        if met.rule is not None and met.rule.profile is not None:
            return self._routed[met.rule.profile].check(original, output)
        look = self._admission.check(source, result, sop_class, met.values, met.rule, findings)
        top = self._top(sop_class, met.explicit)
        try:
            FullAudit(source, result, self._value_rules(source, result, findings), findings, evidence).run(
                top.rules
            )
            return self._verified(output, look, source, result, top, findings, evidence)
        except ParseError as fault:  # the items of a sequence may be read only when they are looked at
            raise VerificationError((f"original or output: {fault}",)) from None

    def _check_fast(self, original: Data, output: Slices) -> Verified:
        findings, evidence = Findings(), Evidence()
        source, result = locate(slices_of(original)), locate(output)
        sop_class = _text_of_meta(source, _MEDIA_STORAGE_SOP_CLASS)
        deflated = DEFLATED_EXPLICIT_VR_LITTLE_ENDIAN in (source.transfer_syntax, result.transfer_syntax)
        if not sop_class or not source.encoding.little or deflated:
            raise UndecidedError
        guess = tuple(not rule.when for rule, _ in self._explicit)
        top = self._top(sop_class, guess)
        headers = original.head if isinstance(original, PartlyRead) else original
        before = read_fast(source, headers, top.tables.original[source.encoding.explicit])
        if source.text(_SOP_CLASS) != sop_class:
            raise UndecidedError
        met = self._met(source, sop_class)
        if met.rule is not None and met.rule.profile is not None:
            return self._routed[met.rule.profile].check(original, output)
        if met.explicit != guess:
            top = self._top(sop_class, met.explicit)
            before = read_fast(source, headers, top.tables.original[source.encoding.explicit])
        after = read_fast(result, head_of(output), top.tables.output[result.encoding.explicit])
        look = self._admission.check(source, result, sop_class, met.values, met.rule, findings)
        FastAudit(source, result, self._value_rules(source, result, findings), evidence).run(
            top.rules, before, after
        )
        try:
            return self._verified(output, look, source, result, top, findings, evidence)
        except VerificationError:
            raise UndecidedError from None  # the full depth says what and where

    def _met(self, source: Instance, sop_class: str) -> _Matched:
        """Return what the instance meets; a bare data set counts as of the SOP class that its modality means."""
        values = {_SOP_CLASS: (sop_class,)} | top_level_values(source, self._asked)
        try:
            explicit = tuple(holds(rule.when, values) for rule, _ in self._explicit)
            return _Matched(values, instance_rule(self._profile, values), explicit)
        except RefusedError as error:
            raise VerificationError((f"admission: {error}",)) from None

    def _value_rules(self, source: Instance, result: Instance, findings: Findings) -> ValueRules:
        patient = _patient_values(source, result)
        pseudonyms = self._profile.pseudonyms
        given = pseudonyms.table.pseudonym(patient.patient_id, patient.issuer)
        if given is None and pseudonyms.patients is not None and pseudonyms.unknown_patient == "refuse":
            findings.add("pseudonyms", "patient without a given pseudonym")
        days = offset_days(patient, self._profile, self._key) if self._profile.dates.mode == "shift" else 0
        return ValueRules(self._profile, self._uids, pseudonym(patient, self._profile, self._key), days)

    def _top(self, sop_class: str, met: tuple[bool, ...]) -> _TopLevel:
        """Return the top level's place, for the IOD and the explicit rules that it meets, and what goes with it."""
        found = self._top_levels.get((sop_class, met))
        if found is None:
            if len(self._top_levels) >= _MOST_TOPS:
                self._top_levels.clear()
            iod = iod_for(sop_class)
            explicit = tuple(pair for pair, holding in zip(self._explicit, met, strict=True) if holding)
            rules = LevelRules(self._profile, unknown_types() if iod is None else iod.types, explicit)
            found = _TopLevel(rules, stamps_of(self._profile, rules), WalkCaches.of(rules, self._asked))
            self._top_levels[sop_class, met] = found
        return found

    def _verified(
        self,
        output: Slices,
        look: Look | None,
        source: Instance,
        result: Instance,
        top: _TopLevel,
        findings: Findings,
        evidence: Evidence,
    ) -> Verified:
        """Search what remains, check what the output says of itself, and pass it or raise VerificationError."""
        check_meta(output, source, result, findings)
        left_out = scan_for_leaks(result, evidence, findings)
        top.stamps.check(result, findings)
        for tag in (_SOP_CLASS, _SOP_INSTANCE, _STUDY, _SERIES):
            if not _UID.fullmatch(result.text(tag)):
                findings.add("identifiers", "no UID", (tag,))
        if findings:
            raise VerificationError(findings.lines())
        return Verified(
            output if look is None else output.watched(look),
            patient_id=result.text(_PATIENT_ID),
            study_instance_uid=result.text(_STUDY),
            series_instance_uid=result.text(_SERIES),
            sop_instance_uid=result.text(_SOP_INSTANCE),
            sop_class_uid=result.text(_SOP_CLASS),
            codes=top.stamps.code_values,
            left_out=left_out,
            issued_by=_TOKEN,
        )


def verify(
    original: Data, output: Slices, profile: Profile, key: Key, depth: VerifyDepth = "full"
) -> Verified:
    """Check one output; for many of one profile keep a `Verifier`. Raises VerificationError."""
    return Verifier(profile, key, depth).check(original, output)


def _opened(name: str, file: Slices) -> Instance:
    try:
        found = open_instance(file)
        if found.data_set.padded and name == "output":
            raise ParseError("bytes that belong to no element")  # an original may end in a few zeros
    except ParseError as fault:
        raise VerificationError((f"{name}: {fault}",)) from None
    return found


def _sop_class(source: Instance) -> str:
    """Return the SOP class that names the IOD: the data set's, the file meta's, or the one its modality means."""
    meta = _text_of_meta(source, _MEDIA_STORAGE_SOP_CLASS)
    return source.text(_SOP_CLASS) or meta or modality_sop_class().get(source.text(_MODALITY), "")


def _text_of_meta(source: Instance, tag: int) -> str:
    return source.meta.get(tag, b"").decode("latin-1").strip(" \0")


def _patient_values(source: Instance, result: Instance) -> PatientValues:
    """Return what tells the patient; the study of a bare data set without one is that of the output."""
    elements = source.data_set.elements
    charset = elements.get(SPECIFIC_CHARACTER_SET)
    terms: Terms = parse_terms(charset.value) if charset is not None else ()

    def text(tag: int) -> str:
        element = elements.get(tag)
        if element is None:
            return ""
        if element.VR in STRUCT_CODES:
            read = numbers(source.value(source.data_set, tag), element.VR, little=source.encoding.little)
            return str(read[0]) if read else ""
        return decode_whole(source.value(source.data_set, tag), terms)

    return PatientValues(
        text(_PATIENT_ID),
        text(_ISSUER),
        text(_PATIENT_NAME),
        text(_BIRTH_DATE),
        text(_STUDY).strip(" \0") or (result.text(_STUDY) if source.bare else ""),
    )
