"""The second opinion: an independent check of every output before anything of it is released (design D7).

Written from the standard's tables and the profile's published rules (`profile/RULES.md`), never from the
engine: it imports neither `deid` nor `profile.compile`, and its full depth parses with pydicom, not our walker.
"""

from orthanc_deid.verify.verifier import Verifier, verify

__all__ = ["Verifier", "verify"]
