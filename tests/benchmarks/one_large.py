"""One process that de-identifies large files or copies them, for `multiframe`, which watches it from outside.

Usage: python -m benchmarks.one_large PROFILE verify|trust|copy WARM_UP_FILE INPUT OUTPUT

Prints the seconds that each step took as JSON. The warm-up file is a small instance of the same kind: a worker
that has been at work for a while has read its tables.
"""

from __future__ import annotations

import json
import shutil
import sys
import time
from io import FileIO
from pathlib import Path

from benchmarks.contenders import KEY, read, write
from benchmarks.measuring import have_at_hand
from orthanc_deid import deidentify, load_profile
from orthanc_deid.sources.read_buffer import ReadBuffer
from orthanc_deid.verify.verifier import Verifier
from orthanc_deid.workers.bootstrap import freeze_gc


def main(arguments: list[str]) -> None:
    """Do what the arguments say."""
    name, depth, *paths = arguments
    warm_up, source, target = map(Path, paths)
    _run(name, depth, warm_up, target)
    target.unlink()
    freeze_gc()
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
    verifier, memory = Verifier(profile.profile, KEY), ReadBuffer()
    start = time.perf_counter()
    with FileIO(source) as file:
        data = read(file, memory)
        output = deidentify(data, profile, KEY).output
        made = time.perf_counter()
        if depth == "verify":
            output = verifier.check(data, output).output
        checked = time.perf_counter()
        write(output, target)
    written = time.perf_counter()
    return {
        "deidentify": made - start,
        "verify": checked - made,
        "write": written - checked,
        "all": written - start,
    }


if __name__ == "__main__":
    main(sys.argv[1:])
