"""Branch coverage of the package by its unit tests, measured where the environment names a folder for the data.

Unit tests are traced, those of the command with the processes that they start. Tracing doubles the time of the
engine's loops; so integration tests, random instances and tests that measure time run without it.
"""

from __future__ import annotations

import json
import os
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import coverage
import pytest

from support.repository import ROOT

FOLDER: Final = os.environ.get("BRANCH_COVERAGE", "")
MEASURED: Final = ROOT / "tests" / "unit"
WITH_CHILDREN: Final = MEASURED / "cli"  # a pool's worker would start late: tests of workers wait for them
TOO_SLOW: Final = {"test_any_data_set.py", "test_benchmarks.py", "test_time.py"}
CHILDREN: Final = "COVERAGE_PROCESS_START"  # coverage's own variable: a process that has it measures itself
STRICT: Final = ("deid", "ledger", "verify")
LEAST: Final = 90  # per cent, below which a module of these packages is listed


class BranchCoverage:
    """A pytest plugin: traces the unit tests, and in the process that reports prints a table per package."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        os.environ["COVERAGE_FILE"] = str(folder / "data")
        self._coverage = coverage.Coverage(config_file=str(ROOT / "pyproject.toml"), data_suffix=True)
        self._runs_tests = True
        self._tracing = False
        self._trace(True)  # while modules are imported, too: by collection

    def pytest_configure(self, config: pytest.Config) -> None:
        """End the tracing in a process that only distributes the tests."""
        self._runs_tests = hasattr(config, "workerinput") or not config.getoption("numprocesses", None)
        self._trace(self._runs_tests)

    def _trace(self, wanted: bool) -> None:
        if wanted == self._tracing:
            return
        self._tracing = wanted
        if wanted:
            self._coverage.start()
        else:
            self._coverage.stop()

    def pytest_runtest_logstart(self, location: tuple[str, int | None, str]) -> None:
        """Trace or not, before the fixtures of a test are set up."""
        path = ROOT / location[0]
        wanted = path.is_relative_to(MEASURED) and path.name not in TOO_SLOW
        self._trace(wanted and self._runs_tests)
        if self._tracing and path.is_relative_to(WITH_CHILDREN):
            os.environ[CHILDREN] = str(ROOT / "pyproject.toml")
        else:
            os.environ.pop(CHILDREN, None)

    @pytest.hookimpl(tryfirst=True)  # before a worker of xdist reports that it has finished
    def pytest_sessionfinish(self) -> None:
        """Write what this process has measured."""
        self._trace(False)
        self._coverage.save()

    def pytest_terminal_summary(
        self, terminalreporter: pytest.TerminalReporter, config: pytest.Config
    ) -> None:
        """Print the table where all workers of xdist have ended: not in one of them."""
        if hasattr(config, "workerinput"):
            return
        whole = coverage.Coverage(config_file=str(ROOT / "pyproject.toml"))
        whole.combine([str(self._folder)])
        whole.json_report(outfile=str(self._folder / "coverage.json"))
        report = json.loads((self._folder / "coverage.json").read_text(encoding="utf-8"))
        terminalreporter.section("branch coverage by the unit tests")
        for line in table(report["files"]):
            terminalreporter.line(line)


def table(files: dict[str, Any]) -> Iterator[str]:
    """Yield a line per package, and one that lists the strict packages' modules below 90 %."""
    totals: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    below = []
    for path, found in sorted(files.items()):
        module = Path(path.partition("orthanc_deid/")[2])
        counts = _counts(found["summary"])
        for package in ("all", module.parts[0] if len(module.parts) > 1 else "(top level)"):
            totals[package] = [a + b for a, b in zip(totals[package], counts, strict=True)]
        if module.parts[0] in STRICT and _per_cent(counts) < LEAST:
            below.append(f"{module} {_per_cent(counts):.0f} %")
    for package in sorted(totals, key=lambda name: (name == "all", name)):
        statements, _, branches, _ = counts = totals[package]
        yield f"{package:<14}{statements:>7} statements{branches:>7} branches{_per_cent(counts):>7.1f} %"
    yield f"below {LEAST} % in {', '.join(STRICT)}: {', '.join(below) or 'none'}"


def _counts(summary: dict[str, int]) -> list[int]:
    return [summary[key] for key in ("num_statements", "covered_lines", "num_branches", "covered_branches")]


def _per_cent(counts: list[int]) -> float:
    statements, lines, branches, taken = counts
    return 100 * (lines + taken) / (statements + branches) if statements else 100.0


PLUGIN: Final = BranchCoverage(Path(FOLDER)) if FOLDER else None
