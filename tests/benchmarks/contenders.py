"""Who is measured: the raw copy, our engine, and other tools, each called in the quickest way that it offers."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Callable
from io import FileIO
from pathlib import Path

import pydicom

from benchmarks.ct import ct_image
from benchmarks.measuring import Contender, Paths, each
from orthanc_deid import Key, deidentify, load_profile
from orthanc_deid.dicom.partial_file import Data
from orthanc_deid.dicom.slices import Slices
from orthanc_deid.sources.folder_source import PARTLY_FROM, read_file
from orthanc_deid.sources.read_buffer import ReadBuffer
from orthanc_deid.sources.sample_reader import read_exactly
from orthanc_deid.standard.tables import row_for
from orthanc_deid.stores.folder_store import FILE_MODE
from orthanc_deid.system import write_all
from orthanc_deid.verify.verifier import Verifier

KEY = Key(bytes(range(32)))
COPY = "raw file copy"
PYDICOM = "pydicom read + save"
DICOGNITO = "dicognito"
DICOM_ANONYMIZER = "dicom-anonymizer"
GDCMANON = "gdcmanon"
GDCMANON_DUMB = "gdcmanon --dumb"
_CERTIFICATE = Path(__file__).with_name("certificate.pem")


def copy() -> Contender:
    """Return the raw copy, which everything is held against."""
    return each(COPY, shutil.copyfile)


def ours(name: str) -> str:
    """Return the name of the contender that applies our profile `name`."""
    return f"orthanc-deid {name}"


def verified(name: str) -> str:
    """Return the name of the contender that applies our profile `name` and verifies in full."""
    return f"orthanc-deid {name}, verified"


def engine(name: str) -> Contender:
    """Return our engine with a built-in profile: read, de-identify, write."""
    profile = load_profile(name)
    memory = ReadBuffer()

    def one(source: Path, target: Path) -> None:
        with FileIO(source) as file:
            write(deidentify(read(file, memory), profile, KEY).output, target)

    return each(ours(name), one)


def engine_and_verifier(name: str) -> Contender:
    """Return our engine with the full verification of every output before it is written."""
    profile = load_profile(name)
    verifier = Verifier(profile.profile, KEY)
    memory = ReadBuffer()

    def one(source: Path, target: Path) -> None:
        with FileIO(source) as file:
            data = read(file, memory)
            write(verifier.check(data, deidentify(data, profile, KEY).output).output, target)

    return each(verified(name), one)


def read(file: FileIO, memory: ReadBuffer) -> Data:
    """Return what a file holds, read as the folder command reads it: of large ones the samples come later."""
    size = os.fstat(file.fileno()).st_size
    if size >= PARTLY_FROM:
        return read_file(file, size, memory)
    data = memory.take(size)
    read_exactly(file, 0, data)
    return data


def write(output: Slices, target: Path) -> None:
    """Write a new file as the folder store writes it, but for its way from one name to another."""
    handle = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, FILE_MODE)
    try:
        for run in output.runs():
            write_all(handle, run)
    finally:
        os.close(handle)


def pydicom_save() -> Contender:
    """Return pydicom alone, which changes nothing."""
    return each(PYDICOM, lambda source, target: pydicom.dcmread(source).save_as(target))


def dicognito() -> Contender:
    """Return dicognito by its library: one anonymizer for all files, as its documentation advises."""
    made: list[Callable[[pydicom.Dataset], None]] = []

    def one(source: Path, target: Path) -> None:
        if not made:
            from dicognito.anonymizer import Anonymizer  # imported here: it may be missing

            made.append(Anonymizer(seed="benchmark").anonymize)
        with pydicom.dcmread(source) as data_set:
            made[0](data_set)
            data_set.save_as(target)

    return each(DICOGNITO, one)


def dicom_anonymizer() -> Contender:
    """Return dicom-anonymizer by its library, its table of rules made once instead of once per file."""
    made: list[Callable[[Path, Path], None]] = []

    def one(source: Path, target: Path) -> None:
        if not made:
            from dicomanonymizer import simpledicomanonymizer  # imported here: it may be missing

            rules = simpledicomanonymizer.initialize_actions()
            anonymize = simpledicomanonymizer.anonymize_dicom_file
            made.append(lambda a, b: anonymize(str(a), str(b), base_rules_gen=lambda: rules))
        made[0](source, target)

    return each(DICOM_ANONYMIZER, one)


def gdcmanon() -> Contender:
    """Return GDCM's own Basic Profile (C++), which also encrypts the values that it replaced (PS3.15 E.1.1)."""
    return _gdcm(GDCMANON, ["--de-identify", "--certificate", str(_CERTIFICATE)])


def gdcmanon_command(source: Path, target: Path) -> list[str]:
    """Return the command line of gdcmanon's Basic Profile over a folder."""
    options = ["--de-identify", "--certificate", str(_CERTIFICATE)]
    return [GDCMANON, *options, "-r", "-i", str(source), "-o", str(target)]


def gdcmanon_dumb() -> Contender:
    """Return GDCM's plain mode with what the Basic Profile names at the CT's top level, UIDs apart.

    It does a part of the work only: nothing nested, nothing private, no UID.
    """
    options = []
    for element in ct_image(1):
        row = None if element.tag.is_private else row_for(int(element.tag))
        if row is not None and "U" not in row.basic:
            verb = "--remove" if row.basic == "X" or element.VR == "SQ" else "--empty"  # it cannot empty SQ
            options += [verb, f"{element.tag.group:x},{element.tag.element:x}"]
    return _gdcm(GDCMANON_DUMB, ["--dumb", *options])


def _gdcm(name: str, options: list[str]) -> Contender:
    """Return a contender that gives gdcmanon whole folders; the start of its process does not count.

    What it takes for one file is measured too and tells the start apart from the work.
    """

    def run(files: Paths, into: Path) -> float:
        folder = files[0].parent
        alone = folder.with_name(f"{folder.name}-alone")
        alone.mkdir(exist_ok=True)
        if not any(alone.iterdir()):
            shutil.copyfile(files[0], alone / files[0].name)
        single = _called([*options, "-r", "-i", str(alone), "-o", str(into)])
        if len(files) == 1:
            return single
        (into / files[0].name).unlink()
        whole = _called([*options, "-r", "-i", str(folder), "-o", str(into)])
        return (whole - single) * len(files) / (len(files) - 1)

    return Contender(name, run)


def _called(arguments: list[str]) -> float:
    start = time.perf_counter()
    done = subprocess.run(["gdcmanon", *arguments], check=False, capture_output=True)
    if done.returncode:
        raise RuntimeError(f"exit status {done.returncode}")
    return time.perf_counter() - start
