"""`python -m benchmarks`: measure, print a table per group, and say what is reached.

With `--against FOLDER` it compares this checkout with another one instead (`against.py`).

Ratios are those of one run and can be trusted on a noisy machine; absolute figures cannot. Files lie in
memory-backed storage, so that the disk is not what is measured; but for servers, which wait for the disk with
every instance, and so do we.
"""

from __future__ import annotations

import argparse
import json
import platform
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

from benchmarks import against
from benchmarks.groups import GROUPS, ON_DISK, QUICK, Sizes
from benchmarks.measuring import DISK, MEMORY, describe_storage, use_one_core
from orthanc_deid.version import __version__


def main(arguments: list[str] | None = None) -> int:
    """Run the groups that the arguments name; return 0 whether or not the targets are reached."""
    options = _options(arguments)
    sizes = QUICK if options.quick else Sizes()
    begun = time.perf_counter()
    conditions = {
        "version": __version__,
        "python": platform.python_version(),
        "machine": platform.machine(),
        "storage": describe_storage(options.folder),
        "storage of servers": describe_storage(options.disk),
        "cores": use_one_core(),
        "quick": options.quick,
    }
    _say("\n".join(f"{key}: {value}" for key, value in conditions.items()) + "\n")
    if options.against is not None:
        return _compare(options)
    made = []
    for name in options.only or GROUPS:
        folder = options.disk if name in ON_DISK else options.folder
        with tempfile.TemporaryDirectory(prefix="orthanc-deid-bench-", dir=folder) as scratch:
            group = GROUPS[name](sizes, Path(scratch))
        made.append(group)
        _say(group.as_text())
    _say(f"took {time.perf_counter() - begun:.0f} s")
    if options.json is not None:
        text = json.dumps({**conditions, "groups": [group.as_json() for group in made]}, indent=2)
        options.json.write_text(text + "\n", encoding="utf-8")
    return 0


def _compare(options: argparse.Namespace) -> int:
    """Compare this checkout with `--against`; return 1 if it is slower in any row."""
    amounts = against.QUICK if options.quick else against.Amounts()
    slower = False
    with ExitStack() as stack:
        scratch, disk = (
            Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="orthanc-deid-bench-", dir=folder)))
            for folder in (options.folder, options.disk)
        )
        _say(f"{options.rounds} rounds\n{against.HEADING}")
        for row in against.compare_checkouts(options.against, options.rounds, scratch, disk, amounts):
            _say(row.as_text())
            slower |= row.slower
    return int(slower)


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def _options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer and smaller files, under a minute")
    parser.add_argument("--only", action="append", choices=list(GROUPS), help="one group; may be repeated")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures as JSON, too")
    parser.add_argument("--against", type=Path, metavar="FOLDER", help="compare with the checkout in FOLDER")
    parser.add_argument("--rounds", type=int, default=15, help="of a comparison; at least 6")
    folder = MEMORY if MEMORY.is_dir() else Path(tempfile.gettempdir())
    parser.add_argument("--folder", type=Path, default=folder, help="where the files lie while it runs")
    disk = DISK if DISK.is_dir() else Path(tempfile.gettempdir())
    parser.add_argument("--disk", type=Path, default=disk, help="where servers have theirs")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
