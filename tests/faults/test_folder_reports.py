"""No value of a file that is held back comes into a report, a record or the console, whatever its headers hold."""

from __future__ import annotations

from pathlib import Path

import pytest

from support.data.datasets import encode, header, instance, part10
from support.folders.trees import Command, listed, report

NAME = "Wexler Ottilie"
PRIVATE = "1.2.840.99999.48151623.19610407.7"


def _with_class(sop_class: str) -> bytes:
    return part10(instance(sop_class=sop_class))


BAD = {
    "a name as SOP class": _with_class(NAME),
    "a private SOP class": _with_class(PRIVATE),
    "a text behind the data set": part10(encode(instance()) + NAME.encode() * 3),
    "a text instead of an item": part10(
        encode(instance()) + header(0x0040A730, "SQ", 42) + NAME.encode() * 3
    ),
    "a text as long element": part10(encode(instance()) + b"Wexl" + b"OB\0\0" + b"erOt" + bytes(8)),
    "out of order and without a SOP class": part10(
        [*reversed([each for each in instance() if each[0] != 0x00080016]), (0x00080008, "CS", "X")]
    ),
}


@pytest.mark.parametrize("profile", ["neutral", "research"])
def test_no_report_names_what_stands_in_the_header_of_a_file(
    profile: str, tmp_path: Path, command: Command, source: Path
) -> None:
    for number, data in enumerate(BAD.values()):
        (source / f"{number}.dcm").write_bytes(data)
    done = command("run", source, tmp_path / "out", "--profile", profile, status=3)
    written = b"".join(path.read_bytes() for path in (tmp_path / "out.report").rglob("*") if path.is_file())
    shown = (written + done.stdout.encode() + done.stderr.encode()).lower()
    for part in ("wexl", "48151623", "(7857", "6c78", "99999"):
        assert part.encode() not in shown, part
    classes = {each["SopClass"]: each["Files"] for each in report(tmp_path / "out")["Iods"]}
    assert classes["private SOP class"] == 2
    assert not any("unexpected" in reason for _, reason in listed(tmp_path / "out").values())
