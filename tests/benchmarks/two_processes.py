"""`python -m benchmarks.two_processes TOOL IN OUT`: another tool over a folder tree, with two processes of its own.

Each process takes every second file. Nothing is verified, nothing is recorded; a file that fails ends the run.
"""

from __future__ import annotations

import multiprocessing
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from benchmarks import contenders as who

PROCESSES = 2
TOOLS: dict[str, Callable[[], object]] = {
    who.COPY: who.copy,
    who.DICOGNITO: who.dicognito,
    who.DICOM_ANONYMIZER: who.dicom_anonymizer,
}


def half(tool: str, source: Path, target: Path, which: int) -> None:
    """Do every second file, in this process."""
    files = sorted(path for path in source.rglob("*") if path.is_file())[which::PROCESSES]
    if tool == who.COPY:
        for file in files:
            shutil.copyfile(file, target / file.name)
        return
    contender = TOOLS[tool]()
    contender.run(files, target)  # type: ignore[attr-defined]


def gdcm_half(source: Path, target: Path, which: int) -> None:
    """Run gdcmanon over every second folder."""
    for folder in sorted(path for path in source.iterdir() if path.is_dir())[which::PROCESSES]:
        into = target / folder.name
        into.mkdir()
        subprocess.run(who.gdcmanon_command(folder, into), check=True, stdout=subprocess.DEVNULL)


def main(tool: str, source: Path, target: Path) -> int:
    """Run the tool; return 0 if both processes did their half."""
    context = multiprocessing.get_context("spawn")
    do, first = (gdcm_half, ()) if tool == who.GDCMANON else (half, (tool,))
    processes = [
        context.Process(target=do, args=(*first, source, target, which)) for which in range(PROCESSES)
    ]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    return max(process.exitcode or 0 for process in processes)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])))
