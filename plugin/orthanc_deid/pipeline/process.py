"""The step between source and store: its interface, which the pipeline knows without importing the engine."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from orthanc_deid.dicom.partial_file import Data
from orthanc_deid.errors import RefusedError, VerificationError
from orthanc_deid.pipeline.facts import Facts
from orthanc_deid.pipeline.tasks import Output
from orthanc_deid.verify.result import Verified


@dataclass(frozen=True, slots=True)
class Processed:
    """A result that a store may take, and the facts of it."""

    verified: Verified
    facts: Facts


@dataclass(frozen=True, slots=True)
class Withheld:
    """An instance of which nothing may be released: why, and the facts that could be read."""

    error: RefusedError | VerificationError
    facts: Facts


Process: TypeAlias = Callable[[Data], Processed | Withheld]
"""De-identifies and verifies one encoded instance. Raises SourceError where its bytes cannot be read to their end."""


def output_of(verified: Verified, md5: str = "") -> Output:
    """Return the identifiers of a verified result; `md5` is that of its bytes, if it is wanted."""
    return Output(
        verified.patient_id,
        verified.study_instance_uid,
        verified.series_instance_uid,
        verified.sop_instance_uid,
        md5,
    )
