"""The whole error tree.

DeidError
├── ConfigError          settings, profile or key: names the key and what would be accepted
├── RefusedError         the instance cannot be made safe: names the rule and the tag; quarantined
│   └── NotDicomError    the bytes are no composite instance at all
├── VerificationError    the output still carries something: names each finding; quarantined
├── SourceError          the source failed; may be retried
│   └── LostError        the source no longer holds the instance
└── StoreError           the destination failed; may be retried
    ├── RejectedError    the destination works, but did not take this instance
    └── ConflictError    the destination holds other bytes under the same SOP Instance UID; quarantined

Messages hold tags, rules, settings' keys and Orthanc's own identifiers: never an element's value, never a
source path, because they end up in logs, reports and answers.
"""

from __future__ import annotations


class DeidError(Exception):
    """Base of every error that this package raises on purpose."""


class ConfigError(DeidError):
    """The settings, a profile or the key cannot be used; raised at start, before any work."""


class RefusedError(DeidError):
    """An instance that cannot be made safe: quarantined (fail closed).

    `rule` names what refused it (a stable, lower-case phrase that reports may count by), `where` the element's
    path as `dicom.tags.format_path` writes it or the profile's rule, or nothing when the whole instance is meant.
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
    """The independent check found something in the output; nothing of it may be released.

    `findings` are the lines that reports count by: each names rule, kind and tag path, never a value.
    """

    def __init__(self, findings: tuple[str, ...]) -> None:
        super().__init__("; ".join(findings))
        self.findings = findings

    def __reduce__(self) -> tuple[type[VerificationError], tuple[tuple[str, ...]]]:
        return type(self), (self.findings,)


class SourceError(DeidError):
    """The source failed to hand an instance over; trying again may help."""


class LostError(SourceError):
    """The source no longer holds the instance: somebody deleted it, or it was recycled."""


class StoreError(DeidError):
    """The destination failed; trying again may help."""


class RejectedError(StoreError):
    """The destination works, but did not take this instance; no reason to pause the destination."""


class ConflictError(StoreError):
    """The destination holds different bytes under the same SOP Instance UID; never overwritten."""
