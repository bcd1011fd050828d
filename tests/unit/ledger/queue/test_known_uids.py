"""A worker's question to the ledger: which SOP Instance UIDs are those of our outputs."""

from __future__ import annotations

from pathlib import Path

import pytest

from orthanc_deid.errors import SourceError
from orthanc_deid.ledger.queue.known_uids import KnownUids
from orthanc_deid.ledger.queue.ledger import Ledger
from support.ledger_tasks import output


def test_the_uids_of_outputs_are_known(url: str, ledger: Ledger) -> None:
    known = KnownUids(url)
    assert not known(output(7).sop_instance_uid)
    ledger.note_output(output(7), "i1", "neutral")
    assert known(output(7).sop_instance_uid)
    assert not known(output(8).sop_instance_uid)
    assert known._database is not None
    known._database.dispose()


def test_a_ledger_that_does_not_answer_is_a_failure_of_the_source(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="the ledger does not answer"):
        KnownUids(f"sqlite:///{tmp_path / 'none' / 'ledger.db'}")("2.25.1")
