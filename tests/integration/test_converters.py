"""Converters and readers read the same volume, geometry, scale and weights before and after `research`.

dcm2niix reads whole series, SimpleITK, GDCM and highdicom single files. What a reader did not read before does not
count.
"""

from __future__ import annotations

import subprocess
import warnings
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
import pytest
from pydicom.uid import ExplicitVRBigEndian, RLELossless

from orthanc_deid import Key, deidentify
from orthanc_deid.errors import DeidError
from support.data.corpus import corpus
from support.data.mr_series import SERIES, encoded
from support.data.profiles import admitting_all_pixels

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # on import, about types of SWIG and newer tables of pydicom
    import highdicom
    import SimpleITK

pytestmark = [
    pytest.mark.integration,
    pytest.mark.timeout(900),
    pytest.mark.filterwarnings("ignore"),  # of the readers, about what real files hold
]

KEY = Key(bytes(range(32)))
NO_GEOMETRY = (slice(148, 252), slice(328, 344))
"""Parts of a NIfTI header that hold no geometry: description, a text of the image, name of the intent."""
WITHOUT_OVERLAYS = "_ROI"
"""In names of files that dcm2niix makes of overlays, which are removed."""

OF_GDCM = (b"Dimensions", b"NumberOfDim", b"Origin:", b"Spacing", b"Direction", b"Rescale", b"md5sum")
"""Lines of gdcminfo that tell geometry, scale and samples."""


def nifti(folder: Path, output: Path) -> dict[str, list[bytes]]:
    """Return what dcm2niix makes of the files in a folder: volumes, b-values and directions, by kind."""
    output.mkdir()
    command = ["dcm2niix", "-b", "n", "-z", "n", "-f", "series", "-o", str(output), str(folder)]
    subprocess.run(command, check=False, capture_output=True, timeout=300)
    found: dict[str, list[bytes]] = defaultdict(list)
    for path in output.iterdir():
        data = bytearray(path.read_bytes())
        if WITHOUT_OVERLAYS in path.name:
            continue
        if path.suffix == ".nii":
            dimensions = np.frombuffer(data[40:56], "<i2")
            if min(dimensions[1:3]) < 2:  # made of an object that is no image
                continue
            for part in NO_GEOMETRY:
                data[part] = bytes(part.stop - part.start)
        found[path.suffix].append(bytes(data))
    return {suffix: sorted(each) for suffix, each in found.items()}


def by_simpleitk(path: Path) -> tuple[Any, ...]:
    """Return geometry and values as SimpleITK reads them."""
    image: Any = SimpleITK.ReadImage(str(path))
    geometry = image.GetSize(), image.GetSpacing(), image.GetOrigin(), image.GetDirection()
    return (*geometry, SimpleITK.GetArrayFromImage(image).tobytes())


def by_gdcm(path: Path) -> tuple[Any, ...]:
    """Return geometry, scale and a digest of the samples as GDCM reads them; its library may abort the process."""
    found = subprocess.run(["gdcminfo", "--md5sum", str(path)], check=True, capture_output=True, timeout=60)
    return tuple(line for line in found.stdout.splitlines() if line.startswith(OF_GDCM))


def by_highdicom(path: Path) -> tuple[Any, ...]:
    """Return geometry and frames, as stored and as transformed, as highdicom reads them."""
    image = highdicom.imread(path)
    geometry = image.get_volume_geometry()
    affine = None if geometry is None else geometry.affine.tobytes()
    stored = image.get_frames(apply_real_world_transform=False, apply_modality_transform=False)
    return affine, stored.tobytes(), image.get_frames().tobytes()


READERS: dict[str, Callable[[Path], tuple[Any, ...]]] = {
    "SimpleITK": by_simpleitk,
    "GDCM": by_gdcm,
    "highdicom": by_highdicom,
}


def as_read(reader: Callable[[Path], tuple[Any, ...]], path: Path) -> tuple[Any, ...] | None:
    """Return what a reader reads, None where it reads nothing."""
    with suppress(Exception):
        return reader(path)
    return None


def result_of(original: bytes) -> bytes | None:
    """Return the file that `research` makes, None where it refuses."""
    try:
        return bytes(deidentify(original, admitting_all_pixels("research"), KEY))
    except DeidError:
        return None


@pytest.fixture(scope="module")
def pairs(tmp_path_factory: pytest.TempPathFactory) -> list[list[tuple[Path, Path]]]:
    """Return the real files that are delivered, and their results, by series."""
    folder = tmp_path_factory.mktemp("pairs")
    found: dict[object, list[tuple[Path, Path, object]]] = defaultdict(list)
    for number, path in enumerate(corpus()):
        original = path.read_bytes()
        result = result_of(original)
        if result is None:
            continue
        before, after = folder / f"{number}-before.dcm", folder / f"{number}-after.dcm"
        before.write_bytes(original)
        after.write_bytes(result)
        series, place = series_of(path)
        found[series].append((before, after, place))
    return [each for files in found.values() for each in apart(files)]


def series_of(path: Path) -> tuple[object, object]:
    """Return what the images of one series share, and what no two of them do."""
    read = pydicom.dcmread(path, force=True, stop_before_pixels=True)
    shared = [read.get(each) for each in ("SeriesInstanceUID", "Rows", "Columns", "NumberOfFrames")]
    return (path.parent, *map(str, shared)), str(read.get("ImagePositionPatient"))


def apart(files: list[tuple[Path, Path, object]]) -> list[list[tuple[Path, Path]]]:
    """Return the files as one series; each by itself where two share a place, as copies in other encodings do."""
    pairs = [(before, after) for before, after, _ in files]
    is_volume = len({place for _, _, place in files}) == len(files)
    return [pairs] if is_volume else [[pair] for pair in pairs]


def is_misread_by_dcm2niix(path: Path) -> bool:
    """Whether dcm2niix takes the samples of an original for others: run lengths of several frames, swapped bytes."""
    read = pydicom.dcmread(path, force=True, stop_before_pixels=True)
    syntax = read.file_meta.get("TransferSyntaxUID", "") if hasattr(read, "file_meta") else ""
    frames_in_runs = syntax == RLELossless and read.get("NumberOfFrames", 1) > 1
    return frames_in_runs or (syntax == ExplicitVRBigEndian and read.get("BitsAllocated") == 8)


def both_folders(files: list[tuple[bytes, bytes]], tmp_path: Path) -> Iterator[dict[str, list[bytes]]]:
    """Yield what dcm2niix makes of originals and of results."""
    for name, side in (("before", 0), ("after", 1)):
        folder = tmp_path / name
        folder.mkdir()
        for number, pair in enumerate(files):
            (folder / f"{number:04d}.dcm").write_bytes(pair[side])
        yield nifti(folder, tmp_path / f"{name}.nifti")


@pytest.mark.parametrize("implicit", [False, True], ids=["explicit", "implicit"])
@pytest.mark.parametrize("name", SERIES)
def test_a_series_with_private_elements_is_converted_alike(name: str, implicit: bool, tmp_path: Path) -> None:
    originals = [encoded(each, implicit=implicit) for each in SERIES[name]()]
    files = [(original, result_of(original) or b"") for original in originals]
    before, after = both_folders(files, tmp_path)
    assert before[".nii"]
    assert after == before
    weighted = "diffusion" in name or "mosaics" in name
    assert (".bval" in before, ".bvec" in before) == (weighted, weighted)


def test_dcm2niix_converts_real_series_alike(pairs: list[list[tuple[Path, Path]]], tmp_path: Path) -> None:
    different, converted = [], 0
    for number, files in enumerate(pairs):
        if any(is_misread_by_dcm2niix(before) for before, _ in files):
            continue
        folder = tmp_path / str(number)
        folder.mkdir()
        contents = [(before.read_bytes(), after.read_bytes()) for before, after in files]
        before, after = both_folders(contents, folder)
        converted += bool(before)
        if before and before != after:
            different.append([path.name for path, _ in files])
    assert different == []
    assert converted > 50


@pytest.mark.parametrize("name", READERS)
def test_readers_read_real_files_alike(name: str, pairs: list[list[tuple[Path, Path]]]) -> None:
    different, read = [], 0
    for before, after in (pair for files in pairs for pair in files):
        expected = as_read(READERS[name], before)
        if expected is not None:
            read += 1
            if as_read(READERS[name], after) != expected:
                different.append(before.name)
    assert different == []
    assert read > 50


@pytest.mark.parametrize("name", READERS)
@pytest.mark.parametrize("series", SERIES)
def test_readers_read_private_scales_and_geometry_alike(name: str, series: str, tmp_path: Path) -> None:
    for number, made in enumerate(SERIES[series]()):
        original = encoded(made)
        before, after = tmp_path / f"{number}-before.dcm", tmp_path / f"{number}-after.dcm"
        before.write_bytes(original)
        after.write_bytes(result_of(original) or b"")
        assert as_read(READERS[name], after) == as_read(READERS[name], before)
