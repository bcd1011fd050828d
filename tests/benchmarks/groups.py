"""The benchmarks, one function each; sizes say how much of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from pydicom import Dataset

from benchmarks import contenders as who
from benchmarks.anonymization import anonymization
from benchmarks.ct import ELEMENTS, SIDE, ct_image
from benchmarks.figures import Claim, Group, figures, notes
from benchmarks.folder import folder
from benchmarks.hanging_store import hanging_store
from benchmarks.ledger_size import ledger_size
from benchmarks.measuring import Paths, compare, repeat
from benchmarks.multiframe import multiframe
from benchmarks.pictures import DX_SHAPE, radiograph
from benchmarks.receipt import receipt
from benchmarks.scaling import scaling
from benchmarks.writing import encoded
from orthanc_deid import deidentify, load_profile
from orthanc_deid.verify.verifier import Verifier

_TURN = 50
PROFILES = ("basic", "neutral", "research")


@dataclass(frozen=True, slots=True)
class Sizes:
    """How much is measured: numbers of files and frames, rounds, and the largest number of elements."""

    cts: int = 200
    radiographs: int = 20
    frames: int = 500
    elements: int = 100_000
    rounds: int = 5
    radiograph_rounds: int = 11
    large_rounds: int = 3
    tree: int = 2000
    small: int = 100_000
    rows: int = 10_000_000
    received: int = 2000
    study: int = 300
    uploads: int = 600


QUICK = Sizes(
    cts=40,
    radiographs=6,
    frames=50,
    elements=10_000,
    rounds=3,
    radiograph_rounds=3,
    large_rounds=1,
    tree=300,
    small=1000,
    rows=200_000,
    received=300,
    study=100,
    uploads=200,
)


def ct(sizes: Sizes, scratch: Path) -> Group:
    """CT images: read, de-identify and write, beside a copy and other tools."""
    files = _write(scratch / "ct", ct_image, sizes.cts)
    tools = [who.pydicom_save(), who.dicognito(), who.dicom_anonymizer(), who.gdcmanon(), who.gdcmanon_dumb()]
    engines = [who.engine(name) for name in PROFILES]
    checked = [who.engine_and_verifier(name) for name in PROFILES]
    rounds = compare([who.copy(), *engines, *checked, *tools], files, sizes.rounds, scratch)
    python = rounds.fastest(who.DICOGNITO, who.DICOM_ANONYMIZER)
    basic, research = who.ours("basic"), who.ours("research")
    claims = [
        Claim("basic / raw file copy", rounds.rate(basic, who.COPY), 0.4, aim=0.5),
        Claim(f"basic / {python}", rounds.rate(basic, python), 10, aim=12),
        Claim("basic / gdcmanon", rounds.rate(basic, who.GDCMANON), 1.5, aim=2),
        Claim("research / raw file copy", rounds.rate(research, who.COPY), 0.2),
        Claim(f"research / {python}", rounds.rate(research, python), 5),
    ]
    said = [
        "columns: rate as a multiple of the copy's, and of the faster Python tool's (which verify nothing)",
        "the files are of four lengths, like a series': headers that stand where they stood before are walked once",
        "gdcmanon: its Basic Profile over the whole folder in one process, start-up time taken off",
        "gdcmanon --dumb: top-level attributes of the Basic Profile only, no UIDs, nothing private or nested",
        *notes(rounds),
    ]
    title = f"CT, {SIDE} x {SIDE}, {ELEMENTS} elements, {sizes.cts} files, one core"
    return Group(title, "file", figures(rounds, {"/ copy": who.COPY, f"/ {python}": python}), claims, said)


def dx(sizes: Sizes, scratch: Path) -> Group:
    """Radiographs: read, de-identify and write, beside a copy and other tools."""
    files = _write(scratch / "dx", radiograph, sizes.radiographs)
    mine = [*(who.engine(name) for name in PROFILES), who.engine_and_verifier("basic")]
    tools = [who.pydicom_save(), who.dicognito(), who.dicom_anonymizer()]
    rounds = compare([who.copy(), *mine, *tools], files, sizes.radiograph_rounds, scratch)
    claims = [Claim("basic / raw file copy", rounds.rate(who.ours("basic"), who.COPY), 0.9)]
    title = f"Radiograph, {DX_SHAPE[1]} x {DX_SHAPE[0]}, 16 bits, {sizes.radiographs} files, one core"
    python = rounds.fastest(who.DICOGNITO, who.DICOM_ANONYMIZER)
    columns = {"/ copy": who.COPY, f"/ {python}": python}
    return Group(title, "file", figures(rounds, columns), claims, notes(rounds))


def verification(sizes: Sizes, _scratch: Path) -> Group:
    """The engine and the full verification by themselves, from memory to memory."""
    images = {"CT": encoded(ct_image(1)), "radiograph": encoded(radiograph(1))}
    jobs: dict[str, Callable[[], object]] = {}
    said = []
    for kind, data in images.items():
        for name in PROFILES:
            profile = load_profile(name)
            jobs[f"{kind}, {name}: engine"] = partial(deidentify, data, profile, who.KEY)
            output = deidentify(data, profile, who.KEY).output
            check = partial(Verifier(profile.profile, who.KEY).check, data, output)
            try:
                check()
                jobs[f"{kind}, {name}: full verification"] = check
            except Exception as error:  # noqa: BLE001  # reported; the others are still measured
                said.append(f"not measured: {kind}, {name} ({type(error).__name__}: {error})")
    rounds = repeat(jobs, sizes.rounds, dict.fromkeys(jobs, max(1, sizes.cts // 2)))
    columns = {"/ CT basic engine": "CT, basic: engine"}
    return Group("Full verification, in memory, one core", "instance", figures(rounds, columns), (), said)


def large(sizes: Sizes, scratch: Path) -> Group:
    """A multi-frame file of 1 GB: de-identified, verified in full, written."""
    return multiframe(sizes.frames, sizes.large_rounds, scratch)


def elements(sizes: Sizes, _scratch: Path) -> Group:
    """What an element costs in instances of very different size."""
    return scaling(sizes.elements, sizes.rounds)


def folder_command(sizes: Sizes, scratch: Path) -> Group:
    """The folder command over a tree, beside other tools with two processes."""
    return folder(sizes.tree, sizes.small, sizes.large_rounds, scratch)


def ledger(sizes: Sizes, scratch: Path) -> Group:
    """What the ledger's answers cost when it is large."""
    return ledger_size(sizes.rows, scratch)


def receiving(sizes: Sizes, scratch: Path) -> Group:
    """Receipt by a real Orthanc with the plugin on, beside the same one without it."""
    return receipt(sizes.received, sizes.rounds, scratch)


def study(sizes: Sizes, scratch: Path) -> Group:
    """A stored study de-identified into a folder, beside Orthanc's own anonymization."""
    return anonymization(sizes.study, sizes.large_rounds, scratch)


def hanging(sizes: Sizes, scratch: Path) -> Group:
    """Receipt while one of the stores hangs."""
    return hanging_store(sizes.uploads, scratch)


GROUPS: dict[str, Callable[[Sizes, Path], Group]] = {
    "ct": ct,
    "dx": dx,
    "large": large,
    "elements": elements,
    "verification": verification,
    "ledger": ledger,
    "folder": folder_command,
    "receipt": receiving,
    "study": study,
    "hanging": hanging,
}

ON_DISK = frozenset({"receipt", "study", "hanging"})
"""Groups of servers: on disk, where they wait for every instance to be durable."""


def _write(folder: Path, make: Callable[[int], Dataset], count: int) -> Paths:
    """Write `count` files into folders of at most 50, which is what one turn takes."""
    files = [folder / f"{number // _TURN}" / f"{number:05d}.dcm" for number in range(count)]
    for number, file in enumerate(files, 1):
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(encoded(make(number)))
    return files
