"""The result of a check: an output that has passed. Only the verifier makes it, and stores take nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import InitVar, dataclass, field
from hashlib import md5
from types import MappingProxyType
from typing import Final

from orthanc_deid.dicom.slices import Slices

_TOKEN: Final = object()
"""Known to `verify` alone, so that no other module makes a `Verified` by accident."""


@dataclass(frozen=True, slots=True, eq=False)
class Verified:
    """A verified output and its identifiers as the verifier read them (D7 in docs/architecture.md).

    The identifiers are valid as DICOM identifiers; whether a file name can hold them is for the store to check.
    `codes`: the CID 7050 code values that are true of the instance. `left_out`: how many of the original's
    identifying values were not searched, by kind. An output that ends with samples not read yet is verified
    once they are written: if writing raises, the written data must not be kept. Raises TypeError where any module but
    the verifier makes it.
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
