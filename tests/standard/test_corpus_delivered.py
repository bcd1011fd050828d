"""Of the real files at hand, `research` refuses only those listed here, each for a reason of its own.

Burned-in text aside: its suspicion is accepted here.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from orthanc_deid import Key
from orthanc_deid.deid.engine import Deidentifier
from orthanc_deid.errors import NotDicomError, RefusedError
from orthanc_deid.profile.compile import CompiledProfile
from orthanc_deid.profile.condition_model import Condition
from orthanc_deid.profile.load import load_profile
from orthanc_deid.profile.pixel_settings import PixelRule, Pixels
from orthanc_deid.verify.verifier import Verifier
from support.data.corpus import corpus

KEY = Key(bytes(range(32)))

DAMAGED = {
    "MR_truncated.dcm": "length past the end",  # half of its samples are missing
    "rtplan_truncated.dcm": "length past the end",  # cut off in a sequence
}
"""Files whose end is missing, as their names say."""

REFUSED = {
    "badVR.dcm": "geometry that is no number",  # Number of Frames is no number
    "empty_charset_LEI.dcm": "no SOP Class UID, and none follows from Modality",  # two elements
    "meta_missing_tsyntax.dcm": "no data set that can be read behind the Part 10 prefix or the file meta",
    "nested_priv_SQ.dcm": "no SOP Class UID, and none follows from Modality",  # private sequences and nothing else
    "rtdose_expb.dcm": "big endian samples of this width",  # 32 bits as OW: swapped by 2 or by 4 bytes
    "rtdose_expb_1frame.dcm": "big endian samples of this width",
}
"""Files that can be understood in more than one way, or that are no instance of a known class."""

NO_DICOM = {"no_meta.dcm"}
"""A file that begins with a stray byte, so that no element stands where one must."""


@cache
def accepting() -> tuple[Deidentifier, Verifier]:
    """Return engine and check of `research` with all suspected images accepted."""
    either = (Condition(attribute="PatientComments", exists=there) for there in (True, False))
    rules = tuple(PixelRule(when=(each,)) for each in either)
    profile = load_profile("research").model_copy(update={"pixels": Pixels(rules=rules)})
    return Deidentifier(CompiledProfile(profile), KEY), Verifier(profile, KEY, "full")


def outcome(path: Path) -> str:
    """Return the rule by which a file is refused, nothing for one that is delivered; raises what the check finds."""
    engine, verifier = accepting()
    data = path.read_bytes()
    try:
        done = engine.run(data)
    except RefusedError as error:
        return "no instance" if isinstance(error, NotDicomError) else error.rule
    verifier.check(data, done.output, done.sample_changes)
    return ""


def outcomes() -> Iterator[tuple[str, str]]:
    return ((path.name, outcome(path)) for path in corpus())


@pytest.mark.filterwarnings("ignore")
def test_research_delivers_all_real_files_but_those_that_are_listed() -> None:
    found = list(outcomes())
    held = {name: rule for name, rule in found if rule and rule != "no instance"}
    assert held == DAMAGED | REFUSED
    no_instances = {name for name, rule in found if rule == "no instance"}
    assert {name for name in no_instances if name.endswith(".dcm") and "DICOMDIR" not in name} == NO_DICOM
    instances = [rule for name, rule in found if rule != "no instance" and name not in DAMAGED]
    assert instances.count("") >= 0.97 * len(instances)
