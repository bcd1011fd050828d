"""The Orthanc store: a peer that Orthanc's own configuration names in `OrthancPeers`; confirmed by reading back."""

from __future__ import annotations

from dataclasses import dataclass, field

from orthanc_deid.stores.base import Put
from orthanc_deid.verify.result import Verified


@dataclass(frozen=True, slots=True)
class OrthancPeerSetup:
    """A peer as `OrthancPeers` describes it. Never printed: it may hold credentials.

    `headers` are (name, value) pairs; `ca` names a bundle of trusted certificates (None: the system's),
    `certificate` (client certificate file, its key file); timeouts in seconds.
    """

    name: str
    url: str
    username: str = field(default="", repr=False)
    password: str = field(default="", repr=False)
    headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    verify_tls: bool = True
    ca: str | None = None
    certificate: tuple[str, str] | None = None
    connect_timeout: float = 5.0
    read_timeout: float = 60.0

    def open(self) -> OrthancStore:
        return OrthancStore(self)


class OrthancStore:
    """Sends verified results to a peer and believes it only after reading back."""

    def __init__(self, setup: OrthancPeerSetup) -> None:
        raise NotImplementedError

    @property
    def name(self) -> str:
        raise NotImplementedError

    def put(self, result: Verified) -> Put:
        raise NotImplementedError

    def sync(self) -> None:
        raise NotImplementedError

    def close(self) -> None:
        raise NotImplementedError
