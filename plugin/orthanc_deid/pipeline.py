"""One instance's straight way: fetch, de-identify, verify, put. Every end of it is an `Outcome`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from orthanc_deid.sources.base import Source
from orthanc_deid.stores.base import Store
from orthanc_deid.work import Outcome, Work


class Pipeline:
    """What one worker process holds open: source, stores, profiles compiled, and the key."""

    def __init__(
        self,
        source: Source,
        stores: Mapping[str, Store],
        procedures: Mapping[str, object],
        want_source_md5: bool,
    ) -> None:
        raise NotImplementedError

    def run(self, works: Sequence[Work]) -> list[Outcome]:
        """Run a chunk and sync its stores once at the end; returns one outcome per work, in their order."""
        raise NotImplementedError
