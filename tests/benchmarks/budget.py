"""Processor time of an Orthanc, process by process: what receipt costs, and what the work on it."""

from __future__ import annotations

import os
import re
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

_FIELDS = re.compile(r"\d+ \(.*\) (.*)\n", re.DOTALL)
_SESSION, _USER, _SYSTEM = 3, 11, 12  # in /proc/PID/stat, counted from the state on


@dataclass(frozen=True, slots=True)
class Budget:
    """Seconds of processor time: in Orthanc's own process, and in each of its workers."""

    orthanc: float
    workers: tuple[float, ...] = ()

    @property
    def whole(self) -> float:
        return self.orthanc + sum(self.workers)


class Spending:
    """Adds up what an Orthanc and its workers spend, by the process; `session` is Orthanc's process id."""

    def __init__(self, session: int) -> None:
        self._session = session
        self._spent: defaultdict[int, float] = defaultdict(float)
        self._before: dict[int, float] = {}

    def begin(self) -> None:
        """Count from now on."""
        self._before = _spent(self._session)

    def end(self) -> None:
        """Count until now, more to what was counted before."""
        for process, seconds in _spent(self._session).items():
            self._spent[process] += seconds - self._before.get(process, 0.0)

    def budget(self, instances: int) -> Budget:
        """Return what was counted, per instance."""
        per_instance = {process: seconds / instances for process, seconds in self._spent.items()}
        orthanc = per_instance.pop(self._session, 0.0)
        # Python's helper process of a pool does nothing: no worker of ours.
        return Budget(orthanc, tuple(spent for _, spent in sorted(per_instance.items()) if spent > 1e-5))


def _spent(session: int) -> dict[int, float]:
    """Return the seconds (user and system) that the processes of a session have had so far."""
    found = {}
    ticks = os.sysconf("SC_CLK_TCK")
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            match = _FIELDS.fullmatch(path.read_text(errors="replace"))
        except OSError:
            continue  # it has ended
        fields = match[1].split() if match else []
        if len(fields) > _SYSTEM and int(fields[_SESSION]) == session:
            found[int(path.parent.name)] = (int(fields[_USER]) + int(fields[_SYSTEM])) / ticks
    return found
