"""Whether a SOP Instance UID is that of one of our outputs: what a worker asks the ledger."""

from __future__ import annotations

from sqlalchemy.exc import SQLAlchemyError

from orthanc_deid.errors import SourceError
from orthanc_deid.ledger.database import Database
from orthanc_deid.ledger.queue.intake import is_output


class KnownUids:
    """Asks the ledger at `url` whether one of our outputs has a SOP Instance UID."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._database: Database | None = None

    def __call__(self, sop_instance_uid: str) -> bool:
        """Whether it has; SourceError where the ledger does not answer, so that the instance is tried again."""
        try:
            if self._database is None:
                self._database = Database(self._url)
            return self._database.read(lambda c: is_output(c, sop_instance_uid))
        except SQLAlchemyError as error:
            raise SourceError(f"the ledger does not answer ({type(error).__name__})") from None
