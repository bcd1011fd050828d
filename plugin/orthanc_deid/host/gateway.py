"""The typed interface to the `orthanc` module, which is an argument; only calls of Orthanc-Python 4.0 are used."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

from orthanc_deid.errors import ConfigError


class RestOutput(Protocol):
    """The output object of a REST callback."""

    def AnswerBuffer(self, answer: str | bytes, mime: str, /) -> None: ...  # noqa: N802 - Orthanc's names
    def SendHttpStatus(self, status: int, body: str, *size: int) -> None: ...  # noqa: N802
    def SendMethodNotAllowed(self, allowed: str, /) -> None: ...  # noqa: N802
    def SetHttpHeader(self, name: str, value: str, /) -> None: ...  # noqa: N802


class ChangeTypes(Protocol):
    """The members of `orthanc.ChangeType` in use; plain integers in version 4.0."""

    @property
    def NEW_INSTANCE(self) -> int: ...  # noqa: N802
    @property
    def ORTHANC_STARTED(self) -> int: ...  # noqa: N802
    @property
    def ORTHANC_STOPPED(self) -> int: ...  # noqa: N802


class MetricsTypes(Protocol):
    """The member of `orthanc.MetricsType` in use."""

    @property
    def DEFAULT(self) -> int: ...  # noqa: N802


RestCallback = Callable[..., None]
"""Called as (output, uri, **request) with `method`, `groups`, `get`, `headers` and, if there is one, `body`."""


class OrthancModule(Protocol):
    """The functions of the module `orthanc` in use (version 4.0)."""

    @property
    def ChangeType(self) -> ChangeTypes: ...  # noqa: N802
    @property
    def MetricsType(self) -> MetricsTypes: ...  # noqa: N802
    @property
    def OrthancException(self) -> type[Exception]: ...  # noqa: N802

    def GetConfiguration(self) -> str: ...  # noqa: N802
    def GetConfigurationPath(self) -> str: ...  # noqa: N802
    def GenerateRestApiAuthorizationToken(self) -> str: ...  # noqa: N802
    def RestApiGet(self, path: str, /) -> bytes: ...  # noqa: N802
    def RegisterRestCallback(self, pattern: str, callback: RestCallback, /) -> None: ...  # noqa: N802
    def RegisterOnChangeCallback(self, callback: Callable[[int, int, str], None], /) -> None: ...  # noqa: N802
    def ExtendOrthancExplorer(self, script: str, /) -> None: ...  # noqa: N802
    def SetMetricsValue(self, name: str, value: float, kind: int, /) -> None: ...  # noqa: N802
    def LogError(self, message: str, /) -> None: ...  # noqa: N802
    def LogWarning(self, message: str, /) -> None: ...  # noqa: N802
    def LogInfo(self, message: str, /) -> None: ...  # noqa: N802


def send_status(output: RestOutput, status: int, text: str) -> None:
    """Answer with a status and a JSON text (ASCII, because version 4.0 takes a str and its length in bytes).

    Version 5.0 takes only the text and sets the Content-Type `text/plain`, which cannot be replaced.
    """
    try:
        output.SendHttpStatus(status, text)
    except TypeError:
        output.SetHttpHeader("Content-Type", "application/json")
        output.SendHttpStatus(status, text, len(text))


class Gateway:
    """Calls of Orthanc. Each `register_` method may be called once per process: Orthanc keeps one callback each.

    The gateway must live as long as the process: version 5.0 crashes at exit if a callback was garbage-collected.
    """

    def __init__(self, module: OrthancModule) -> None:
        self._orthanc = module
        self._callbacks: list[object] = []

    def configuration(self) -> dict[str, Any]:
        """Return the whole configuration of Orthanc, with environment variables substituted."""
        configuration: dict[str, Any] = json.loads(self._orthanc.GetConfiguration())
        return configuration

    def configuration_folder(self) -> Path:
        """Return the folder that relative paths in the configuration are relative to."""
        path = Path(self._orthanc.GetConfigurationPath()).absolute()
        if not path.exists():
            raise ConfigError("Orthanc was started without a configuration")
        return path if path.is_dir() else path.parent

    def authorization(self) -> str:
        """Return the value of an Authorization header that Orthanc accepts while this process lives."""
        return self._orthanc.GenerateRestApiAuthorizationToken()

    def get_json(self, path: str) -> Any:
        """Return the parsed answer of a built-in GET route, or None if Orthanc has no such resource."""
        try:
            return json.loads(self._orthanc.RestApiGet(path))
        except self._orthanc.OrthancException:
            return None

    def register_route(self, pattern: str, callback: RestCallback) -> None:
        """Register a callback for the URIs that match the whole pattern."""
        self._callbacks.append(callback)
        self._orthanc.RegisterRestCallback(pattern, callback)

    def register_changes(
        self, started: Callable[[], None], stopped: Callable[[], None], received: Callable[[str], None]
    ) -> None:
        """Call `started` once Orthanc answers, `stopped` when it begins to stop, `received` with each new instance.

        Orthanc reports changes in a thread of its own. The on-stored callback would run in the receiving thread,
        which would wait for Python's global lock with every instance.
        """
        types = self._orthanc.ChangeType

        def on_change(change: int, _level: int, resource: str) -> None:
            try:
                if change == types.NEW_INSTANCE:
                    received(resource)
                elif change == types.ORTHANC_STARTED:
                    started()
                elif change == types.ORTHANC_STOPPED:
                    stopped()
            except Exception as error:  # noqa: BLE001 - Orthanc would print the text, which may hold a value
                self.log_error(f"change of type {change}: {type(error).__name__}")

        self._callbacks.append(on_change)
        self._orthanc.RegisterOnChangeCallback(on_change)

    def extend_explorer(self, script: str) -> None:
        """Add a script to Orthanc Explorer's pages."""
        self._orthanc.ExtendOrthancExplorer(script)

    def set_metric(self, name: str, value: float) -> None:
        """Set a gauge in the metrics of Orthanc; allowed only after Orthanc has started."""
        self._orthanc.SetMetricsValue(name, float(value), self._orthanc.MetricsType.DEFAULT)

    def log_error(self, message: str) -> None:
        self._orthanc.LogError(f"orthanc-deid: {message}")

    def log_warning(self, message: str) -> None:
        self._orthanc.LogWarning(f"orthanc-deid: {message}")

    def log_info(self, message: str) -> None:
        self._orthanc.LogInfo(f"orthanc-deid: {message}")
