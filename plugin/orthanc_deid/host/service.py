"""Start and stop of the plugin: checks everything before Orthanc starts, and begins once Orthanc answers."""

from __future__ import annotations

import socket
import time
from functools import partial
from importlib.resources import files

from sqlalchemy.exc import SQLAlchemyError

from orthanc_deid.config.key import Key
from orthanc_deid.config.keyfile import open_key
from orthanc_deid.config.load import load_settings
from orthanc_deid.config.settings import Settings
from orthanc_deid.errors import ConfigError, DeidError
from orthanc_deid.host.context import Context
from orthanc_deid.host.feed.feeder import Feeder, FeedReports, record_installation
from orthanc_deid.host.feed.source_deletion import SourceDeletion
from orthanc_deid.host.gateway import Gateway, OrthancModule
from orthanc_deid.host.health import Health
from orthanc_deid.host.metrics import metrics
from orthanc_deid.host.own_orthanc import own_orthanc
from orthanc_deid.host.routes.on_demand_routes import OnDemandRoutes
from orthanc_deid.host.routes.route_table import Routes
from orthanc_deid.ledger.database import stored_fingerprint
from orthanc_deid.ledger.queue.ledger import Ledger
from orthanc_deid.orthanc.configuration import OrthancConfiguration
from orthanc_deid.pipeline.pipeline_setup import PipelineSetup
from orthanc_deid.pipeline.retry_policy import RetryPolicy
from orthanc_deid.pipeline.tasks import Outcome
from orthanc_deid.profile.load import load_profiles
from orthanc_deid.profile.model import Profile
from orthanc_deid.sources.orthanc_source import OrthancSetup
from orthanc_deid.stores.registry import configured_stores
from orthanc_deid.version import __version__
from orthanc_deid.workers.on_demand import OnDemandSetup
from orthanc_deid.workers.on_demand_client import OnDemandClient
from orthanc_deid.workers.pool import process_pool
from orthanc_deid.workers.scheduler import Scheduler, SchedulerSettings

STOP_SECONDS = 0.5
"""Seconds to wait for running chunks: Orthanc itself takes three seconds to stop, and five is the limit."""


def start(module: OrthancModule) -> Service:
    """Check everything, register with Orthanc, and return the service, which begins when Orthanc answers.

    Raises DeidError after logging the reason; the exception makes Orthanc refuse to start, as intended.
    """
    gateway = Gateway(module)
    try:
        return Service(gateway)
    except DeidError as error:
        gateway.log_error(f"refusing to start. {error}")
        raise


class Service:
    """The plugin inside one Orthanc."""

    def __init__(self, gateway: Gateway) -> None:
        configuration, folder = gateway.configuration(), gateway.configuration_folder()
        self._gateway = gateway
        self._health = Health(gateway.log_error, gateway.log_warning)
        settings = load_settings(configuration, folder)
        self._settings = settings
        profiles = load_profiles(settings.profiles)
        settings.check_profiles(profiles)
        orthanc = OrthancConfiguration(configuration, folder)
        source = own_orthanc(orthanc, gateway.authorization())
        stores = configured_stores(settings.stores, orthanc)
        key, self._ledger = _open_ledger(settings)
        setup = PipelineSetup(
            source,
            tuple(store.setup for store in stores.values()),
            _named(settings, profiles),
            key,
            want_source_md5=settings.delete_source == "AfterDelivery",
            admitted={name: settings.admitted(name) for name in settings.stores},
            ledger=settings.ledger,
            holds_mixed_patients=settings.mixed_patients == "Hold",
        )
        executor = partial(process_pool, python=str(settings.python))
        # The same after a restart; two Orthancs on one machine have different ports.
        owner = f"{socket.gethostname()}:{configuration.get('HttpPort', 8042)}"
        self._scheduler = Scheduler(
            self._ledger,
            setup,
            SchedulerSettings(owner, settings.workers),
            executor=executor,
            on_closed=self._closed,
            on_error=self._health.report_failure,
        )
        self._make_feed(source)
        self._metrics = metrics(gateway, self._ledger, self._health.report_failure)
        context = Context(
            gateway,
            settings,
            profiles,
            self._ledger,
            catch_up=self._feeder.catch_up,
            wake_scheduler=self._scheduler.wake,
            trouble=self._health.current,
            stores=stores,
        )
        self._on_demand = OnDemandClient(OnDemandSetup(source, tuple(profiles.values()), key), executor)
        Routes(context, OnDemandRoutes(context, self._on_demand)).register()
        gateway.extend_explorer(_explorer_script())
        gateway.register_changes(self._started, self._stopped, self._feeder.received)

    def _make_feed(self, source: OrthancSetup) -> None:
        """Make the parts between Orthanc and the ledger: the feeder, and the deletion of sources if it is set."""
        reports = FeedReports(self._scheduler.wake, self._health.report_feeder, self._gateway.log_warning)
        self._feeder = Feeder(source, self._ledger, self._settings, reports)
        self._deletion: SourceDeletion | None = None
        if self._settings.delete_source == "AfterDelivery":
            self._deletion = SourceDeletion(
                source, self._ledger, self._feeder.catch_up, self._health.report_failure
            )

    def _closed(self, outcomes: list[Outcome]) -> None:
        if self._deletion is not None:
            self._deletion.closed(outcomes)

    def _started(self) -> None:
        self._scheduler.start()
        self._feeder.start()
        self._metrics.start()
        if self._deletion is not None:
            self._deletion.start()
        stores = ", ".join(
            f"{name} ({', '.join(self._settings.admitted(name))})" for name in self._settings.stores
        )
        self._gateway.log_warning(
            f"version {__version__} works with {self._settings.workers} processes; stores: {stores}"
        )

    def _stopped(self) -> None:
        began = time.monotonic()
        others = [part for part in (self._feeder, self._metrics, self._deletion) if part is not None]
        for part in others:
            part.stop(0.0)  # all threads end at the same time
        self._on_demand.end()
        self._scheduler.stop(STOP_SECONDS)
        for part in others:
            part.stop(max(0.0, began + 2 * STOP_SECONDS - time.monotonic()))
        self._ledger.close_database()
        self._gateway.log_info(f"stopped in {time.monotonic() - began:.1f} s")


def _open_ledger(settings: Settings) -> tuple[Key, Ledger]:
    """Open the key and the ledger made with it; ConfigError if only one of them exists (D3)."""
    try:
        fingerprint = stored_fingerprint(settings.ledger)
        key = open_key(settings.key_file, may_create=fingerprint is None, fingerprint=fingerprint)
        retry = RetryPolicy(settings.retry.first_pause, settings.retry.longest_pause, settings.retry.attempts)
        ledger = Ledger.open(settings.ledger, key.fingerprint, retry)
        record_installation(ledger, settings)
        return key, ledger
    except SQLAlchemyError as error:
        # The message of the driver may quote the URL with a password.
        raise ConfigError(f"Deidentify.Ledger: the database answers {type(error).__name__}") from None


def _named(settings: Settings, profiles: dict[str, Profile]) -> tuple[Profile, ...]:
    """Return the profiles that some store admits: workers need no others."""
    names = {name for store in settings.stores for name in settings.admitted(store)}
    return tuple(profiles[name] for name in sorted(names))


def _explorer_script() -> str:
    return (files("orthanc_deid.host") / "web" / "explorer.js").read_text(encoding="utf-8")
