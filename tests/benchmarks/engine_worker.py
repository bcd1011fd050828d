"""A process that de-identifies for the comparison of two checkouts: `engine_worker.py PROFILE KIND=FOLDER...`.

It writes the path of the imported package, then reads lines "KIND COUNT" from standard input. For each line it
de-identifies that many instances of the kind, from memory to memory, and writes the seconds of processor time. It
runs with one checkout's `plugin` as PYTHONPATH, and uses nothing but the package's public interface.
"""

from __future__ import annotations

import gc
import sys
import time
from itertools import cycle, islice
from pathlib import Path

import orthanc_deid
from orthanc_deid import Key, deidentify, load_profile


def main() -> None:
    """Answer lines until standard input ends."""
    profile, key = load_profile(sys.argv[1]), Key(bytes(range(32)))
    kinds = {
        kind: [path.read_bytes() for path in sorted(Path(folder).iterdir())]
        for kind, _, folder in (argument.partition("=") for argument in sys.argv[2:])
    }
    gc.freeze()
    _answer(orthanc_deid.__file__)
    for line in sys.stdin:
        kind, count = line.split()
        instances = list(islice(cycle(kinds[kind]), int(count)))
        begun = time.process_time()
        for data in instances:
            deidentify(data, profile, key)
        _answer(repr(time.process_time() - begun))


def _answer(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
