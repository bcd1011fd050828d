"""What is done to one encoded instance between source and store: de-identify, then let the verifier judge."""

from __future__ import annotations

from orthanc_deid.config.key import Key
from orthanc_deid.deid.engine import Deidentifier
from orthanc_deid.dicom.partial_file import Data
from orthanc_deid.pipeline.loop_guard import Procedure
from orthanc_deid.profile.compile import CompiledProfile
from orthanc_deid.profile.model import Profile
from orthanc_deid.verify import Verifier
from orthanc_deid.verify.result import Verified


def procedure_of(profile: Profile, key: Key) -> Procedure:
    """Return the procedure of a profile, compiled; what it learned of the profile serves the next instance."""
    deidentifier, verifier = Deidentifier(CompiledProfile(profile), key), Verifier(profile, key)

    def run(data: Data) -> Verified:
        return verifier.check(data, deidentifier.run(data).output)

    return run
