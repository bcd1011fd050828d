"""The process of a profile: the facts that come with a result, and those of an instance that is withheld."""

from __future__ import annotations

import pytest
from pydicom.uid import CTImageStorage

from orthanc_deid import Key
from orthanc_deid.deid.uids import replace_uid
from orthanc_deid.errors import NotDicomError, RefusedError, VerificationError
from orthanc_deid.pipeline.deidentification import Deidentification
from orthanc_deid.pipeline.process import Processed, Withheld
from orthanc_deid.profile.load import load_profile
from orthanc_deid.verify.verifier import Verifier
from support.data.studies import IDENTITY, ct_study, encoded

KEY = Key(bytes(range(32)))


def process(data: bytes, *, want_mapping: bool = False) -> Processed | Withheld:
    return Deidentification(load_profile("neutral"), KEY, want_mapping=want_mapping)(data)


def test_a_result_comes_with_what_was_done_and_without_a_value() -> None:
    [image] = ct_study(1)
    data = encoded(image)
    found = process(data)
    assert isinstance(found, Processed)
    facts = found.facts
    assert (facts.sop_class, facts.profile, facts.size) == (CTImageStorage, "neutral", len(data))
    assert facts.study == replace_uid(image.StudyInstanceUID, KEY) == found.verified.study_instance_uid
    assert facts.codes == found.verified.codes
    assert facts.actions
    assert all(number > 0 for _, number in facts.actions)
    assert facts.findings == ()
    assert not [value for value in IDENTITY if value in repr(facts)]


def test_old_identifiers_come_only_where_a_mapping_is_wanted() -> None:
    data = encoded(ct_study(1)[0])
    without, mapped = process(data), process(data, want_mapping=True)
    assert without.facts.uids == ()
    assert without.facts.patient is None
    assert dict(mapped.facts.uids)
    assert mapped.facts.patient is not None


def test_a_refused_instance_comes_with_its_sop_class_and_the_studys_new_uid() -> None:
    [image] = ct_study(1)
    image.BurnedInAnnotation = "YES"
    found = process(encoded(image))
    assert isinstance(found, Withheld)
    assert isinstance(found.error, RefusedError)
    assert found.facts.sop_class == CTImageStorage
    assert found.facts.study == replace_uid(image.StudyInstanceUID, KEY)


def test_what_the_verifier_finds_comes_with_the_facts(monkeypatch: pytest.MonkeyPatch) -> None:
    def reject(*_arguments: object) -> None:
        raise VerificationError(("names: left (0010,0010)",))

    monkeypatch.setattr(Verifier, "check", reject)
    [image] = ct_study(1)
    found = process(encoded(image))
    assert isinstance(found, Withheld)
    assert found.facts.findings == ("names: left (0010,0010)",)
    assert found.facts.profile == "neutral"
    assert found.facts.study == replace_uid(image.StudyInstanceUID, KEY)


def test_bytes_that_are_not_dicom_have_a_size_and_no_other_facts() -> None:
    found = process(b"no DICOM")
    assert isinstance(found, Withheld)
    assert isinstance(found.error, NotDicomError)
    assert (found.facts.size, found.facts.sop_class, found.facts.study) == (8, "", "")
