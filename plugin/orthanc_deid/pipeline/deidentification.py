"""The process of a profile: de-identify an instance, have the verifier check it, and gather the facts of both."""

from __future__ import annotations

import re

from pydicom._uid_dict import UID_dictionary

from orthanc_deid.config.key import Key
from orthanc_deid.deid.engine import Deidentified, Deidentifier
from orthanc_deid.deid.sop_class import find_sop_class
from orthanc_deid.deid.uids import replace_uid
from orthanc_deid.dicom.elements import MalformedError
from orthanc_deid.dicom.part10 import locate
from orthanc_deid.dicom.partial_file import Data, whole
from orthanc_deid.dicom.tags import STUDY_INSTANCE_UID
from orthanc_deid.dicom.top_level_values import top_level_value
from orthanc_deid.errors import NotDicomError, RefusedError, VerificationError
from orthanc_deid.pipeline.facts import Facts
from orthanc_deid.pipeline.process import Processed, Withheld
from orthanc_deid.profile.compile import CompiledProfile
from orthanc_deid.profile.model import Profile
from orthanc_deid.profile.options import Option
from orthanc_deid.profile.verify_depth import VerifyDepth
from orthanc_deid.verify.result import Verified
from orthanc_deid.verify.verifier import Verifier

PRIVATE_SOP_CLASS = "private SOP class"
_DIGITS_AND_DOTS = re.compile(r"[0-9.]*")


class Deidentification:
    """A `Process`: the engine and the verifier of one profile, with all that they learned of it.

    `depth` of the check: the profile's own where it is None. With `want_mapping` the facts carry old and new
    identifiers.
    """

    def __init__(
        self, profile: Profile, key: Key, depth: VerifyDepth | None = None, *, want_mapping: bool = False
    ) -> None:
        self._compiled = CompiledProfile(profile)
        self._deidentifier = Deidentifier(self._compiled, key)
        self._verifier = Verifier(profile, key, depth)
        self._key = key
        self._want_mapping = want_mapping

    def __call__(self, data: Data) -> Processed | Withheld:
        """De-identify and verify one instance; raises SourceError where it cannot be read to its end."""
        done: Deidentified | None = None
        try:
            done = self._deidentifier.run(data)
            verified = self._verifier.check(data, done.output, done.sample_changes)
        except (VerificationError, RefusedError) as error:
            return Withheld(error, self._facts_withheld(data, done, error))
        return Processed(verified, self._facts(data, done, verified))

    def _facts(self, data: Data, done: Deidentified, verified: Verified) -> Facts:
        return Facts(
            sop_class=shown_sop_class(verified.sop_class_uid),
            study=verified.study_instance_uid,
            profile=done.profile.name,
            size=len(data),
            actions=tuple(done.actions().items()),
            codes=verified.codes,
            left_out=tuple(sorted(verified.left_out.items())) if verified.left_out else (),
            notes=done.notes,
            uids=tuple(done.replaced_uids.items()) if self._want_mapping else (),
            patient=done.patient_ids if self._want_mapping else None,
        )

    def _facts_withheld(
        self, data: Data, done: Deidentified | None, error: VerificationError | RefusedError
    ) -> Facts:
        """Return what can be read of an instance that is not released: SOP class and the study's new UID."""
        profile = done.profile.name if done is not None else ""
        notes = done.notes if done is not None else ()
        findings = error.findings if isinstance(error, VerificationError) else ()
        if isinstance(error, NotDicomError):
            return Facts(size=len(data))
        study, sop_class = self._identifiers(data)
        return Facts(
            sop_class=shown_sop_class(sop_class),
            study=study,
            profile=profile,
            size=len(data),
            notes=notes,
            findings=findings,
        )

    def _identifiers(self, data: Data) -> tuple[str, str]:
        """Return the study's new UID and the SOP class as it is written, each empty where it cannot be read."""
        study = in_meta = ""
        try:
            encoded = locate(whole(data))
            in_meta = encoded.sop_class_uid
            study = top_level_value(encoded, STUDY_INSTANCE_UID) or ""
            if Option.RETAIN_UIDS not in self._compiled.options:
                study = replace_uid(study, self._key)
            elif not _DIGITS_AND_DOTS.fullmatch(study):
                study = ""
            return study, find_sop_class(encoded)
        except (RefusedError, MalformedError):
            return study, in_meta


def shown_sop_class(uid: str) -> str:
    """Return a SOP class as reports may show it: its UID where PS3.6 registers it, else a fixed text.

    A private one may be anything, a person's name or number too. Empty stays empty.
    """
    return uid if not uid or uid in UID_dictionary else PRIVATE_SOP_CLASS
