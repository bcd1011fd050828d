"""A worker's question to the ledger: does one of our outputs have this SOP Instance UID?"""

from __future__ import annotations

from sqlalchemy.exc import SQLAlchemyError

from orthanc_deid.errors import SourceError
from orthanc_deid.ledger.database import Database
from orthanc_deid.ledger.queue.intake import is_output


class KnownUids:
    """Looks up SOP Instance UIDs of our outputs in the ledger at `url`, which the first call opens."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._database: Database | None = None

    def __call__(self, sop_instance_uid: str) -> bool:
        """Whether an output has this UID; SourceError if the ledger fails, so that the instance is retried."""
        try:
            if self._database is None:
                self._database = Database(self._url)
            return self._database.read(lambda c: is_output(c, sop_instance_uid))
        except SQLAlchemyError as error:
            raise SourceError(f"the ledger does not answer ({type(error).__name__})") from None
