"""The picklable description of a pipeline: the host makes it without the engine, and each worker opens it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from orthanc_deid.config.key import Key
    from orthanc_deid.pipeline.pipeline import Pipeline
    from orthanc_deid.pipeline.process import Process
    from orthanc_deid.profile.model import Profile
    from orthanc_deid.sources.source import SourceSetup
    from orthanc_deid.stores.store import StoreSetup


@dataclass(frozen=True, slots=True)
class PipelineSetup:
    """All that a worker of the server needs. `want_source_md5`: outcomes carry the MD5 of the fetched bytes.

    `admitted` names the profiles that each store admits (None: all). `ledger` is the URL of the ledger that knows our
    outputs; it is asked for instances that have a SOP Instance UID of our form, and opened for the first of them.
    With `holds_mixed_patients` the ledger is asked whether a study belongs to the patient of each result.
    `processes` makes the process of a profile; the default is `Deidentification`.
    """

    source: SourceSetup
    stores: tuple[StoreSetup, ...]
    profiles: tuple[Profile, ...]
    key: Key
    want_source_md5: bool = False
    admitted: Mapping[str, tuple[str, ...]] | None = None
    ledger: str | None = field(default=None, repr=False)
    holds_mixed_patients: bool = False
    processes: Callable[[Profile, Key], Process] | None = None

    def open(self) -> Pipeline:
        """Return the pipeline of one worker; nothing is opened or compiled before it is needed."""
        from orthanc_deid.ledger.queue.known_uids import KnownUids
        from orthanc_deid.ledger.queue.study_patients import StudyPatients
        from orthanc_deid.pipeline.pipeline import Pipeline, PipelineOptions

        make = self.processes or default_process
        makers = {profile.name: partial(make, profile, self.key) for profile in self.profiles}
        known = None if self.ledger is None else KnownUids(self.ledger)
        patients = None
        if self.ledger is not None and self.holds_mixed_patients:
            patients = StudyPatients(self.ledger)
        options = PipelineOptions(
            self.want_source_md5, admitted=self.admitted, own_uid=known, study_patient=patients
        )
        return Pipeline(self.source, self.stores, makers, options)


def default_process(profile: Profile, key: Key) -> Process:
    """Return the process that de-identifies and verifies by a profile."""
    # Imported where it is used: the host never needs the engine in its own process.
    from orthanc_deid.pipeline.deidentification import Deidentification

    return Deidentification(profile, key)
