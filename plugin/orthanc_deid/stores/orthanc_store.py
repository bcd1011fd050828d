"""The Orthanc store: a peer that Orthanc's own configuration names in `OrthancPeers`; confirmed by reading back.

A peer with `OverwriteInstances` would replace what it holds, so it is asked before anything is sent. What it holds
afterwards must have the MD5 of what was sent, or, where the peer transcodes, the same elements and samples.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

import requests
from requests.auth import HTTPBasicAuth

from orthanc_deid.errors import ConflictError, RejectedError, StoreError
from orthanc_deid.pipeline.tasks import Output
from orthanc_deid.stores.same_content import same_content
from orthanc_deid.stores.store import Put
from orthanc_deid.verify.result import Verified

_ABOUT_THE_INSTANCE = frozenset(
    {HTTPStatus.BAD_REQUEST, HTTPStatus.REQUEST_ENTITY_TOO_LARGE, HTTPStatus.UNSUPPORTED_MEDIA_TYPE}
)

_BUSY_PAUSES = (0.1, 0.3, 0.9)
"""Seconds after each answer 503."""


@dataclass(frozen=True, slots=True)
class OrthancPeerSetup:
    """A peer as `OrthancPeers` describes it. Never printed: it may hold credentials.

    `headers` are (name, value) pairs; `ca` names a bundle of trusted certificates (None: those that requests
    brings), `certificate` (client certificate file, its key file); timeouts in seconds.
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
        """Return the store; it connects when something is put."""
        return OrthancStore(self)


class OrthancStore:
    """Sends verified results to a peer and believes it only after reading back."""

    def __init__(self, setup: OrthancPeerSetup) -> None:
        self._name = setup.name
        self._url = setup.url.rstrip("/")
        self._timeout = (setup.connect_timeout, setup.read_timeout)
        self._session = requests.Session()
        # Proxies and credentials of the environment are not for a hospital's own network.
        self._session.trust_env = False
        self._session.headers.update({"Accept-Encoding": "identity", **dict(setup.headers)})
        self._session.verify = setup.ca or True if setup.verify_tls else False
        self._session.cert = setup.certificate
        if setup.username:
            self._session.auth = HTTPBasicAuth(setup.username.encode(), setup.password.encode())

    @property
    def name(self) -> str:
        """The name that the settings give it."""
        return self._name

    def put(self, result: Verified) -> Put:
        """Send the result unless the peer holds it, and read back.

        Raises ConflictError where the peer holds other content under this SOP Instance UID, RejectedError where
        it does not take this instance, StoreError where it fails.
        """
        output = Output(
            result.patient_id,
            result.study_instance_uid,
            result.series_instance_uid,
            result.sop_instance_uid,
            result.md5(),
        )
        held = self._lookup(output.sop_instance_uid)
        if held:
            if held != {output.orthanc_id}:
                raise ConflictError(
                    "the peer holds this SOP Instance UID in another patient, study or series"
                )
            self._confirm(result, output)
            return Put.DUPLICATE
        status = self._send(result, output)
        self._confirm(result, output)
        return Put.DUPLICATE if status == "AlreadyStored" else Put.DELIVERED

    def sync(self) -> None:
        """Nothing is left to do: what `put` confirmed, the peer has stored."""

    def close(self) -> None:
        """Close the connections."""
        self._session.close()

    def _lookup(self, sop_instance_uid: str) -> set[str]:
        """Return the peer's ids of the instances with this SOP Instance UID."""
        found = self._json(self._request("POST", "/tools/lookup", data=sop_instance_uid.encode()))
        if not isinstance(found, list):
            raise StoreError("the peer's answer to a lookup is no list")
        return {
            str(hit.get("ID")) for hit in found if isinstance(hit, dict) and hit.get("Type") == "Instance"
        }

    def _send(self, result: Verified, output: Output) -> str:
        response = self._request("POST", "/instances", result=result)
        if response.status_code in _ABOUT_THE_INSTANCE:
            raise RejectedError(f"the peer does not take this instance: it answered {response.status_code}")
        answer = self._json(response)
        if not isinstance(answer, dict) or not isinstance(status := answer.get("Status"), str):
            raise StoreError("the peer's answer to an upload is not as expected")
        if status not in {"Success", "AlreadyStored"}:
            raise RejectedError(f"the peer does not take this instance: {status}")
        if answer.get("ID") != output.orthanc_id:
            raise RejectedError("the peer stored the instance under other identifiers than those sent")
        return status

    def _confirm(self, result: Verified, output: Output) -> None:
        """Read back: the same MD5, or (a peer that transcodes) the same elements and samples."""
        path = f"/instances/{output.orthanc_id}"
        md5 = (
            self._body(self._request("GET", f"{path}/attachments/dicom/md5"))
            .decode("ascii", "replace")
            .strip()
        )
        if md5 == output.md5:
            return
        if not same_content(result.output, self._body(self._request("GET", f"{path}/file"))):
            raise ConflictError("the peer holds other content under the same SOP Instance UID")

    def _request(
        self, method: str, path: str, data: bytes | None = None, result: Verified | None = None
    ) -> requests.Response:
        """Send a request; again after a moment while the peer is busy (its database may ask everybody to repeat)."""
        for pause in _BUSY_PAUSES:
            response = self._once(method, path, data, result)
            if response.status_code != HTTPStatus.SERVICE_UNAVAILABLE:
                return response
            time.sleep(pause)
        return self._once(method, path, data, result)

    def _once(self, method: str, path: str, data: bytes | None, result: Verified | None) -> requests.Response:
        """Send a request; once more where a connection kept from before turns out to be dropped."""
        headers = {"Content-Type": "application/dicom"} if result is not None else {}
        for last in (False, True):
            body: Any = data if result is None else result.output.reader()
            try:
                return self._session.request(
                    method,
                    self._url + path,
                    data=body,
                    headers=headers,
                    timeout=self._timeout,
                    allow_redirects=False,
                )
            except requests.ConnectionError as error:
                if last or isinstance(error, requests.Timeout):
                    raise _unreachable(error) from None
            except (requests.RequestException, OSError) as error:
                raise _unreachable(error) from None
        raise AssertionError("unreachable")

    def _body(self, response: requests.Response) -> bytes:
        if response.status_code != HTTPStatus.OK:
            raise StoreError(f"the peer answered {response.status_code}")
        return response.content

    def _json(self, response: requests.Response) -> Mapping[str, Any] | list[Any]:
        try:
            answer: Mapping[str, Any] | list[Any] = json.loads(self._body(response))
        except ValueError:
            raise StoreError("the peer's answer is not JSON") from None
        return answer


def _unreachable(error: Exception) -> StoreError:
    # Its text would tell the peer's address.
    return StoreError(f"the peer cannot be reached ({type(error).__name__})")
