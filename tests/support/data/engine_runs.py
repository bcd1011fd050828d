"""Runs of the engine on the small CT of `datasets.instance`, as the tests of rules and results need them."""

from __future__ import annotations

from base64 import b32encode
from pathlib import Path
from typing import Any

import pytest

from orthanc_deid import CompiledProfile, Key, deidentify
from support.data.datasets import (
    EXPLICIT,
    IMPLICIT,
    DataSet,
    Element,
    Form,
    instance,
    nested,
    part10,
    read_file,
    values,
)
from support.data.profiles import profile

KEY = Key(bytes(range(32)))
SEQUENCE = 0x00081115  # descended into by every profile here
PATIENT_NAME, PATIENT_ID, SEX, COMMENTS = 0x00100010, 0x00100020, 0x00100040, 0x00104000
STUDY_DATE, BIRTH_DATE, STUDY_DESCRIPTION, INSTITUTION = 0x00080020, 0x00100030, 0x00081030, 0x00080080
STAMPS = (0x00120062, 0x00120063, 0x00120064, 0x00280303)
DEPTHS = pytest.mark.parametrize("depth", [0, 1, 3])
ENCODINGS = pytest.mark.parametrize("form", [EXPLICIT, IMPLICIT], ids=str)


def run(content: DataSet, used: CompiledProfile, form: Form = EXPLICIT) -> DataSet:
    return read_file(bytes(deidentify(part10(instance(*content), form), used, KEY)))


def only(content: Element, used: CompiledProfile, depth: int = 0, form: Form = EXPLICIT) -> list[Any]:
    """Return the values that are left of an element, put in at `depth`."""
    return values(run(nested(depth, [content], SEQUENCE), used, form), *[SEQUENCE] * depth, content[0])


def rule(attribute: str, action: str = "", **more: Any) -> CompiledProfile:
    written = {"attribute": attribute, **({"action": action} if action else {}), **more}
    return profile(attributes=[written])


def toml(folder: Path, name: str, text: str) -> Path:
    """Write a profile below `folder` and return its path."""
    path = folder / f"{name}.toml"
    path.write_text(f'name = "{name}"\n{text}', encoding="utf-8")
    return path


def derived(message: str, length: int = 16) -> bytes:
    """Return the pseudonym that KEY derives from a patient's message."""
    return b32encode(KEY.digest("patient", message.encode())).lower()[:length]
