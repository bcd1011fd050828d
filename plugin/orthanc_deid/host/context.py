"""The context of all routes: settings, profiles, ledger, stores, and the index of Orthanc."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus

from orthanc_deid.config.settings import Settings
from orthanc_deid.host.gateway import Gateway
from orthanc_deid.host.http import RouteError
from orthanc_deid.host.resources import instances_of
from orthanc_deid.ledger.queue.ledger import Ledger
from orthanc_deid.ledger.queue.views import TaskRow
from orthanc_deid.profile.model import Profile
from orthanc_deid.stores.registry import ConfiguredStore


@dataclass(frozen=True, slots=True)
class Context:
    """One Orthanc with this plugin.

    `catch_up` waits until the ledger knows the instances that Orthanc has received, `wake_scheduler` reports new
    tasks, and `trouble` returns the current problem or None. `stores` are those of the settings, by name.
    """

    gateway: Gateway
    settings: Settings
    profiles: Mapping[str, Profile]
    ledger: Ledger
    catch_up: Callable[[], None]
    wake_scheduler: Callable[[], None]
    trouble: Callable[[], str | None]
    stores: Mapping[str, ConfiguredStore]

    def admitted(self) -> dict[str, tuple[str, ...]]:
        """Return the profiles that each store admits."""
        return {store: self.settings.admitted(store) for store in self.settings.stores}

    def stores_for(self, profile: str) -> list[str]:
        """Return the stores that admit a profile."""
        return [store for store, admits in self.admitted().items() if profile in admits]

    def must_admit(self, stores: Iterable[str], profile: str) -> None:
        """Raise RouteError 403 if one of these stores does not admit the profile."""
        for store in stores:
            admits = self.settings.admitted(store) if store in self.settings.stores else ()
            if profile not in admits:
                raise RouteError(
                    HTTPStatus.FORBIDDEN,
                    f"the store {store} does not admit {profile}; it admits: {', '.join(admits) or 'nothing'}",
                )

    def instances(self, level: str, resource: str) -> list[str]:
        """Return the Orthanc ids of all instances of a resource; RouteError 404 if Orthanc does not hold it."""
        instances = instances_of(self.gateway, level, resource)
        if instances is None:
            raise RouteError(HTTPStatus.NOT_FOUND, f"Orthanc holds no such resource among its {level}")
        return instances

    def seqs(self, instances: Sequence[str]) -> dict[str, int]:
        """Return the Seq of the latest receipt of each instance; 0 if the ledger has none.

        Waits for the feed if the ledger does not know an instance yet: with an unknown Seq it would be processed once
        more when the feed records it.
        """
        if self.ledger.unknown(instances):
            self.catch_up()
        return newest_seqs(instances, self.ledger.rows_of(instances))


def newest_seqs(instances: Collection[str], rows: Iterable[TaskRow]) -> dict[str, int]:
    """Return the highest Seq of each instance, 0 if there is no row."""
    seqs = dict.fromkeys(instances, 0)
    for row in rows:
        seqs[row.instance] = max(seqs[row.instance], row.seq)
    return seqs
