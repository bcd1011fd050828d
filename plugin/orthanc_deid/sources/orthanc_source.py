"""Instances from Orthanc's REST API, by `http.client` with keep-alive (measured: 0.23 ms for 0.5 MB).

Orthanc drops a connection that was idle for a second, so a request that finds it dropped is sent once more on a
new one; every request here may be repeated.
"""

from __future__ import annotations

import base64
import http.client
import json
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlsplit

from orthanc_deid.dicom.slices import Buffer
from orthanc_deid.errors import ConfigError, LostError, SourceError


@dataclass(frozen=True, slots=True)
class OrthancSetup:
    """Where Orthanc answers. `headers` are (name, value) pairs and hold the credentials; never printed.

    `ca` names, for an https URL, the one certificate to trust: Orthanc's own, whatever host it was made out to.
    Without it the system's authorities are trusted, for the host's name. `timeout` in seconds.
    """

    url: str
    headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    ca: str | None = None
    timeout: float = 60.0

    def open(self) -> OrthancSource:
        """Return the source; it connects when it is first asked. ConfigError for a URL that is not http(s)."""
        return OrthancSource(self)


@dataclass(frozen=True, slots=True)
class NewInstance:
    """A `NewInstance` change."""

    seq: int
    instance: str


@dataclass(frozen=True, slots=True)
class ChangesPage:
    """One page of `/changes`. `cursor` is the highest Seq returned, or the `since` asked for on an empty page."""

    instances: tuple[NewInstance, ...]
    cursor: int
    more: bool


def basic_auth(username: str, password: str) -> tuple[str, str]:
    """Return the Authorization header for Basic authentication (RFC 7617, UTF-8)."""
    token = base64.b64encode(f"{username}:{password}".encode()).decode("ascii")
    return "Authorization", f"Basic {token}"


class OrthancSource:
    """One connection to Orthanc; LostError on 404, SourceError on everything else that is not an answer."""

    def __init__(self, setup: OrthancSetup) -> None:
        parts = urlsplit(setup.url)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise ConfigError("the URL of Orthanc must begin with http:// or https:// and name a host")
        self._prefix = parts.path.rstrip("/")
        self._headers = {"Accept-Encoding": "identity", **dict(setup.headers)}
        self._connection: http.client.HTTPConnection
        if parts.scheme == "https":
            self._connection = http.client.HTTPSConnection(
                parts.hostname, parts.port, timeout=setup.timeout, context=_tls(setup.ca)
            )
        else:
            self._connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=setup.timeout)

    def fetch(self, instance: str) -> Buffer:
        """Return the instance's file as Orthanc holds it."""
        return self._get(f"/instances/{_segment(instance)}/file")

    def changes(self, since: int, limit: int = 1000) -> ChangesPage:
        """Return one page of changes after `since`, the cursor as design D4 wants it.

        `Last` of the answer is not looked at: on an empty page it is the index's last, which may be far ahead of
        rows that another connection has yet to commit.
        """
        answer = self._mapping(f"/changes?since={since}&limit={limit}")
        try:
            changes = [
                (int(change["Seq"]), change["ChangeType"], change["ID"]) for change in answer["Changes"]
            ]
            found = tuple(
                NewInstance(seq, instance) for seq, kind, instance in changes if kind == "NewInstance"
            )
            return ChangesPage(found, max((seq for seq, _, _ in changes), default=since), not answer["Done"])
        except (KeyError, TypeError, ValueError):
            raise SourceError("Orthanc's answer to /changes is not as expected") from None

    def last_change(self) -> int:
        """Return the newest Seq of the index, 0 where there is none (where the cursor starts at installation)."""
        answer = self._mapping("/changes?last")
        try:
            return int(answer["Last"])
        except (KeyError, TypeError, ValueError):
            raise SourceError("Orthanc's answer to /changes?last is not as expected") from None

    def md5(self, instance: str) -> str:
        """Return the MD5 that Orthanc holds of the instance's file, in lower-case hexadecimal."""
        return (
            self._get(f"/instances/{_segment(instance)}/attachments/dicom/md5")
            .decode("ascii", "replace")
            .strip()
        )

    def delete(self, instance: str) -> None:
        """Delete an instance; LostError where it is not there."""
        self._request("DELETE", f"/instances/{_segment(instance)}")

    def instances(self, level: str, resource: str) -> list[str]:
        """Return the ids of the instances of a `patients`, `studies`, `series` or `instances` resource.

        LostError where Orthanc does not know it.
        """
        # Level by level: `/studies/{id}/instances` would send every instance's main tags along.
        below = {"patients": "Studies", "studies": "Series", "series": "Instances"}
        answer = self._mapping(f"/{_segment(level)}/{_segment(resource)}")
        if level not in below:
            return [resource]
        children = _ids(answer.get(below[level]))
        if level == "series":
            return children
        return [one for child in children for one in self.instances(_NEXT[level], child)]

    def all_instances(self, since: int = 0, limit: int = 1000) -> list[str]:
        """Return one page of all instance ids, for the slow reconciliation."""
        return _ids(self.get_json(f"/instances?since={since}&limit={limit}"))

    def get_json(self, path: str) -> Any:
        """Return the parsed JSON answer of a GET; `path` begins with a slash."""
        try:
            return json.loads(self._get(path))
        except ValueError:
            raise SourceError("Orthanc's answer is not JSON") from None

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def _mapping(self, path: str) -> Mapping[str, Any]:
        answer = self.get_json(path)
        if not isinstance(answer, dict):
            raise SourceError("Orthanc's answer is not as expected")
        return answer

    def _get(self, path: str) -> bytes:
        return self._request("GET", path)

    def _request(self, method: str, path: str) -> bytes:
        for last in (False, True):
            fresh = self._connection.sock is None
            try:
                self._connection.request(method, self._prefix + path, headers=self._headers)
                response = self._connection.getresponse()
                status, body = response.status, response.read()
                break
            except TimeoutError:
                self._connection.close()
                raise SourceError("Orthanc did not answer in time") from None
            except (http.client.HTTPException, OSError) as error:
                self._connection.close()
                # Only a connection kept from before may have been dropped while it was idle.
                if last or fresh:
                    raise SourceError(f"Orthanc cannot be reached ({type(error).__name__})") from None
        if status == http.HTTPStatus.NOT_FOUND:
            raise LostError("Orthanc does not hold it")
        if status != http.HTTPStatus.OK:
            raise SourceError(f"Orthanc answered {status}")
        return body


_NEXT = {"patients": "studies", "studies": "series"}


def _tls(ca: str | None) -> ssl.SSLContext:
    try:
        context = ssl.create_default_context(cafile=ca)
    except (OSError, ssl.SSLError) as error:
        raise ConfigError(f"the certificate of Orthanc cannot be read ({type(error).__name__})") from None
    if ca is not None:
        context.check_hostname = False  # no other certificate than this very one is trusted,
        context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN  # also one that an authority has signed
    return context


def _segment(text: str) -> str:
    return quote(text, safe="")


def _ids(answer: Any) -> list[str]:
    if not isinstance(answer, list) or not all(isinstance(one, str) for one in answer):
        raise SourceError("Orthanc's answer is no list of ids")
    return answer
