"""From the settings to what workers open: the stores, and the way back to this Orthanc."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from orthanc_deid.config.load import SECTION, FolderStore, Settings
from orthanc_deid.errors import ConfigError
from orthanc_deid.sources.orthanc_source import OrthancSetup
from orthanc_deid.stores.folder_store import FolderSetup
from orthanc_deid.stores.orthanc_store import OrthancPeerSetup
from orthanc_deid.stores.store import StoreSetup


def store_setups(
    settings: Settings, configuration: Mapping[str, Any], folder: Path
) -> tuple[StoreSetup, ...]:
    """Return the stores; a peer is what Orthanc's own `OrthancPeers` says of it."""
    setups: list[StoreSetup] = []
    for name, store in settings.stores.items():
        if isinstance(store, FolderStore):
            setups.append(FolderSetup(name, store.path))
        else:
            setups.append(_peer(name, store.peer, configuration, folder))
    return tuple(setups)


def _peer(name: str, peer: str, configuration: Mapping[str, Any], folder: Path) -> OrthancPeerSetup:
    """Read a peer in either form of Orthanc's: [url, user, password], or an object."""
    entry = configuration["OrthancPeers"][peer]
    if isinstance(entry, list):
        entry = dict(zip(("Url", "Username", "Password"), entry, strict=False))
    if not isinstance(entry, Mapping) or not entry.get("Url"):
        raise ConfigError(f"OrthancPeers.{peer}: has no Url, which the store {name} in {SECTION} needs")
    if entry.get("CertificateKeyPassword") or entry.get("Pkcs11"):
        raise ConfigError(
            f"OrthancPeers.{peer}: accepted for {SECTION} are client certificates without a password"
        )
    authorities = configuration.get("HttpsCACertificates")
    certificate = entry.get("CertificateFile")
    return OrthancPeerSetup(
        name=name,
        url=entry["Url"],
        username=entry.get("Username", ""),
        password=entry.get("Password", ""),
        headers=tuple((entry.get("HttpHeaders") or {}).items()),
        verify_tls=bool(configuration.get("HttpsVerifyPeers", True)),
        ca=str(folder / authorities) if authorities else None,
        certificate=(str(folder / certificate), str(folder / entry.get("CertificateKeyFile", certificate)))
        if certificate
        else None,
        read_timeout=float(entry.get("Timeout") or 60),
    )


def own_orthanc(configuration: Mapping[str, Any], folder: Path, authorization: str) -> OrthancSetup:
    """Return how workers reach this very Orthanc: on the loopback, with the token that it gave us."""
    if configuration.get("HttpServerEnabled") is False:
        raise ConfigError("HttpServerEnabled: accepted is true; the workers fetch over HTTP, on this machine")
    secure = bool(configuration.get("SslEnabled"))
    if secure and configuration.get("SslVerifyPeers"):
        raise ConfigError("SslVerifyPeers: accepted is false; the workers have no client certificate")
    return OrthancSetup(
        url=f"{'https' if secure else 'http'}://127.0.0.1:{configuration.get('HttpPort', 8042)}",
        headers=(("Authorization", authorization),),
        ca=str(folder / configuration.get("SslCertificate", "certificate.pem")) if secure else None,
    )
