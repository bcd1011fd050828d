"""A worker's question to the ledger: does a study belong to this patient, for one store and profile?

The first instance of a study that is about to be put decides. The ledger keeps the answer, so that all workers give
the same one, and a study is never split between two patients.
"""

from __future__ import annotations

from sqlalchemy import Connection, select
from sqlalchemy.exc import SQLAlchemyError

from orthanc_deid.errors import SourceError
from orthanc_deid.ledger.database import Database, insert
from orthanc_deid.ledger.schema import study_patients

_MOST_CACHED = 10_000


class StudyPatients:
    """Looks up and records the patients of studies in the ledger at `url`, which the first call opens."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._database: Database | None = None
        self._confirmed: set[tuple[str, str, str, str]] = set()

    def __call__(self, store: str, profile: str, study_instance_uid: str, patient_id: str) -> bool:
        """Whether the study belongs to this patient; it does where it belonged to none. The IDs are the new ones.

        Raises SourceError if the ledger fails, so that the instance is retried.
        """
        asked = (store, profile, study_instance_uid, patient_id)
        if asked in self._confirmed:
            return True
        try:
            if self._database is None:
                self._database = Database(self._url)
            database = self._database
            belongs = database.read(lambda c: _patient(c, *asked[:3])) or _record(database, asked)
        except SQLAlchemyError as error:
            raise SourceError(f"the ledger does not answer ({type(error).__name__})") from None
        if belongs != patient_id:
            return False
        if len(self._confirmed) >= _MOST_CACHED:
            self._confirmed.clear()
        self._confirmed.add(asked)
        return True


def _record(database: Database, asked: tuple[str, str, str, str]) -> str | None:
    """Record the patient unless another worker was faster; return the one that is recorded."""
    row = dict(zip(study_patients.c.keys(), asked, strict=True))

    def write(connection: Connection) -> str | None:
        connection.execute(insert(connection, study_patients).on_conflict_do_nothing(), [row])
        return _patient(connection, *asked[:3])

    return database.write(write)


def _patient(connection: Connection, store: str, profile: str, study: str) -> str | None:
    table = study_patients.c
    chosen = select(table.patient_id).where(
        table.store == store, table.profile == profile, table.study_instance_uid == study
    )
    found: str | None = connection.scalar(chosen)
    return found
