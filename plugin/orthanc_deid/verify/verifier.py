"""The check of one output against its original, from the first byte to the last (design D7)."""

from __future__ import annotations

import re
from typing import Literal

from orthanc_deid.dicom.slices import Buffer, Slices
from orthanc_deid.errors import VerificationError
from orthanc_deid.key import Key
from orthanc_deid.profile.conditions import condition_tags, holds
from orthanc_deid.profile.model import AttributeRule, Profile
from orthanc_deid.profile.selectors import Selector, parse_selector
from orthanc_deid.standard.tables import iod_for, modality_sop_class, unknown_types
from orthanc_deid.verify.audit import Audit
from orthanc_deid.verify.charsets import Terms, decode, parse_terms
from orthanc_deid.verify.evidence import Evidence
from orthanc_deid.verify.findings import Findings
from orthanc_deid.verify.instance import Instance, open_instance
from orthanc_deid.verify.judgement import Judge
from orthanc_deid.verify.keyed import KeyedUids, PatientValues, offset_days, pseudonym
from orthanc_deid.verify.parsing import SPECIFIC_CHARACTER_SET, ParseError
from orthanc_deid.verify.remains import search_remains
from orthanc_deid.verify.result import _PASS, Verified
from orthanc_deid.verify.rules import Place
from orthanc_deid.verify.stamps import Stamps, check_meta, stamps_of
from orthanc_deid.verify.top_level import top_level_values

Depth = Literal["full", "fast"]

_SOP_CLASS, _SOP_INSTANCE, _STUDY, _SERIES = 0x00080016, 0x00080018, 0x0020000D, 0x0020000E
_PATIENT_ID, _PATIENT_NAME, _ISSUER, _BIRTH_DATE = 0x00100020, 0x00100010, 0x00100021, 0x00100030
_MODALITY = 0x00080060
_MEDIA_STORAGE_SOP_CLASS = 0x00020002
_MOST_PLACES = 64
_UID = re.compile(r"[0-9]+(\.[0-9]+)+")


class Verifier:
    """Checks the outputs made under one profile and key; verdicts on attributes are remembered between instances."""

    def __init__(self, profile: Profile, key: Key) -> None:
        self._profile = profile
        self._key = key
        self._uids = KeyedUids(key)
        self._explicit = tuple((rule, parse_selector(rule.attribute)) for rule in profile.attributes)
        self._asked = condition_tags(profile)
        self._tops: dict[tuple[str, tuple[bool, ...]], tuple[Place, Stamps]] = {}

    def check(self, original: Buffer, output: Slices) -> Verified:
        """Return what stores may take; raises VerificationError with every finding, and with no value."""
        findings = Findings()
        source, result = _opened("original", Slices([original])), _opened("output", output)
        check_meta(output, source, result, findings)
        top, stamps = self._top(source)
        evidence = Evidence()
        try:
            Audit(source, result, self._judge(source, findings), findings, evidence).run(top)
        except ParseError as fault:  # a long sequence is read only when it is walked
            raise VerificationError((f"original or output: {fault}",)) from None
        left_out = search_remains(result, evidence, findings)
        stamps.check(result, findings)
        return self._verified(output, result, stamps.code_values, left_out, findings)

    def _judge(self, source: Instance, findings: Findings) -> Judge:
        patient = _patient_values(source)
        pseudonyms = self._profile.pseudonyms
        given = pseudonyms.table.pseudonym(patient.patient_id, patient.issuer)
        if given is None and pseudonyms.patients is not None and pseudonyms.unknown_patient == "refuse":
            findings.add("pseudonyms", "patient without a given pseudonym")
        days = offset_days(patient, self._profile, self._key) if self._profile.dates.mode == "shift" else 0
        return Judge(self._profile, self._uids, pseudonym(patient, self._profile, self._key), days)

    def _top(self, source: Instance) -> tuple[Place, Stamps]:
        """Return the top level's place, for the instance's IOD and the explicit rules it meets, and its stamps."""
        values = top_level_values(source, self._asked)
        met = tuple(holds(rule.when, values) for rule, _ in self._explicit)
        sop_class = _sop_class(source)
        found = self._tops.get((sop_class, met))
        if found is None:
            if len(self._tops) >= _MOST_PLACES:
                self._tops.clear()
            iod = iod_for(sop_class)
            explicit: tuple[tuple[AttributeRule, Selector], ...] = tuple(
                pair for pair, holding in zip(self._explicit, met, strict=True) if holding
            )
            place = Place(self._profile, unknown_types() if iod is None else iod.types, explicit)
            found = self._tops[sop_class, met] = place, stamps_of(self._profile, place)
        return found

    def _verified(
        self,
        output: Slices,
        result: Instance,
        codes: tuple[str, ...],
        left_out: dict[str, int],
        findings: Findings,
    ) -> Verified:
        for tag in (_SOP_CLASS, _SOP_INSTANCE, _STUDY, _SERIES):
            if not _UID.fullmatch(result.text(tag)):
                findings.add("identifiers", "no UID", (tag,))
        if findings:
            raise VerificationError(findings.lines())
        return Verified(
            output,
            patient_id=result.text(_PATIENT_ID),
            study_instance_uid=result.text(_STUDY),
            series_instance_uid=result.text(_SERIES),
            sop_instance_uid=result.text(_SOP_INSTANCE),
            sop_class_uid=result.text(_SOP_CLASS),
            codes=codes,
            left_out=left_out,
            issued_by=_PASS,
        )


def verify(original: Buffer, output: Slices, profile: Profile, key: Key, depth: Depth = "full") -> Verified:
    """Check one output; for many of one profile keep a `Verifier`. Raises VerificationError."""
    if depth != "full":
        raise NotImplementedError(depth)
    return Verifier(profile, key).check(original, output)


def _opened(name: str, file: Slices) -> Instance:
    try:
        return open_instance(file)
    except ParseError as fault:
        raise VerificationError((f"{name}: {fault}",)) from None


def _sop_class(source: Instance) -> str:
    """Return the SOP class that names the IOD: the data set's, the file meta's, or the one its modality means."""
    meta = source.meta.get(_MEDIA_STORAGE_SOP_CLASS, b"").decode("latin-1").strip(" \0")
    return source.text(_SOP_CLASS) or meta or modality_sop_class().get(source.text(_MODALITY), "")


def _patient_values(source: Instance) -> PatientValues:
    elements = source.data_set.elements
    charset = elements.get(SPECIFIC_CHARACTER_SET)
    terms: Terms = parse_terms(charset.value) if charset is not None else ()

    def text(tag: int) -> str:
        element = elements.get(tag)
        return "" if element is None else decode(element.value or b"", terms)

    return PatientValues(
        text(_PATIENT_ID), text(_ISSUER), text(_PATIENT_NAME), text(_BIRTH_DATE), text(_STUDY)
    )
