"""Instances and changes from the REST API of Orthanc; every request here may be repeated."""

from __future__ import annotations

import http.client
import json
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

from orthanc_deid.dicom.slices import Buffer
from orthanc_deid.errors import ConfigError, LostError, SourceError
from orthanc_deid.orthanc.rest_client import RestClient


@dataclass(frozen=True, slots=True)
class OrthancSetup:
    """The address of an Orthanc. `headers` are (name, value) pairs and hold the credentials; never printed.

    `ca` names, for an https URL, the one certificate to trust: that of Orthanc; its host name is not checked.
    Without it the system's certificate authorities are trusted, for the name of the host. `timeout` in seconds.
    """

    url: str
    headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    ca: str | None = None
    timeout: float = 60.0

    def open(self) -> OrthancSource:
        """Return the source; it connects with the first request. ConfigError for a URL that is not http(s)."""
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


class OrthancSource:
    """One connection to Orthanc. Every method raises LostError on status 404 and SourceError on other failures."""

    def __init__(self, setup: OrthancSetup) -> None:
        tls = None if setup.ca is None else _tls(setup.ca)
        try:
            self._client = RestClient(setup.url, setup.headers, tls=tls, timeout=setup.timeout)
        except ValueError:
            raise ConfigError(
                "the URL of Orthanc must begin with http:// or https:// and name a host"
            ) from None

    def fetch(self, instance: str) -> Buffer:
        """Return the instance's file as Orthanc holds it."""
        return self._get(f"/instances/{_segment(instance)}/file")

    def changes(self, since: int, limit: int = 1000) -> ChangesPage:
        """Return one page of the changes after `since`, with the cursor to continue from.

        `Last` of the answer is ignored: on an empty page it is the last change of the whole index, which may be far
        ahead of rows that another connection has yet to commit.
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
        """Return the newest Seq of the index, or 0 if there is no change."""
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
        """Delete an instance; LostError if Orthanc does not hold it."""
        self._request("DELETE", f"/instances/{_segment(instance)}")

    def instances(self, level: str, resource: str) -> list[str]:
        """Return the ids of the instances of a `patients`, `studies`, `series` or `instances` resource.

        LostError if Orthanc does not hold it.
        """
        # Level by level: `/studies/{id}/instances` would also send the main tags of every instance.
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
        self._client.close()

    def _mapping(self, path: str) -> Mapping[str, Any]:
        answer = self.get_json(path)
        if not isinstance(answer, dict):
            raise SourceError("Orthanc's answer is not as expected")
        return answer

    def _get(self, path: str) -> bytes:
        return self._request("GET", path)

    def _request(self, method: str, path: str) -> bytes:
        try:
            status, body = self._client.request(method, path)
        except TimeoutError:
            raise SourceError("Orthanc did not answer in time") from None
        except (http.client.HTTPException, OSError) as error:
            raise SourceError(f"Orthanc cannot be reached ({type(error).__name__})") from None
        if status == HTTPStatus.NOT_FOUND:
            raise LostError("Orthanc does not hold it")
        if status != HTTPStatus.OK:
            raise SourceError(f"Orthanc answered {status}")
        return body


_NEXT = {"patients": "studies", "studies": "series"}


def _tls(ca: str) -> ssl.SSLContext:
    """Return a context that trusts this certificate alone and does not check the host name."""
    try:
        context = ssl.create_default_context(cafile=ca)
    except (OSError, ssl.SSLError) as error:
        raise ConfigError(f"the certificate of Orthanc cannot be read ({type(error).__name__})") from None
    context.check_hostname = False  # no other certificate than this one is trusted,
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN  # even if an authority has signed it
    return context


def _segment(text: str) -> str:
    return quote(text, safe="")


def _ids(answer: Any) -> list[str]:
    if not isinstance(answer, list) or not all(isinstance(one, str) for one in answer):
        raise SourceError("Orthanc's answer is no list of ids")
    return answer
