"""`DeleteSource`: deletes what every store has confirmed, and only what is still what was processed.

The ledger remembers what is to be deleted, so a stop between delivery and deletion loses nothing of it. Orthanc has
no conditional deletion: between the look at the MD5 and the deletion lies a moment.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable

from orthanc_deid.errors import LostError
from orthanc_deid.host.periodic import Periodic
from orthanc_deid.ledger.queue.ledger import Ledger
from orthanc_deid.pipeline.tasks import Outcome, Result
from orthanc_deid.sources.orthanc_source import OrthancSetup

SECONDS = 600.0
"""Between two looks when nothing was delivered."""

PAGE = 500

_SENT = frozenset({Result.DELIVERED, Result.DUPLICATE})


class SourceDeletion:
    """Deletes sources in a thread of its own. `catch_up` waits until the ledger knows what Orthanc has received."""

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
        self._periodic.start()

    def stop(self, timeout: float) -> None:
        """End the thread, and wait for it for so many seconds."""
        self._periodic.stop(timeout)

    def closed(self, outcomes: Iterable[Outcome]) -> None:
        """Look again where something was delivered: cheap, from any thread."""
        if any(outcome.result in _SENT for outcome in outcomes):
            self._periodic.wake()

    def run_once(self) -> None:
        """Look at everything that was delivered and is not deleted."""
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
        self._catch_up()  # what was overwritten just now has a newer Seq, and is not deletable any more
        done = []
        try:
            for instance, md5 in self._ledger.deletable(instances).items():
                try:
                    if self._source.md5(instance) == md5:
                        self._source.delete(instance)
                except LostError:
                    pass  # somebody else has deleted it
                done.append(instance)
        finally:
            self._ledger.forget_sources(done)
