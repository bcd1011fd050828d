"""All exceptions of this package.

DeidError
├── ConfigError          settings, profile or key: names the key and the accepted values
├── RefusedError         the instance cannot be de-identified safely: names the rule and the tag; quarantined
│   └── NotDicomError    the bytes are not a composite instance
├── VerificationError    the verifier has findings in the output: names each; quarantined
├── SourceError          the source failed; may be retried
│   └── LostError        the source no longer holds the instance
└── StoreError           the destination failed; may be retried
    ├── RejectedError    the destination works, but refused this instance; retried, the destination is not paused
    └── ConflictError    the destination holds other bytes under the same SOP Instance UID; quarantined
        └── MixedPatientsError   the destination holds the study or the instance under another patient; quarantined

Messages hold tags, rules, keys of settings and Orthanc's identifiers, never the value of an element or the path of a
source, because logs, reports and HTTP answers contain them.
"""

from __future__ import annotations

UNEXPECTED = "unexpected"
"""Begins the rule of an error that is none of this package."""


class DeidError(Exception):
    """Base class of all exceptions of this package."""


class ConfigError(DeidError):
    """The settings, a profile or the key cannot be used; raised at start, before any work."""


class RefusedError(DeidError):
    """The instance cannot be de-identified safely; it is quarantined (fail closed).

    `rule` names the reason: a stable lower-case phrase by which reports count. `where` is the path of the element as
    `dicom.tags.format_path` writes it, or the rule of the profile; empty if the whole instance is meant.
    """

    def __init__(self, rule: str, where: str = "") -> None:
        super().__init__(f"{rule}: {where}" if where else rule)
        self.rule = rule
        self.where = where

    def __reduce__(self) -> tuple[type[RefusedError], tuple[str, str]]:
        return type(self), (self.rule, self.where)


class NotDicomError(RefusedError):
    """The bytes are no DICOM instance: not DICOM, a DICOMDIR, or a command set."""


class VerificationError(DeidError):
    """The verifier has findings in the output; nothing of it may be delivered.

    `findings` are lines by which reports count: each names rule, kind and tag path, never a value.
    """

    def __init__(self, findings: tuple[str, ...]) -> None:
        super().__init__("; ".join(findings))
        self.findings = findings

    def __reduce__(self) -> tuple[type[VerificationError], tuple[tuple[str, ...]]]:
        return type(self), (self.findings,)


class SourceError(DeidError):
    """The source failed to return an instance; a retry may succeed."""


class LostError(SourceError):
    """The source no longer holds the instance: it was deleted or recycled."""


class StoreError(DeidError):
    """The destination failed; a retry may succeed."""


class RejectedError(StoreError):
    """The destination works, but refused this instance; it is retried, and the destination is not paused."""


class ConflictError(StoreError):
    """The destination holds different bytes under the same SOP Instance UID; they are never overwritten."""


class MixedPatientsError(ConflictError):
    """The destination holds instances of the study, or the instance itself, under another PatientID."""


def unexpected(error: BaseException) -> str:
    """Return the rule of an error that is none of this package: its type alone, since its message may hold values."""
    return f"{UNEXPECTED}: {type(error).__name__}"
