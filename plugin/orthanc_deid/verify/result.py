"""What only the verifier can make, and what stores take: an output that has passed the independent check."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import InitVar, dataclass, field
from hashlib import md5
from types import MappingProxyType
from typing import Final

from orthanc_deid.dicom.slices import Slices

_TOKEN: Final = object()
"""Known to `verify` alone; it is no secret, but nobody hands it over by accident."""


@dataclass(frozen=True, slots=True, eq=False)
class Verified:
    """A de-identified instance and what the verifier read from it (design D7).

    The identifiers are those of the output, read by the verifier itself and valid as DICOM identifiers: a
    PatientID or UID that a file name could not hold is still the store's business. `codes` are the CID 7050
    code values that are true of this instance; `left_out` counts, by kind, the original's values that the
    published rule did not search. Where the output ends with samples that nobody has read yet, it is verified when
    they have been written: what then is raised says that it may not be kept. Raises TypeError for everyone but the
    verifier.
    """

    output: Slices
    patient_id: str
    study_instance_uid: str
    series_instance_uid: str
    sop_instance_uid: str
    sop_class_uid: str
    codes: tuple[str, ...] = ()
    left_out: Mapping[str, int] = field(default_factory=dict)
    issued_by: InitVar[object] = None

    def __post_init__(self, issued_by: object) -> None:
        if issued_by is not _TOKEN:
            raise TypeError("only the verifier makes a Verified")
        object.__setattr__(self, "left_out", MappingProxyType(dict(self.left_out)))

    def md5(self) -> str:
        """Return the MD5 of the output in lower-case hexadecimal, as Orthanc and object stores compare it."""
        digest = md5(usedforsecurity=False)
        for run in self.output.runs():
            for part in run:
                digest.update(part)
        return digest.hexdigest()
