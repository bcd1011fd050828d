"""A stand-in for the module `orthanc` in unit tests: what it does not know, it refuses.

That it has no more than the real module is shown by `tests/integration/test_gateway_contract.py`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


class ChangeType:
    NEW_INSTANCE = 3
    ORTHANC_STARTED = 10
    ORTHANC_STOPPED = 11


class MetricsType:
    DEFAULT = 0


class OrthancException(Exception):  # noqa: N818 - the real one's name
    pass


@dataclass
class Output:
    """Remembers what a callback answered. `plugin` is the plugin's version: 5 takes a text without its size."""

    status: int = 0
    body: Any = ""  # str or bytes, as the callback gave it
    headers: dict[str, str] = field(default_factory=dict)
    allowed: str = ""
    plugin: int = 4

    def AnswerBuffer(self, answer: str | bytes, mime: str) -> None:  # noqa: N802
        self.status, self.body = 200, answer
        self.headers["Content-Type"] = mime

    def SendHttpStatus(self, status: int, body: str, *size: int) -> None:  # noqa: N802
        if len(size) != (1 if self.plugin == 4 else 0):
            raise TypeError("Bad types for the arguments")
        assert isinstance(body, str), "plugin 4.0 refuses bytes"
        assert not size or len(body.encode()) == size[0]
        self.status, self.body = status, body

    def SendMethodNotAllowed(self, allowed: str) -> None:  # noqa: N802
        self.status, self.allowed = 405, allowed

    def SetHttpHeader(self, name: str, value: str) -> None:  # noqa: N802
        self.headers[name] = value

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class FakeOrthanc:
    """`resources`: the built-in GET routes' answers. Callbacks are kept for the test to call."""

    folder: Path
    configuration: dict[str, Any] = field(default_factory=dict)
    resources: dict[str, Any] = field(default_factory=dict)
    routes: dict[str, Callable[..., None]] = field(default_factory=dict)
    log: list[str] = field(default_factory=list)
    on_change: Callable[[int, int, str], None] | None = None
    script: str = ""
    metrics: dict[str, float] = field(default_factory=dict)
    plugin: int = 4

    ChangeType = ChangeType
    MetricsType = MetricsType
    OrthancException = OrthancException

    def GetConfiguration(self) -> str:  # noqa: N802
        return json.dumps(self.configuration)

    def GetConfigurationPath(self) -> str:  # noqa: N802
        return str(self.folder / "orthanc.json")

    def GenerateRestApiAuthorizationToken(self) -> str:  # noqa: N802
        return "Bearer 0123"

    def RestApiGet(self, path: str) -> bytes:  # noqa: N802
        if path not in self.resources:
            raise OrthancException(17)
        return json.dumps(self.resources[path]).encode()

    def RegisterRestCallback(self, pattern: str, callback: Callable[..., None]) -> None:  # noqa: N802
        self.routes[pattern] = callback

    def RegisterOnChangeCallback(self, callback: Callable[[int, int, str], None]) -> None:  # noqa: N802
        assert self.on_change is None, "Orthanc holds one callback"
        self.on_change = callback

    def ExtendOrthancExplorer(self, script: str) -> None:  # noqa: N802
        self.script = script

    def SetMetricsValue(self, name: str, value: float, kind: int) -> None:  # noqa: N802
        assert kind == MetricsType.DEFAULT
        self.metrics[name] = value

    def LogError(self, message: str) -> None:  # noqa: N802
        self.log.append(f"E {message}")

    def LogWarning(self, message: str) -> None:  # noqa: N802
        self.log.append(f"W {message}")

    def LogInfo(self, message: str) -> None:  # noqa: N802
        self.log.append(f"I {message}")

    def call(
        self, method: str, uri: str, body: bytes = b"", headers: dict[str, str] | None = None, **query: str
    ) -> Output:
        """Call the route that matches, as Orthanc does: `body` only where there may be one."""
        for pattern, callback in self.routes.items():
            match = re.fullmatch(pattern, uri)
            if match:
                output = Output(plugin=self.plugin)
                given: dict[str, Any] = {"method": method, "groups": match.groups(), "headers": headers or {}}
                if method == "GET":
                    given["get"] = query
                if method in ("POST", "PUT"):
                    given["body"] = body
                callback(output, uri, **given)
                return output
        raise AssertionError(f"no route matches {uri}")
