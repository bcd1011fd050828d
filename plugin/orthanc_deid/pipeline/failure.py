"""Why an instance was not delivered: one table from errors to results, rules and reasons."""

from __future__ import annotations

from dataclasses import dataclass

from orthanc_deid.errors import (
    ConflictError,
    LostError,
    MixedPatientsError,
    RefusedError,
    RejectedError,
    SourceError,
    StoreError,
    VerificationError,
    unexpected,
)
from orthanc_deid.pipeline.tasks import CONFLICT, MIXED_PATIENTS, Result

VERIFICATION = "verification"
"""The rule by which an instance is quarantined that the verifier does not accept."""

_LONGEST_REASON = 2000


@dataclass(frozen=True, slots=True)
class Failure:
    """How an attempt ended that delivered nothing; `rule` and `reason` as in `Outcome`."""

    result: Result
    rule: str
    reason: str
    findings: tuple[str, ...] = ()


def failure_of(error: Exception) -> Failure:
    """Return how the attempt ends that met this error.

    An unexpected error quarantines the instance (D6 in docs/architecture.md). Its type is the reason.
    """
    reason = str(error)[:_LONGEST_REASON]
    match error:
        case RefusedError():
            return Failure(Result.QUARANTINED, error.rule, reason)
        case VerificationError():
            return Failure(Result.QUARANTINED, VERIFICATION, reason, error.findings)
        case ConflictError():
            is_mixed = isinstance(error, MixedPatientsError)
            return Failure(Result.QUARANTINED, MIXED_PATIENTS if is_mixed else CONFLICT, reason)
        case LostError():
            return Failure(Result.LOST, "lost", reason)
        case SourceError():
            return Failure(Result.RETRY, "source", reason)
        case RejectedError():
            return Failure(Result.RETRY, "rejected by the store", reason)
        case StoreError():
            return Failure(Result.RETRY_STORE, "store", reason)
    rule = unexpected(error)
    return Failure(Result.QUARANTINED, rule, rule)
