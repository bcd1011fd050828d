"""Receipt with the plugin on, beside the same Orthanc without it; both take turns, and never work at once.

What is measured: how long the sender takes, how long until every result is in the store, and the processor time
of Orthanc's process and of each worker, per instance.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from benchmarks.budget import Budget, Spending
from benchmarks.ct import ELEMENTS, SIDE
from benchmarks.figures import Claim, Figure, Group
from benchmarks.measuring import all_cores
from benchmarks.senders import Images, by_c_store, by_rest
from support.servers.orthanc_server import OrthancServer, plain, running, with_plugin, without_plugin

REST, REST_4, C_STORE = "REST, one connection", "REST, four connections", "C-STORE, one association"
ON, OFF, DEFAULT = "with the plugin", "without it", "default Orthanc"
FEW = 50
"""Instances for a warm-up, and for the Orthanc that takes a twentieth of a second for each."""

_LOOK = 0.02  # seconds between looks at whether all results are out
_LONGEST = 120.0

Send = Callable[[OrthancServer, int], float]


@dataclass
class Taken:
    """What one way of sending took, a value per round: seconds per instance to be received, and to be out."""

    received: dict[str, list[float]] = field(default_factory=lambda: {ON: [], OFF: []})
    out: list[float] = field(default_factory=list)
    spent: dict[str, Budget] = field(default_factory=dict)

    def rate(self) -> float:
        """Return the rate of receipt with the plugin as a multiple of that without, the median of the rounds."""
        return statistics.median(
            off / on for on, off in zip(self.received[ON], self.received[OFF], strict=True)
        )

    def delay(self) -> float:
        """Return until when all results were out, as a multiple of what their receipt took."""
        return statistics.median(out / on for out, on in zip(self.out, self.received[ON], strict=True))


class Turns:
    """Two Orthancs that take turns."""

    def __init__(self, on: OrthancServer, off: OrthancServer) -> None:
        self._servers = {ON: on, OFF: off}
        self._due = 0

    def take(self, send: Send, count: int, rounds: int) -> Taken:
        """Send `count` instances to each, so many times."""
        for server in self._servers.values():
            send(server, FEW)
        self._wait(FEW)
        taken = Taken()
        spending = {name: Spending(_process(server)) for name, server in self._servers.items()}
        for turn in range(rounds):
            names = [ON, OFF] if turn % 2 else [OFF, ON]
            for name in names:
                spending[name].begin()
                began = time.perf_counter()
                taken.received[name].append(send(self._servers[name], count) / count)
                if name == ON:
                    sending = taken.received[ON][-1] * count
                    # The sender's preparations are no part of either time.
                    before = time.perf_counter() - began - sending
                    self._wait(count)
                    taken.out.append((time.perf_counter() - began - before) / count)
                spending[name].end()
        taken.spent = {name: each.budget(count * rounds) for name, each in spending.items()}
        return taken

    def _wait(self, count: int) -> None:
        """Wait until so many more results are out."""
        self._due += count
        deadline = time.monotonic() + _LONGEST
        while (status := self._servers[ON].status())["Delivered"] < self._due:
            if status["Quarantined"] or status["Failed"] or time.monotonic() > deadline:
                raise RuntimeError(f"{status['Delivered']} of {self._due} results are out: {status}")
            time.sleep(_LOOK)


def receipt(count: int, rounds: int, scratch: Path) -> Group:
    """Send `count` CT images by each way to each Orthanc, in `rounds` portions."""
    images = Images()
    portion = max(1, count // rounds)
    ways: dict[str, Send] = {
        REST: lambda server, number: by_rest(server, images, number, 1),
        REST_4: lambda server, number: by_rest(server, images, number, 4),
        C_STORE: lambda server, number: by_c_store(server, images, number, scratch),
    }
    with all_cores():
        with running(with_plugin(scratch / "on")) as on, running(without_plugin(scratch / "off")) as off:
            turns = Turns(on, off)
            taken = {name: turns.take(send, portion, rounds) for name, send in ways.items()}
        slow = _default(scratch / "default", images, scratch)
    title = f"Receipt, CT, {SIDE} x {SIDE}, {ELEMENTS} elements, {portion * rounds} instances"
    said = [*_budgets(taken), "turns: each Orthanc idles while the other one works"]
    return Group(title, "instance", _figures(taken, slow), _claims(taken, slow), said)


def _default(folder: Path, images: Images, scratch: Path) -> float:
    """Return the seconds per instance that an Orthanc without TCP_NODELAY takes by C-STORE."""
    server = plain(folder)
    server.environment["TCP_NODELAY"] = "0"
    with running(server):
        return by_c_store(server, images, FEW, scratch) / FEW


def _process(server: OrthancServer) -> int:
    assert server.process is not None
    return server.process.pid


def _figures(taken: Mapping[str, Taken], slow: float) -> list[Figure]:
    made = []
    for name, each in taken.items():
        for side, seconds in {**each.received, "all results out": each.out}.items():
            made.append(_figure(f"{name}, {side}", seconds))
    return [*made, _figure(f"{C_STORE}, {DEFAULT}", [slow])]


def _figure(name: str, seconds: Sequence[float]) -> Figure:
    return Figure(name, statistics.median(seconds), min(seconds), max(seconds))


def _claims(taken: Mapping[str, Taken], slow: float) -> list[Claim]:
    quick = statistics.median(taken[C_STORE].received[ON])
    rate, delay = partial(_rate, taken), partial(_delay, taken)
    return [
        rate(REST, 0.85, 0.9),
        rate(C_STORE, 0.7, 0.8),
        rate(REST_4, 0.6, 0.7),
        delay(REST, 1.3),
        delay(C_STORE, 1.3),
        delay(REST_4, 2.0),
        Claim(f"{C_STORE}: {ON} / {DEFAULT}, without TCP_NODELAY", slow / quick, 4),
    ]


def _rate(taken: Mapping[str, Taken], name: str, target: float, aim: float) -> Claim:
    return Claim(f"{name}: rate {ON} / {OFF}", taken[name].rate(), target, aim=aim)


def _delay(taken: Mapping[str, Taken], name: str, target: float) -> Claim:
    return Claim(f"{name}: all results out / received", taken[name].delay(), target, at_most=True)


def _budgets(taken: Mapping[str, Taken]) -> list[str]:
    """Say what each way spent, in milliseconds of processor time per instance."""
    lines = []
    for name, each in taken.items():
        on, off = each.spent[ON], each.spent[OFF]
        workers = " + ".join(f"{seconds * 1e3:.2f}" for seconds in on.workers)
        lines.append(
            f"{name}, processor time per instance: Orthanc {off.orthanc * 1e3:.2f} ms {OFF}, "
            f"{on.orthanc * 1e3:.2f} ms {ON}; workers {workers} ms; all {on.whole * 1e3:.2f} ms"
        )
    return lines
