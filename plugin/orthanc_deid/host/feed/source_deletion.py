"""`DeleteSource`: deletes instances that every store has confirmed, if their bytes are still those processed.

The ledger keeps the candidates, so none is forgotten if Orthanc stops between delivery and deletion. Orthanc has no
conditional deletion: an instance that is overwritten between the comparison of its MD5 and the deletion is deleted.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable

from orthanc_deid.errors import LostError
from orthanc_deid.host.periodic import Periodic
from orthanc_deid.ledger.queue.ledger import Ledger
from orthanc_deid.pipeline.tasks import SENT, Outcome, state_of
from orthanc_deid.sources.orthanc_source import OrthancSetup

SECONDS = 600.0
"""Seconds between two runs if nothing is delivered."""

PAGE = 500


class SourceDeletion:
    """Deletes source instances in a thread of its own.

    `catch_up` waits until the ledger knows the instances that Orthanc has received.
    """

    def __init__(
        self,
        setup: OrthancSetup,
        ledger: Ledger,
        catch_up: Callable[[], None],
        on_error: Callable[[str], None],
    ) -> None:
        self._source = setup.open()
        self._ledger = ledger
        self._catch_up = catch_up
        self._periodic = Periodic("deletion of sources", self.run_once, SECONDS, on_error)

    def start(self) -> None:
        """Start the thread."""
        self._periodic.start()

    def stop(self, timeout: float) -> None:
        """End the thread, and wait for it at most `timeout` seconds."""
        self._periodic.stop(timeout)

    def closed(self, outcomes: Iterable[Outcome]) -> None:
        """Run soon if one of these outcomes is a delivery: cheap, from any thread."""
        if any(state_of(outcome.result) in SENT for outcome in outcomes):
            self._periodic.wake()

    def run_once(self) -> None:
        """Delete all instances that are delivered everywhere and not deleted yet."""
        after = 0
        while not self._periodic.stopping:
            page = self._ledger.sources(after, PAGE)
            if not page:
                return
            after = page[-1][0]
            self._delete({instance for _, instance in page})

    def _delete(self, instances: Collection[str]) -> None:
        if not self._ledger.deletable(instances):
            return
        self._catch_up()  # an instance overwritten meanwhile has a newer Seq and is not deletable
        done = []
        try:
            for instance, md5 in self._ledger.deletable(instances).items():
                try:
                    if self._source.md5(instance) == md5:
                        self._source.delete(instance)
                except LostError:
                    pass  # already deleted
                done.append(instance)
        finally:
            self._ledger.forget_sources(done)
