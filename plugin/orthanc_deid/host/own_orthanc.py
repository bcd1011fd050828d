"""The address and the credentials by which workers reach the Orthanc that runs this plugin."""

from __future__ import annotations

from orthanc_deid.errors import ConfigError
from orthanc_deid.orthanc.configuration import OrthancConfiguration
from orthanc_deid.sources.orthanc_source import OrthancSetup


def own_orthanc(configuration: OrthancConfiguration, authorization: str) -> OrthancSetup:
    """Return the source for workers: the loopback address, with the token that Orthanc generated.

    `authorization` is the value of the Authorization header. Raises ConfigError where workers could not connect.
    """
    values, folder = configuration.values, configuration.folder
    if values.get("HttpServerEnabled") is False:
        raise ConfigError("HttpServerEnabled: accepted is true; the workers fetch over HTTP, on this machine")
    secure = bool(values.get("SslEnabled"))
    if secure and values.get("SslVerifyPeers"):
        raise ConfigError("SslVerifyPeers: accepted is false; the workers have no client certificate")
    return OrthancSetup(
        url=f"{'https' if secure else 'http'}://127.0.0.1:{values.get('HttpPort', 8042)}",
        headers=(("Authorization", authorization),),
        ca=str(folder / values.get("SslCertificate", "certificate.pem")) if secure else None,
    )
