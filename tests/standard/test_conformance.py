"""dciodvfy (dicom3tools) before and after: de-identifying makes no instance conform less to its IOD."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from os import cpu_count
from pathlib import Path

import pytest

from orthanc_deid import Key, deidentify
from orthanc_deid.dicom.file_meta import file_head
from orthanc_deid.dicom.part10 import locate
from orthanc_deid.dicom.reencode import inflate
from orthanc_deid.errors import RefusedError
from support.data.corpus import corpus
from support.data.objects import referring_study
from support.data.profiles import BUILTIN, admitting_all_pixels
from support.data.stated_uids import states

pytestmark = pytest.mark.skipif(
    shutil.which("dciodvfy") is None, reason="dciodvfy (dicom3tools) is not installed"
)

KEY = Key(bytes(range(32)))
DEFLATED = "1.2.840.10008.1.2.1.99"
_VALUE = re.compile(r"<[^>]*>|'[^']*'|\[[^\]]*\]|\b\d+(\.\d+)*\b")


@cache
def instances() -> dict[str, bytes]:
    """Return real and made instances by name; deflated ones inflated, which dciodvfy cannot do.

    Without a SOP class dciodvfy judges no module, so that a result, which has one, cannot be compared.
    """
    found = {path.name: path.read_bytes() for path in corpus()} | referring_study()
    return {name: _inflated(data) for name, data in found.items() if states(data, "SOPClassUID")}


def _inflated(data: bytes) -> bytes:
    try:
        encoded = locate(data)
    except RefusedError:
        return data
    if encoded.transfer_syntax != DEFLATED:
        return data
    plain = inflate(encoded)
    return file_head(plain.sop_class_uid, plain.sop_instance_uid, plain.transfer_syntax) + bytes(plain.buffer)


def complaints(data: bytes, folder: Path) -> Counter[str]:
    """Return how many errors of each kind dciodvfy tells of a file: its lines without paths, values and numbers."""
    path = folder / "instance.dcm"
    path.write_bytes(data)
    run = subprocess.run(["dciodvfy", "-new", path], capture_output=True, check=False)
    text = (run.stderr + run.stdout).decode("latin-1")
    lines = (line for line in text.splitlines() if line.startswith("Error"))
    return Counter(f"{_attribute(line)} {_VALUE.sub('', line)}" for line in lines)


def _attribute(line: str) -> str:
    """Return the tag that the line is about, without the items on the way."""
    tags = re.findall(r"\(([0-9a-f]{4},[0-9a-f]{4})\)", line)
    return tags[-1] if tags else ""


@pytest.fixture(scope="module")
def before(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Counter[str]]:
    return all_complaints(instances(), tmp_path_factory.mktemp("before"))


def all_complaints(data: dict[str, bytes], folder: Path) -> dict[str, Counter[str]]:
    """Return `complaints` by name; dciodvfy is a process of its own, so threads will do."""

    def one(number: int, content: bytes) -> Counter[str]:
        own = folder / str(number)
        own.mkdir()
        return complaints(content, own)

    with ThreadPoolExecutor(cpu_count()) as pool:
        return dict(zip(data, pool.map(one, range(len(data)), data.values()), strict=True))


@pytest.mark.parametrize("name", BUILTIN)
def test_no_instance_conforms_less_than_before(
    name: str, before: dict[str, Counter[str]], tmp_path: Path
) -> None:
    profile = admitting_all_pixels(name)
    outputs = {}
    for key, data in instances().items():
        try:
            outputs[key] = bytes(deidentify(data, profile, KEY))
        except RefusedError:
            continue
    assert len(outputs) > 150
    after = all_complaints(outputs, tmp_path)
    new = {key: dict(more) for key in outputs if (more := after[key] - before[key])}
    assert not new, "\n".join(f"{key}: {lines}" for key, lines in new.items())


def test_a_missing_attribute_is_a_new_complaint(tmp_path: Path) -> None:
    """The comparison can fail: without its Modality an image conforms less."""
    image = referring_study()["ct1"]
    at = image.index(b"\x08\x00\x60\x00CS\x02\x00CT")
    without = image[:at] + image[at + 10 :]
    assert complaints(without, tmp_path) - complaints(image, tmp_path)
