"""The check of one output against its original, from the first byte to the last (D7 in docs/architecture.md)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import NamedTuple

from orthanc_deid.bounded_cache import LONGEST
from orthanc_deid.config.key import Key
from orthanc_deid.dicom.partial_file import Data, PartlyRead, slices_of
from orthanc_deid.dicom.sample_changes import SampleChange
from orthanc_deid.dicom.slices import Slices
from orthanc_deid.dicom.tags import (
    ISSUER_OF_PATIENT_ID,
    MEDIA_STORAGE_SOP_CLASS_UID,
    PATIENT_BIRTH_DATE,
    PATIENT_ID,
    PATIENT_NAME,
    SERIES_INSTANCE_UID,
    SOP_CLASS_UID,
    SOP_INSTANCE_UID,
    SPECIFIC_CHARACTER_SET,
    STUDY_INSTANCE_UID,
)
from orthanc_deid.dicom.unread_samples import SampleCheck
from orthanc_deid.errors import RefusedError, VerificationError
from orthanc_deid.profile.conditions import ConditionValues, holds
from orthanc_deid.profile.model import InstanceRule, Profile
from orthanc_deid.profile.selectors import parse_selector
from orthanc_deid.profile.verify_depth import VerifyDepth
from orthanc_deid.standard.tables import iod_for, only_values, unknown_types
from orthanc_deid.verify.admission import Admissibility, AdmissionCheck, asked_tags, instance_rule
from orthanc_deid.verify.audit.changed_image import check_regions, expect_changed_image
from orthanc_deid.verify.audit.claimed_samples import check_claims
from orthanc_deid.verify.audit.evidence import Evidence
from orthanc_deid.verify.audit.file_meta_audit import check_meta
from orthanc_deid.verify.audit.full_audit import FullAudit
from orthanc_deid.verify.audit.leak_scan import scan_for_leaks
from orthanc_deid.verify.audit.missing_uids import complete
from orthanc_deid.verify.audit.stamp_audit import ExpectedStamps, stamps_of
from orthanc_deid.verify.audit.tile_counts import announces_tiles, expect_no_tiles
from orthanc_deid.verify.fast.fast_audit import FastAudit
from orthanc_deid.verify.fast.fast_reading import UndecidedError, head_of, read_fast
from orthanc_deid.verify.fast.fast_walks import WalkCaches
from orthanc_deid.verify.findings import Findings
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

_MOST_TOP_LEVELS = 64
_MOST_PATIENTS = 256
_UIDS = (SOP_INSTANCE_UID, STUDY_INSTANCE_UID, SERIES_INSTANCE_UID)
_UID = re.compile(r"[0-9]+(\.[0-9]+)+")


@dataclass(frozen=True, slots=True)
class _Matched:
    """The rules that the original matches: the first instance rule that holds, and for each explicit rule whether.

    `values`: those of its top level that conditions ask for.
    """

    values: ConditionValues
    rule: InstanceRule | None
    explicit: tuple[bool, ...]


@dataclass(frozen=True, slots=True)
class _TopLevel:
    """The rules, stamps and caches of all instances of one IOD that match the same explicit rules."""

    rules: LevelRules
    stamps: ExpectedStamps
    original: WalkCaches
    output: WalkCaches


@dataclass(frozen=True, slots=True)
class _Check:
    """One original and its output under check."""

    source: Instance
    result: Instance
    findings: Findings = field(default_factory=Findings)
    evidence: Evidence = field(default_factory=Evidence)


class _OfPatient(NamedTuple):
    """What the outputs of one patient must have. `lacking`: the site's list has no pseudonym and must have one."""

    pseudonym: str
    days: int
    lacking: bool


class Verifier:
    """Checks the outputs made under one profile and key; it caches verdicts on attributes between instances.

    An instance that the profile routes to another one is checked by that. `depth`: full or fast; None means that of
    the profile that checks.
    """

    def __init__(self, profile: Profile, key: Key, depth: VerifyDepth | None = None) -> None:
        self._profile = profile
        self._key = key
        self._depth = depth or profile.verify
        self._uids = ExpectedUids(key)
        self._explicit = tuple((rule, parse_selector(rule.attribute)) for rule in profile.attributes)
        self._admission = AdmissionCheck(profile)
        self._asked = asked_tags(profile)
        self._patients: dict[PatientValues, _OfPatient] = {}
        self._top_levels: dict[tuple[str, tuple[bool, ...]], _TopLevel] = {}
        self._routed = {name: Verifier(routed, key, depth) for name, routed in profile.routed.items()}

    def check(self, original: Data, output: Slices, claims: Sequence[SampleChange] = ()) -> Verified:
        """Return the output as a store may take it.

        `claims`: the changes of samples that the engine states. They are checked; all other samples must be those of
        the original. Raises VerificationError with all findings, which hold no value. Samples that are not read
        yet are checked while they are written, which may then raise VerificationError as well.
        """
        if self._depth == "fast" and not claims:
            with suppress(UndecidedError, ParseError):  # the full depth decides
                return self._check_fast(original, output)
        return self._check_full(original, output, claims)

    def _check_full(self, original: Data, output: Slices, claims: Sequence[SampleChange]) -> Verified:
        file = slices_of(original)
        most = self._profile.limits.inflated << 20
        source, result = _opened("original", file, most), _opened("output", output, most)
        check = self._begun(source, result)
        findings, evidence = check.findings, check.evidence
        sop_class = complete(source, file, self._key)
        matched = self._match(source, sop_class)
        if matched.rule is not None and matched.rule.profile is not None:
            return self._routed[matched.rule.profile].check(original, output, claims)
        decision = self._admission.check(source, result, sop_class, matched.values, matched.rule, findings)
        top = self._top_level(sop_class, matched.explicit)
        permitted = decision.answer is Admissibility.TO_BE_CLEANED
        claimed = check_claims(claims, source, permitted=permitted, findings=findings)
        try:
            if permitted:
                frames = range(1, claimed.form.frames + 1) if claimed else (1,)
                due = [number for number in decision.frames or frames if number in frames]
                check_regions(claims, decision.regions, due, findings)
            if permitted and claimed is not None:
                kept = top.rules.expected(SOP_INSTANCE_UID, "UI", None).requirement
                expect_changed_image(source, claimed, self._uids, kept)
            value_rules = self._value_rules(check)
            expect_no_tiles(source, result)
            FullAudit(source, result, value_rules, findings, evidence, claimed).run(top.rules)
            return _verified(output, check, top.stamps, decision.sample_check)
        except ParseError as fault:  # the items of a sequence may be parsed only when they are checked
            raise VerificationError((f"original or output: {fault}",)) from None

    def _check_fast(self, original: Data, output: Slices) -> Verified:
        source, result = locate(slices_of(original)), locate(output)
        check = self._begun(source, result)
        sop_class = _meta_text(source, MEDIA_STORAGE_SOP_CLASS_UID)
        deflated = DEFLATED_EXPLICIT_VR_LITTLE_ENDIAN in (source.transfer_syntax, result.transfer_syntax)
        if not sop_class or not source.encoding.little or deflated:
            raise UndecidedError
        guess = tuple(not rule.when for rule, _ in self._explicit)
        top = self._top_level(sop_class, guess)
        headers = original.head if isinstance(original, PartlyRead) else original
        before = read_fast(source, headers, top.original.noted[source.encoding.explicit])
        if source.text(SOP_CLASS_UID) != sop_class or not all(map(source.text, _UIDS)):
            raise UndecidedError  # the full depth completes it
        if announces_tiles(source):
            raise UndecidedError
        matched = self._match(source, sop_class)
        if matched.rule is not None and matched.rule.profile is not None:
            return self._routed[matched.rule.profile].check(original, output)
        if matched.explicit != guess:
            top = self._top_level(sop_class, matched.explicit)
            before = read_fast(source, headers, top.original.noted[source.encoding.explicit])
        written = head_of(output)
        after = read_fast(result, written, top.output.noted[result.encoding.explicit])
        decision = self._admission.check(
            source, result, sop_class, matched.values, matched.rule, check.findings
        )
        if decision.answer is Admissibility.TO_BE_CLEANED:
            raise UndecidedError
        FastAudit(source, result, self._value_rules(check), check.evidence).run(
            top.rules,
            before,
            after,
            lambda: (top.original.read_words(source, headers), top.output.read_words(result, written)),
        )
        try:
            return _verified(output, check, top.stamps, decision.sample_check)
        except VerificationError:
            raise UndecidedError from None  # the full depth names the findings and their places

    def _begun(self, source: Instance, result: Instance) -> _Check:
        return _Check(source, result, evidence=Evidence(first_days_stay=self._profile.dates.mode == "year"))

    def _match(self, source: Instance, sop_class: str) -> _Matched:
        """Return the rules that the instance matches; a bare data set counts as of its modality's SOP class."""
        values = {SOP_CLASS_UID: (sop_class,)} | top_level_values(source, self._asked)
        try:
            explicit = tuple(holds(rule.when, values) for rule, _ in self._explicit)
            return _Matched(values, instance_rule(self._profile, values), explicit)
        except RefusedError as error:
            raise VerificationError((f"admission: {error}",)) from None

    def _value_rules(self, check: _Check) -> ValueRules:
        check.evidence.placeholder = self._profile.texts.placeholder
        check.evidence.oldest = self._profile.ages.limit
        patient = _patient_values(check.source)
        expected = self._patients.get(patient) or self._of_patient(patient)
        if patient.length <= LONGEST:
            if len(self._patients) >= _MOST_PATIENTS:
                self._patients.clear()
            self._patients[patient] = expected
        if expected.lacking:
            check.findings.add("pseudonyms", "patient without a given pseudonym")
        check.evidence.shift = self._profile.dates.mode, expected.days
        return ValueRules(self._profile, self._uids, expected.pseudonym, expected.days, patient.issuer)

    def _of_patient(self, patient: PatientValues) -> _OfPatient:
        pseudonyms = self._profile.pseudonyms
        given = pseudonyms.table.pseudonym(patient.patient_id, patient.issuer)
        return _OfPatient(
            pseudonym(patient, self._profile, self._key),
            offset_days(patient, self._profile, self._key) if self._profile.dates.mode == "shift" else 0,
            given is None and pseudonyms.patients is not None and pseudonyms.unknown_patient == "refuse",
        )

    def _top_level(self, sop_class: str, matched: tuple[bool, ...]) -> _TopLevel:
        """Return the rules and stamps of the top level, for the IOD and the explicit rules that hold."""
        found = self._top_levels.get((sop_class, matched))
        if found is None:
            if len(self._top_levels) >= _MOST_TOP_LEVELS:
                self._top_levels.clear()
            iod = iod_for(sop_class)
            explicit = tuple(pair for pair, holding in zip(self._explicit, matched, strict=True) if holding)
            types, only = unknown_types() if iod is None else iod.types, only_values(sop_class)
            rules = LevelRules(self._profile, types, explicit, only_values=only)
            walks = (WalkCaches.of(rules, self._asked, output=output) for output in (False, True))
            found = _TopLevel(rules, stamps_of(self._profile, rules), *walks)
            self._top_levels[sop_class, matched] = found
        return found


def verify(
    original: Data, output: Slices, profile: Profile, key: Key, depth: VerifyDepth = "full"
) -> Verified:
    """Check one output that claims no changes of samples; for many of one profile keep a `Verifier`.

    Raises VerificationError.
    """
    return Verifier(profile, key, depth).check(original, output)


def _verified(
    output: Slices, check: _Check, stamps: ExpectedStamps, sample_check: SampleCheck | None
) -> Verified:
    """Scan the output for leaks, check its file meta and stamps, and return it or raise VerificationError."""
    source, result, findings = check.source, check.result, check.findings
    check_meta(output, source, result, findings)
    left_out = scan_for_leaks(result, check.evidence, findings)
    stamps.check(result, findings)
    for tag in (SOP_CLASS_UID, *_UIDS):
        if not _UID.fullmatch(result.text(tag)):
            findings.add("identifiers", "no UID", (tag,))
    if findings:
        raise VerificationError(findings.lines())
    return Verified(
        output if sample_check is None else output.checked_by(sample_check),
        patient_id=result.text(PATIENT_ID),
        study_instance_uid=result.text(STUDY_INSTANCE_UID),
        series_instance_uid=result.text(SERIES_INSTANCE_UID),
        sop_instance_uid=result.text(SOP_INSTANCE_UID),
        sop_class_uid=result.text(SOP_CLASS_UID),
        codes=stamps.code_values,
        left_out=left_out,
        issued_by=_TOKEN,
    )


def _opened(name: str, file: Slices, most_inflated: int) -> Instance:
    try:
        found = open_instance(file, strict=name == "output", most_inflated=most_inflated)
        if found.data_set.padded and name == "output":
            raise ParseError("bytes that belong to no element")  # an original may end in a few zeros
    except ParseError as fault:
        raise VerificationError((f"{name}: {fault}",)) from None
    return found


def _meta_text(source: Instance, tag: int) -> str:
    return source.meta.get(tag, b"").decode("latin-1").strip(" \0")


def _patient_values(source: Instance) -> PatientValues:
    """Return the values that identify the patient."""
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
        text(PATIENT_ID),
        text(ISSUER_OF_PATIENT_ID),
        text(PATIENT_NAME),
        text(PATIENT_BIRTH_DATE),
        text(STUDY_INSTANCE_UID).strip(" \0"),
    )
