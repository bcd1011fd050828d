"""The routes over a real ledger and a stand-in for Orthanc, for unit tests."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from orthanc_deid.config.load import load_settings
from orthanc_deid.host.context import Context
from orthanc_deid.host.gateway import Gateway
from orthanc_deid.host.routes.on_demand_routes import OnDemandRoutes
from orthanc_deid.host.routes.route_table import Routes
from orthanc_deid.ledger.queue.ledger import Ledger
from orthanc_deid.orthanc.configuration import OrthancConfiguration
from orthanc_deid.pipeline.tasks import NewTask, Outcome, Output, Result
from orthanc_deid.profile.model import Profile
from orthanc_deid.stores.registry import configured_stores
from orthanc_deid.workers.on_demand import OnDemandResult, OnDemandSetup
from orthanc_deid.workers.on_demand_client import OnDemandClient
from orthanc_deid.workers.pool import process_pool
from support.pipeline_parts import KEY, FolderOfBytes
from support.servers.fake_orthanc import FakeOrthanc

STUDY = "11111111-11111111-11111111-11111111-11111111"
SERIES = "22222222-22222222-22222222-22222222-22222222"
FIRST = "33333333-33333333-33333333-33333333-33333333"
SECOND = "44444444-44444444-44444444-44444444-44444444"
ABSENT = "55555555-55555555-55555555-55555555-55555555"


class CannedResults(OnDemandClient):
    """Answers without a worker."""

    def __init__(self) -> None:
        super().__init__(OnDemandSetup(FolderOfBytes(Path("/nowhere")), (), KEY), process_pool)
        self.analyzed: list[str] = []
        self.drawn: list[bool] = []

    def result(self, _instance: str, _profile: str) -> OnDemandResult:
        return OnDemandResult(b"de-identified", Output("p", "2.25.2", "2.25.3", "2.25.4", "0" * 32))

    def preview(self, instance: str, profile: str) -> dict[str, Any]:
        return {"Instance": instance, "Profile": profile}

    def analysis(self, instances: Sequence[str], *, drawing: bool = False) -> dict[str, Any]:
        self.analyzed = list(instances)
        self.drawn.append(drawing)
        return {"Files": len(self.analyzed)}


class Host:
    """The routes over a real ledger and a stand-in for Orthanc."""

    def __init__(self, folder: Path, section: dict[str, Any]) -> None:
        self.orthanc = FakeOrthanc(
            folder,
            resources={
                f"/studies/{STUDY}": {"Series": [SERIES]},
                f"/series/{SERIES}": {"Instances": [FIRST, SECOND]},
                f"/instances/{FIRST}": {"ID": FIRST},
            },
        )
        self.ledger = Ledger.open(f"sqlite:///{folder / 'ledger.db'}", "f" * 16)
        self.rings = 0
        self.catch_ups = 0
        self.arriving: list[NewTask] = []
        self.trouble: str | None = None
        settings = load_settings({"Deidentify": section}, folder)
        context = Context(
            Gateway(self.orthanc),
            settings,
            {name: Profile(name=name, description=f"about {name}") for name in ("neutral", "basic", "other")},
            self.ledger,
            catch_up=self._catch_up,
            wake_scheduler=self._ring,
            trouble=lambda: self.trouble,
            stores=configured_stores(settings.stores, OrthancConfiguration({}, folder)),
        )
        self.on_demand = CannedResults()
        self.routes = Routes(context, OnDemandRoutes(context, self.on_demand))
        self.routes.register()

    def _catch_up(self) -> None:
        self.catch_ups += 1
        self.ledger.record(self.arriving, None, now=1e9)

    def _ring(self) -> None:
        self.rings += 1

    def settle(self, *results: Result) -> None:
        """Close the pending works with these results."""
        tasks = self.ledger.claim("test", len(results), 60, now=2e9)
        assert len(tasks) == len(results)
        outcomes = [Outcome(task, result, rule="r") for task, result in zip(tasks, results, strict=True)]
        self.ledger.close(outcomes, now=2e9)
