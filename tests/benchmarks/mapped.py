"""One process that de-identifies mapped files or copies them, for `multiframe`, which watches it from outside.

Usage: python -m benchmarks.mapped PROFILE verify|trust|copy WARM_UP_FILE INPUT OUTPUT

Prints the seconds that each step took as JSON. The warm-up file is a small instance of the same kind: a worker
that has been at work for a while has read its tables.
"""

from __future__ import annotations

import json
import mmap
import shutil
import sys
import time
from pathlib import Path

from benchmarks.contenders import KEY
from benchmarks.measuring import have_at_hand
from orthanc_deid import deidentify, load_profile
from orthanc_deid.verify import Verifier
from orthanc_deid.workers import spare_what_is_loaded


def main(arguments: list[str]) -> None:
    """Do what the arguments say."""
    name, depth, *paths = arguments
    warm_up, source, target = map(Path, paths)
    _run(name, depth, warm_up, target)
    target.unlink()
    spare_what_is_loaded()
    have_at_hand(source, target)
    sys.stdout.write(json.dumps(_run(name, depth, source, target)))


def _run(name: str, depth: str, source: Path, target: Path) -> dict[str, float]:
    return _copy(source, target) if depth == "copy" else _deidentify(name, depth, source, target)


def _copy(source: Path, target: Path) -> dict[str, float]:
    start = time.perf_counter()
    shutil.copyfile(source, target)
    return {"all": time.perf_counter() - start}


def _deidentify(name: str, depth: str, source: Path, target: Path) -> dict[str, float]:
    profile = load_profile(name)
    verifier = Verifier(profile.profile, KEY)
    start = time.perf_counter()
    with source.open("rb") as file:
        data = memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
    done = deidentify(data, profile, KEY)
    made = time.perf_counter()
    if depth == "verify":
        verifier.check(data, done.output)
    checked = time.perf_counter()
    with target.open("wb") as out:
        done.write_to(out)
    written = time.perf_counter()
    return {
        "deidentify": made - start,
        "verify": checked - made,
        "write": written - checked,
        "all": written - start,
    }


if __name__ == "__main__":
    main(sys.argv[1:])
