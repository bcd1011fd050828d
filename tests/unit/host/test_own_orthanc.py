"""The way of workers to their Orthanc: the loopback address, and configurations that do not allow it."""

from __future__ import annotations

from pathlib import Path

import pytest

from orthanc_deid.errors import ConfigError
from orthanc_deid.host.own_orthanc import own_orthanc
from orthanc_deid.orthanc.configuration import OrthancConfiguration

FOLDER = Path("/etc/orthanc")


def test_workers_use_the_loopback_with_the_token() -> None:
    setup = own_orthanc(OrthancConfiguration({"HttpPort": 8043}, FOLDER), "Bearer token")
    assert (setup.url, setup.headers, setup.ca) == (
        "http://127.0.0.1:8043",
        (("Authorization", "Bearer token"),),
        None,
    )
    assert "token" not in repr(setup)


def test_over_https_they_trust_the_certificate_of_the_configuration() -> None:
    values = {"SslEnabled": True, "SslCertificate": "own.pem"}
    setup = own_orthanc(OrthancConfiguration(values, FOLDER), "")
    assert (setup.url, setup.ca) == ("https://127.0.0.1:8042", "/etc/orthanc/own.pem")


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"HttpServerEnabled": False}, "HttpServerEnabled: accepted is true"),
        ({"SslEnabled": True, "SslVerifyPeers": True}, "SslVerifyPeers: accepted is false"),
    ],
)
def test_a_configuration_that_shuts_workers_out_is_refused(values: dict[str, object], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        own_orthanc(OrthancConfiguration(values, FOLDER), "")
