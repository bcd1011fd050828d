"""The Orthanc store: a peer that Orthanc's configuration names in `OrthancPeers`; every result is read back.

A peer with `OverwriteInstances` would replace what it holds, so the store looks up the SOP Instance UID before it
sends anything. Afterwards the peer must hold the MD5 of the bytes sent, or, if it transcodes, the same elements and
samples.
"""

from __future__ import annotations

import http.client
import json
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from typing import Any, Literal

from orthanc_deid.config.settings_model import SECTION, StoreSettings
from orthanc_deid.errors import ConfigError, ConflictError, RejectedError, StoreError
from orthanc_deid.orthanc.configuration import OrthancConfiguration
from orthanc_deid.orthanc.ids import orthanc_id
from orthanc_deid.orthanc.rest_client import Body, RestClient, basic_auth
from orthanc_deid.pipeline.tasks import Output
from orthanc_deid.stores.same_content import same_content
from orthanc_deid.stores.store import Put
from orthanc_deid.stores.store_type import StoreType, StudyLocation
from orthanc_deid.verify.result import Verified

Answer = tuple[int, bytes]
"""Status and body."""

_INSTANCE_REFUSED = frozenset(
    {HTTPStatus.BAD_REQUEST, HTTPStatus.REQUEST_ENTITY_TOO_LARGE, HTTPStatus.UNSUPPORTED_MEDIA_TYPE}
)

_BUSY_PAUSES = (0.1, 0.3, 0.9)
"""Seconds to wait after each answer 503."""


class OrthancStoreSettings(StoreSettings):
    """A peer that `OrthancPeers` in the same configuration names."""

    type: Literal["Orthanc"]
    peer: str

    def check(self, key: str, configuration: Mapping[str, Any]) -> None:
        """Raise ConfigError unless there is such a peer."""
        peers = configuration.get("OrthancPeers", {})
        if self.peer not in peers:
            accepted = ", ".join(sorted(peers)) or "none, since OrthancPeers names none"
            raise ConfigError(f"{key}.Peer: no such peer; accepted: {accepted}")


@dataclass(frozen=True, slots=True)
class OrthancPeerSetup:
    """A peer as `OrthancPeers` describes it. Never printed: it may hold credentials.

    `headers` are (name, value) pairs. `ca` names a bundle of trusted certificates (None: the system's authorities),
    `certificate` the file of a client certificate and the file of its key. Timeouts in seconds.
    """

    name: str
    url: str = field(repr=False)
    username: str = field(default="", repr=False)
    password: str = field(default="", repr=False)
    headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    verify_tls: bool = True
    ca: str | None = None
    certificate: tuple[str, str] | None = None
    connect_timeout: float = 5.0
    read_timeout: float = 60.0

    def open(self) -> OrthancStore:
        """Return the store, which connects with the first result. StoreError for a bad URL or certificate."""
        return OrthancStore(self)


class OrthancStore:
    """Sends verified results to a peer; a result counts as delivered after it was read back."""

    def __init__(self, setup: OrthancPeerSetup) -> None:
        self._name = setup.name
        headers = list(setup.headers)
        if setup.username:
            headers.append(basic_auth(setup.username, setup.password))
        try:
            self._client = RestClient(
                setup.url,
                headers,
                tls=_tls(setup) if setup.url.startswith("https:") else None,
                timeout=setup.read_timeout,
                connect_timeout=setup.connect_timeout,
            )
        except (OSError, ValueError) as error:
            raise _unreachable(error) from None

    @property
    def name(self) -> str:
        """The name that the settings give it."""
        return self._name

    def put(self, result: Verified) -> Put:
        """Send the result unless the peer holds it, and read back.

        Raises ConflictError if the peer holds other content under this SOP Instance UID, RejectedError if it does
        not accept this instance, StoreError if it fails.
        """
        identifiers = (
            result.patient_id,
            result.study_instance_uid,
            result.series_instance_uid,
            result.sop_instance_uid,
        )
        instance = orthanc_id(*identifiers)
        held = self._lookup(result.sop_instance_uid)
        if held:
            if held != {instance}:
                raise ConflictError(
                    "the peer holds this SOP Instance UID in another patient, study or series"
                )
            self._confirm(result, instance)
            return Put.DUPLICATE
        status = self._send(result, instance)
        self._confirm(result, instance)
        return Put.DUPLICATE if status == "AlreadyStored" else Put.DELIVERED

    def sync(self) -> None:
        """Do nothing: the peer has stored what `put` has read back."""

    def close(self) -> None:
        """Close the connection."""
        self._client.close()

    def _lookup(self, sop_instance_uid: str) -> set[str]:
        """Return the peer's ids of the instances with this SOP Instance UID."""
        found = _json(self._request("POST", "/tools/lookup", sop_instance_uid.encode()))
        if not isinstance(found, list):
            raise StoreError("the peer's answer to a lookup is no list")
        return {
            str(hit.get("ID")) for hit in found if isinstance(hit, dict) and hit.get("Type") == "Instance"
        }

    def _send(self, result: Verified, instance: str) -> str:
        answer = self._request("POST", "/instances", result.output.reader(), "application/dicom")
        if answer[0] in _INSTANCE_REFUSED:
            raise RejectedError(f"the peer does not take this instance: it answered {answer[0]}")
        content = _json(answer)
        if not isinstance(content, dict) or not isinstance(status := content.get("Status"), str):
            raise StoreError("the peer's answer to an upload is not as expected")
        if status not in {"Success", "AlreadyStored"}:
            raise RejectedError(f"the peer does not take this instance: {status}")
        if content.get("ID") != instance:
            raise RejectedError("the peer stored the instance under other identifiers than those sent")
        return status

    def _confirm(self, result: Verified, instance: str) -> None:
        """Read back: the same MD5, or (a peer that transcodes) the same elements and samples."""
        path = f"/instances/{instance}"
        md5 = _body(self._request("GET", f"{path}/attachments/dicom/md5")).decode("ascii", "replace").strip()
        if md5 == result.md5():
            return
        if not same_content(result.output, _body(self._request("GET", f"{path}/file"))):
            raise ConflictError("the peer holds other content under the same SOP Instance UID")

    def _request(
        self, method: str, path: str, body: Body | None = None, content_type: str | None = None
    ) -> Answer:
        """Send a request; repeat it after a pause while the peer is busy, as its database may require."""
        for pause in (*_BUSY_PAUSES, None):
            try:
                answer = self._client.request(method, path, body, content_type)
            except (http.client.HTTPException, OSError) as error:
                raise _unreachable(error) from None
            if answer[0] != HTTPStatus.SERVICE_UNAVAILABLE or pause is None:
                return answer
            time.sleep(pause)
        raise AssertionError("unreachable")


def _body(answer: Answer) -> bytes:
    if answer[0] != HTTPStatus.OK:
        raise StoreError(f"the peer answered {answer[0]}")
    return answer[1]


def _json(answer: Answer) -> Mapping[str, Any] | list[Any]:
    try:
        content: Mapping[str, Any] | list[Any] = json.loads(_body(answer))
    except ValueError:
        raise StoreError("the peer's answer is not JSON") from None
    return content


def _unreachable(error: Exception) -> StoreError:
    # Its text would contain the address of the peer.
    return StoreError(f"the peer cannot be reached ({type(error).__name__})")


def _tls(setup: OrthancPeerSetup) -> ssl.SSLContext:
    if setup.ca is not None and Path(setup.ca).is_dir():
        context = ssl.create_default_context(capath=setup.ca)
    else:
        context = ssl.create_default_context(cafile=setup.ca)
    if not setup.verify_tls:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    if setup.certificate is not None:
        context.load_cert_chain(*setup.certificate)
    return context


def _peer_setup(
    name: str, settings: OrthancStoreSettings, configuration: OrthancConfiguration
) -> OrthancPeerSetup:
    """Read a peer in either form that Orthanc accepts: [url, user, password], or an object."""
    peer, folder = settings.peer, configuration.folder
    entry = configuration.values["OrthancPeers"][peer]
    if isinstance(entry, list):
        entry = dict(zip(("Url", "Username", "Password"), entry, strict=False))
    if not isinstance(entry, Mapping) or not entry.get("Url"):
        raise ConfigError(f"OrthancPeers.{peer}: has no Url, which the store {name} in {SECTION} needs")
    if entry.get("CertificateKeyPassword") or entry.get("Pkcs11"):
        raise ConfigError(
            f"OrthancPeers.{peer}: accepted for {SECTION} are client certificates without a password"
        )
    authorities = configuration.values.get("HttpsCACertificates")
    certificate = entry.get("CertificateFile")
    return OrthancPeerSetup(
        name=name,
        url=entry["Url"],
        username=entry.get("Username", ""),
        password=entry.get("Password", ""),
        headers=tuple((entry.get("HttpHeaders") or {}).items()),
        verify_tls=bool(configuration.values.get("HttpsVerifyPeers", True)),
        ca=str(folder / authorities) if authorities else None,
        certificate=(str(folder / certificate), str(folder / entry.get("CertificateKeyFile", certificate)))
        if certificate
        else None,
        read_timeout=float(entry.get("Timeout") or 60),
    )


def _result_location(_setup: OrthancPeerSetup, output: Output) -> dict[str, str]:
    return {"OrthancID": output.orthanc_id}


def _study_location(setup: OrthancPeerSetup, patient_id: str, study_instance_uid: str) -> StudyLocation:
    study = orthanc_id(patient_id, study_instance_uid)
    link = f"{setup.url.rstrip('/')}/app/explorer.html#study?uuid={study}"
    return StudyLocation(study, link, {"OrthancID": study, "Link": link})


ORTHANC = StoreType(OrthancStoreSettings, _peer_setup, _result_location, _study_location)
"""The row of `stores.registry` for Orthanc peers."""
