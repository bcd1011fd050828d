"""What one element costs, from a hundred of them to a hundred thousand, side by side and nested."""

from __future__ import annotations

import statistics
from collections.abc import Callable
from itertools import cycle, pairwise

from pydicom import Dataset

from benchmarks.contenders import KEY
from benchmarks.ct import CT_IMAGE_STORAGE, ct_image
from benchmarks.figures import Claim, Figure, Group
from benchmarks.measuring import Rounds, repeat
from benchmarks.writing import add_private, coded, count_elements, encoded, reference
from orthanc_deid import deidentify, load_profile
from orthanc_deid.dicom.walk_cache import MAX_HEADERS, MAX_LAYOUTS
from orthanc_deid.verify.verifier import Verifier
from orthanc_deid.workers.bootstrap import freeze_gc

_PATIENT_ID = b"\x10\x00\x20\x00LO"

FLAT_LIMIT = 1.3
"""A step of ten in elements may make each of the added ones this many times dearer: room for noise and caches."""


def scaling(largest: int, rounds: int) -> Group:
    """Measure the engine from 100 elements to `largest`, in steps of ten, from memory to memory."""
    sizes = [size for size in (100, 1_000, 10_000, 100_000) if size <= largest]
    jobs: dict[str, Callable[[], object]] = {}
    times: dict[str, int] = {}
    counts: dict[str, int] = {}
    for shape, make in {"private, side by side": flat, "nested references": nested}.items():
        for size in sizes:
            made = make(size)
            for what, job in _jobs(_of_many_shapes(encoded(made), size)).items():
                name = f"{what}: {shape}, {size:,}"
                jobs[name], counts[name] = job, count_elements(made)
                times[name] = max(1, (10_000 if what == "engine" else 1_000) // size)
    freeze_gc()  # as a worker does
    measured = repeat(jobs, rounds, times)
    figures = [_per_element(measured, name, counts[name]) for name in jobs]
    claims = _claims(measured, counts)
    said = [
        "the elements of the data set without pixel data; what an instance costs by itself is shared among them",
        "the engine meets a shape (places of the headers) again only when it has forgotten it",
        "held flat: what each further element costs, in the last step of ten as against the step before",
    ]
    return Group("Cost of an element, in memory, one core", "element", figures, claims, said, micro=True)


def _jobs(instances: list[bytes]) -> dict[str, Callable[[], object]]:
    """Return what is measured, in turns, with a profile of their own: what it learned serves no other size."""
    profile = load_profile("basic")
    verifier = Verifier(profile.profile, KEY)
    output = deidentify(instances[0], profile, KEY).output
    steps = cycle(instances)
    return {
        "engine": lambda: deidentify(next(steps), profile, KEY),
        "full verification": lambda: verifier.check(instances[0], output),
    }


def _of_many_shapes(data: bytes, size: int) -> list[bytes]:
    """Return the instance with patient's IDs of different lengths: the walk of one tells nothing of the others.

    There are more than are remembered, unless the instance is too long to be remembered at all.
    """
    at = data.index(_PATIENT_ID) + len(_PATIENT_ID)
    behind = at + 2 + int.from_bytes(data[at : at + 2], "little")
    number = MAX_LAYOUTS + 8 if size <= 10 * MAX_HEADERS else 4
    return [
        data[:at] + (2 * half).to_bytes(2, "little") + b"7" * (2 * half) + data[behind:]
        for half in range(1, number + 1)
    ]


def flat(size: int) -> Dataset:
    """Return an instance with `size` elements, most of them private ones side by side (removed by `basic`)."""
    made = _head()
    missing = size - count_elements(made)
    group, block = 0x0009, 0
    while missing > 1:
        here = min(missing - 1, 0x100)
        creator = f"BENCHMARK {block}"
        add_private(made, group, creator, ((offset, "LO", f"VALUE {offset}") for offset in range(here)))
        missing -= here + 1
        block += 1
        group += 2 if block % 200 == 0 else 0
    return made


def nested(size: int) -> Dataset:
    """Return an instance with about `size` elements, most of them in references two sequences deep.

    Each reference has one UID to replace, five elements to keep, and another one around it.
    """
    made = _head()
    number = max(1, (size - count_elements(made) - 1) // 6)
    purpose = ("121322", "DCM", "Source image for image processing operation")
    made.SourceImageSequence = [
        reference(CT_IMAGE_STORAGE, f"5.{end}", coded(*purpose)) for end in range(1, number + 1)
    ]
    return made


def _head() -> Dataset:
    whole = ct_image(1)
    made = Dataset()
    for element in whole.group_dataset(0x0008):
        if element.VR != "SQ":
            made.add(element)
    for keyword in ("PatientName", "PatientID", "StudyInstanceUID", "SeriesInstanceUID", "InstanceNumber"):
        made.add(whole[keyword])
    return made


def _per_element(measured: Rounds, name: str, count: int) -> Figure:
    seconds = [one / count for one in measured.seconds[name]]
    return Figure(name, statistics.median(seconds), min(seconds), max(seconds))


def _claims(measured: Rounds, counts: dict[str, int]) -> list[Claim]:
    """Return, for each series of sizes, how much dearer an added element is in the last step than before."""
    series: dict[str, list[str]] = {}
    for name in measured.seconds:
        series.setdefault(name.rpartition(", ")[0], []).append(name)
    claims = []
    for title, names in series.items():
        if len(names) < 3:
            continue
        steps = pairwise(names)
        added = [(measured.median(b) - measured.median(a)) / (counts[b] - counts[a]) for a, b in steps]
        claims.append(Claim(f"{title}: growth", added[-1] / added[-2], FLAT_LIMIT, at_most=True))
    return claims
