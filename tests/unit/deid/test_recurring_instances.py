"""Instances whose headers stand in the same places share what depends on nothing else, and no value of each other."""

from __future__ import annotations

import pytest
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from orthanc_deid.deid.engine import Deidentifier
from orthanc_deid.errors import RefusedError
from orthanc_deid.profile.compile import CompiledProfile
from orthanc_deid.profile.load import load_profile
from support.data.hand_made import KEY, encoded, original

PROFILES = [CompiledProfile(load_profile(name)) for name in ("basic", "neutral", "research", "strict")]


def item(charset: str, codec: str) -> Dataset:
    """Return an item with a character set of its own, and a name of the same bytes in each."""
    made = Dataset()
    made.SpecificCharacterSet = charset
    made.add_new(0x00081050, "PN", b"\xba\xd5\xe1\xe2\xe0\xd5\xdb".decode(codec))
    return made


SERIES: list[dict[str, object]] = [
    {},
    {"InstanceNumber": "7"},
    {"PatientName": "Wexford^Ottilia", "PatientID": "PAT-55013"},
    {"PatientBirthDate": "19610412"},
    {"StudyDate": "20240313"},
    {"AccessionNumber": "ACC-90211"},
    {"BitsStored": 10, "HighBit": 9},
    {"StudyDescription": "Chest, Wexler"},
    {"StudyDescription": "Wexford chest"},
    {"Manufacturer": "Ottilie Systems"},
    {"Manufacturer": "Siemens Systems"},
    {"KVP": "90210"},
    {"SeriesInstanceUID": "1.2.276.0.7230010.3.1.3.5550002"},
    {"ReferencedStudySequence": Sequence([item("ISO_IR 144", "iso8859_5")])},
    {"ReferencedStudySequence": Sequence([item("ISO_IR 100", "latin-1")])},
    {"Rows": 4, "Columns": 1024},
]


def outcome(engine: Deidentifier, data: bytes) -> bytes | str:
    """Return the result, or why there is none."""
    try:
        return bytes(engine.run(data).output)
    except RefusedError as error:
        return str(error)


@pytest.mark.parametrize("profile", PROFILES, ids=lambda profile: profile.profile.name)
def test_results_do_not_depend_on_the_instances_before(profile: CompiledProfile) -> None:
    kept = Deidentifier(profile, KEY)
    series = [encoded(original(**changes)) for changes in SERIES]
    for _ in range(3):  # the layouts of the first pass are known in the others
        for data in [*series, *reversed(series)]:
            assert outcome(kept, data) == outcome(Deidentifier(profile, KEY), data)
