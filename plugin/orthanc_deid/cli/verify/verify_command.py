"""`orthanc-deid verify ORIGINALS OUTPUT`: check a finished output against its originals, with a scorecard."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from orthanc_deid.cli import console_tables
from orthanc_deid.cli.run.folder_run import Progress
from orthanc_deid.cli.run.progress import display, line
from orthanc_deid.config.key import Key
from orthanc_deid.errors import SourceError
from orthanc_deid.pipeline.tasks import Outcome, Result, Task, state_of
from orthanc_deid.profile.model import Profile
from orthanc_deid.profile.verify_depth import VerifyDepth
from orthanc_deid.sources.folder_source import FoundFile, walk
from orthanc_deid.stores.incoming_folder import is_temporary
from orthanc_deid.workers.batch_runner import BatchRunner, NoWorkersError, chunked
from orthanc_deid.workers.pool import RestartablePool, command_pool

if TYPE_CHECKING:
    from orthanc_deid.cli.verify.verify_worker import Checked

LISTED = 50
"""Rejected results that are listed by their paths."""

_OTHER_STAMP = "stamps: wrong value (0012,0063)"
_OTHER_PROFILE = (
    "No rejected result bears this profile's stamp. If another made them, say which by --profile."
)


@dataclass(slots=True)
class Scorecard:
    """Counts of files. `findings` are the verifier's lines, `withheld` the rules, both by number of originals.

    `results`: everything in OUTPUT that is no folder; `foreign`: what is no result of an original, under any name.
    """

    originals: int = 0
    accepted: int = 0
    missing: int = 0
    unreadable: int = 0
    not_dicom: int = 0
    results: int = 0
    foreign: int = 0
    findings: Counter[str] = field(default_factory=Counter)
    withheld: Counter[str] = field(default_factory=Counter)
    _rejected: list[tuple[str, tuple[str, ...]]] = field(default_factory=list)
    _accepted_results: set[bytes] = field(default_factory=set)
    _foreign: list[str] = field(default_factory=list)

    @property
    def rejected(self) -> int:
        """Originals whose result the verifier does not accept."""
        return len(self._rejected)

    def listed(self) -> list[tuple[str, str]]:
        """Return some of the rejected results by their paths, with the findings."""
        return [(path or "(no result)", "; ".join(lines)) for path, lines in self._rejected[:LISTED]]

    def listed_foreign(self) -> list[tuple[str]]:
        """Return some of the files without an original by their paths."""
        return [(path,) for path in self._foreign]

    @property
    def of_another_profile(self) -> bool:
        """Whether there are rejected results, and none of them carries this profile's stamp."""
        return bool(self._rejected) and all(_OTHER_STAMP in lines for _, lines in self._rejected)

    @property
    def passes(self) -> bool:
        """Whether every result has an original and is accepted, and no result is missing."""
        return not (self.rejected or self.missing or self.unreadable or self.foreign)

    def add(self, checked: Checked) -> None:
        """Count one file."""
        from orthanc_deid.cli.verify.verify_worker import WITHHELD

        if checked.result is Result.IGNORED and not checked.rule.startswith(WITHHELD):
            self.not_dicom += 1
            return
        self.originals += 1
        if checked.result is Result.DELIVERED:
            self.accepted += 1
            self._accepted_results.add(_digest(checked.result_path))
        elif checked.result is Result.IGNORED:
            self.withheld[checked.rule.removeprefix(WITHHELD)] += 1
        elif checked.result is Result.LOST:
            self.missing += 1
        elif checked.result is Result.QUARANTINED:
            lines = checked.facts.findings if checked.facts else (checked.rule,)
            self._rejected.append((checked.result_path, lines))
        else:
            self.unreadable += 1

    def settle(self, paths: Iterable[str]) -> None:
        """Compare the results with all paths in OUTPUT, once all originals are checked.

        An original was withheld where its result is accepted for another one with the same SOP Instance UID.
        """
        conflicts = [path for path, _ in self._rejected if path and _digest(path) in self._accepted_results]
        if conflicts:
            self.withheld["conflict"] += len(conflicts)
            taken = set(conflicts)
            self._rejected = [each for each in self._rejected if each[0] not in taken]
        for _, lines in self._rejected:
            self.findings.update(lines)
        known = self._accepted_results | {_digest(path) for path, _ in self._rejected if path}
        for path in paths:
            self.results += 1
            if _digest(path) not in known:
                self.foreign += 1
                if len(self._foreign) < LISTED:
                    self._foreign.append(path)

    def as_json(self) -> dict[str, Any]:
        """Return the numbers for machines."""
        return {
            "Originals": self.originals,
            "Accepted": self.accepted,
            "Rejected": self.rejected,
            "Withheld": sum(self.withheld.values()),
            "Missing": self.missing,
            "Unreadable": self.unreadable,
            "NotDicom": self.not_dicom,
            "Results": self.results,
            "WithoutOriginal": self.foreign,
            "Findings": dict(self.findings.most_common()),
            "WithheldByRule": dict(self.withheld.most_common()),
            "Passes": self.passes,
        }


@dataclass(frozen=True, slots=True)
class VerifySettings:
    """The arguments of the command; absolute folders."""

    root: Path
    output: Path
    profile: Profile
    key: Key
    depth: VerifyDepth
    workers: int
    as_json: bool
    out: TextIO


def verify(settings: VerifySettings) -> Scorecard:
    """Check every original's result and count the results; SourceError where no worker can be started."""
    from orthanc_deid.cli.verify.verify_worker import Checked, VerifyWorkerSetup

    setup = VerifyWorkerSetup(settings.root, settings.output, settings.profile, settings.key, settings.depth)
    runner = BatchRunner(RestartablePool(setup, settings.workers, command_pool), settings.workers)
    card, progress = Scorecard(), Progress()
    try:
        with display(settings.out, settings.root, settings.as_json) as shown:
            for outcomes in runner.run(chunked(_tasks(settings.root, progress))):
                for outcome in outcomes:
                    checked = outcome if isinstance(outcome, Checked) else _died(outcome, Checked)
                    card.add(checked)
                    progress.add(state_of(checked.result))
                shown.show(progress)
    except NoWorkersError as error:
        raise SourceError(str(error)) from None
    card.settle(each.path for each in walk(settings.output) if not is_temporary(each.path))
    return card


def _digest(path: str) -> bytes:
    return blake2b(path.encode("utf-8", "surrogatepass"), digest_size=8).digest()


def _died(outcome: Outcome, kind: type[Checked]) -> Checked:
    return kind(outcome.task, outcome.result, outcome.rule, outcome.reason)


def _tasks(root: Path, progress: Progress) -> Iterator[tuple[Task, int]]:
    for number, each in enumerate(walk(root)):
        if isinstance(each, FoundFile):
            progress.found += 1
            yield Task(number, 0, each.path, each.modified, "", ""), each.size


def print_scorecard(card: Scorecard, settings: VerifySettings) -> None:
    """Print the scorecard."""
    if settings.as_json:
        line(settings.out, {"Event": "end", **card.as_json()})
        return
    numbers = (
        ("Originals (DICOM instances)", card.originals),
        ("  result accepted by the verifier", card.accepted),
        ("  result rejected by the verifier", card.rejected),
        ("  withheld, as the profile and its rules say", sum(card.withheld.values())),
        ("  result missing", card.missing),
        ("  original unreadable", card.unreadable),
        ("Files that are not DICOM", card.not_dicom),
        ("Files in OUTPUT", card.results),
        ("  without an original", card.foreign),
    )
    console_tables.show(
        ("Scorecard", f"verified {settings.depth}"), ((name, f"{number:,}") for name, number in numbers)
    )
    for heading, counted in (("Withheld because", card.withheld), ("Finding of the verifier", card.findings)):
        if counted:
            settings.out.write("\n")
            console_tables.show(
                (heading, "Originals"), ((name, f"{number:,}") for name, number in counted.most_common())
            )
    if listed := card.listed():
        settings.out.write("\n")
        console_tables.show(("Rejected result", "Findings"), listed)
    if foreign := card.listed_foreign():
        settings.out.write("\n")
        console_tables.show(("File in OUTPUT without an original",), foreign)
    if card.of_another_profile:
        settings.out.write(f"\n{_OTHER_PROFILE}\n")
    settings.out.write("\nPASSED\n" if card.passes else "\nNOT PASSED\n")
    settings.out.flush()
