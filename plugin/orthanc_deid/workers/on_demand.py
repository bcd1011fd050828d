"""Results on demand, the worker's side: an instance's verified result or preview, or an analysis of a few instances.

It runs in a worker process of its own, because the engine is never loaded into Orthanc. `on_demand_client` is the
side that asks. A preview holds the instance's values: it goes to the user who asked, and nowhere else.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from orthanc_deid.config.key import Key
from orthanc_deid.dicom.partial_file import whole
from orthanc_deid.dicom.slices import Buffer
from orthanc_deid.errors import RefusedError, SourceError
from orthanc_deid.pipeline.failure import failure_of
from orthanc_deid.pipeline.pipeline_setup import default_process
from orthanc_deid.pipeline.process import Withheld, output_of
from orthanc_deid.pipeline.processing import Processing
from orthanc_deid.pipeline.tasks import Output, Result
from orthanc_deid.profile.model import Profile
from orthanc_deid.sources.source import SourceSetup
from orthanc_deid.version import __version__

LONGEST_SHOWN = 1000
"""Characters of a value that a preview shows."""
MOST_BYTES = 512 << 20
"""Bytes of instances that an analysis reads, so that its user does not wait long."""


@dataclass(frozen=True, slots=True)
class OnDemandSetup:
    """All that the worker needs, picklable."""

    source: SourceSetup
    profiles: tuple[Profile, ...]
    key: Key

    def open(self) -> OnDemandRunner:
        """Return the runner; nothing is opened or compiled before it is needed."""
        return OnDemandRunner(self)


@dataclass(frozen=True, slots=True)
class OnDemandResult:
    """The bytes of a verified result and its identifiers, or the rule and the reason why there is none.

    `lost`: the source no longer holds the instance.
    """

    data: bytes = b""
    output: Output | None = None
    rule: str = ""
    reason: str = ""
    lost: bool = False


class OnDemandRunner:
    """The runner of the worker: a source, and the processes of the profiles."""

    def __init__(self, setup: OnDemandSetup) -> None:
        self._profiles = {profile.name: profile for profile in setup.profiles}
        self._key = setup.key
        makers = {profile.name: partial(default_process, profile, setup.key) for profile in setup.profiles}
        self._processing = Processing(setup.source, makers)

    def result(self, instance: str, profile: str) -> OnDemandResult:
        """De-identify and verify one instance."""
        try:
            processed = self._processing.process(profile, self._processing.fetch(instance))
            if isinstance(processed, Withheld):
                return _not_made(processed.error)
            verified = processed.verified
            return OnDemandResult(bytes(verified.output), output_of(verified, verified.md5()))
        except Exception as error:  # noqa: BLE001 - fail closed
            return _not_made(error)

    def preview(self, instance: str, profile: str) -> dict[str, Any] | None:
        """Return what a profile changes in one instance, and whether it would be delivered; None: it is lost."""
        made = self.result(instance, profile)
        if made.lost:
            return None
        content = {"Instance": instance, "Deliverable": made.output is not None}
        content |= {"Rule": made.rule, "Reason": made.reason, "Changes": [], "Notes": []}
        try:
            return content | self._changes(instance, profile)
        except (SourceError, RefusedError):
            return content  # it holds the reason already
        except Exception as error:  # noqa: BLE001 - the instance's fault, and no reason to fail
            reason = made.reason or f"no preview: {type(error).__name__}"
            return content | {"Reason": reason}

    def analysis(self, instances: Sequence[str], *, drawing: bool = False) -> dict[str, Any]:
        """Return which attributes these instances have, and which can carry identity; no value is among it.

        With `drawing`, `Drawing` of the answer is the same as HTML in both languages.

        Instances after the first `MOST_BYTES` are not read; `Files` of the answer counts those that were.
        """
        from orthanc_deid.report.analysis.analysis import analysis
        from orthanc_deid.report.analysis.analysis_page import analysis_sections
        from orthanc_deid.report.analysis.attribute_counts import Tally

        tally, size = Tally(), 0
        for instance in instances:
            if size >= MOST_BYTES:
                break
            size += tally.add(partial(self._fetch, instance))
        found = analysis(__version__, tally.groups, tally.files, tally.not_dicom, tally.unreadable)
        content: dict[str, Any] = found.model_dump(mode="json", by_alias=True)
        return content | {"Drawing": str(analysis_sections(found))} if drawing else content

    def _fetch(self, instance: str) -> Buffer:
        return whole(self._processing.fetch(instance))

    def _changes(self, instance: str, profile: str) -> dict[str, Any]:
        from orthanc_deid.deid.engine import Deidentifier
        from orthanc_deid.deid.preview import preview
        from orthanc_deid.dicom.tags import format_path
        from orthanc_deid.profile.compile import CompiledProfile

        engine = Deidentifier(CompiledProfile(self._profiles[profile]), self._key)
        found = preview(self._fetch(instance), engine)
        changes = [
            {
                "Path": format_path(change.path),
                "Name": change.name,
                "VR": change.vr,
                "Before": _short(change.before),
                "After": _short(change.after),
                "Action": change.action,
                "Rule": change.rule,
            }
            for change in found.changes
        ]
        return {
            "Profile": found.result.profile.name,
            "Changes": changes,
            "Notes": [str(note) for note in found.result.notes],
        }


def _not_made(error: Exception) -> OnDemandResult:
    failure = failure_of(error)
    if failure.result is Result.LOST:
        return OnDemandResult(lost=True)
    return OnDemandResult(rule=failure.rule, reason=failure.reason)


def _short(value: str | None) -> str | None:
    if value is None or len(value) <= LONGEST_SHOWN:
        return value
    return value[: LONGEST_SHOWN - 1] + "\u2026"
