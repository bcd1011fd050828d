"""Whose a study is: the first patient that is asked for, for all workers, per store and profile."""

from __future__ import annotations

from pathlib import Path

import pytest

from orthanc_deid.errors import SourceError
from orthanc_deid.ledger.queue.ledger import Ledger
from orthanc_deid.ledger.queue.study_patients import StudyPatients

STUDY = "2.25.1"


@pytest.fixture
def url(tmp_path: Path) -> str:
    found = f"sqlite:///{tmp_path / 'ledger.db'}"
    Ledger.open(found, "f" * 16).close_database()
    return found


def test_a_study_belongs_to_the_first_patient_for_every_worker(url: str) -> None:
    one, other = StudyPatients(url), StudyPatients(url)
    assert one("output", "neutral", STUDY, "a")
    assert not other("output", "neutral", STUDY, "b")
    assert other("output", "neutral", STUDY, "a")
    assert not one("output", "neutral", STUDY, "b")
    assert one("output", "neutral", "2.25.2", "b")


def test_stores_and_profiles_are_apart(url: str) -> None:
    belongs = StudyPatients(url)
    assert belongs("output", "neutral", STUDY, "a")
    assert belongs("output", "research", STUDY, "b")
    assert belongs("archive", "neutral", STUDY, "c")


def test_a_ledger_that_fails_leads_to_a_retry(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="the ledger does not answer"):
        StudyPatients(f"sqlite:///{tmp_path / 'none' / 'ledger.db'}")("output", "neutral", STUDY, "a")
