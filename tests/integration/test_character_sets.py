"""Texts that are cleaned and written anew in many character sets, as DCMTK and pydicom read them."""

from __future__ import annotations

import json
import subprocess
import warnings
from io import BytesIO
from pathlib import Path

import pytest
from pydicom import dcmread

from orthanc_deid import Key, deidentify
from orthanc_deid.dicom import character_sets
from orthanc_deid.verify.verifier import verify
from support.data.datasets import instance, part10
from support.data.profiles import profile

pytestmark = pytest.mark.integration

KEY = Key(bytes(range(32)))
KNOWN = profile(options=["Clean Descriptors"], texts={"clean": "known"})
TO_GB_2312 = "\x1b$)A"  # pydicom 3.0 leaves this escape sequence in the text
NOT_OF_ICONV = "ISO 2022 IR 87"  # DCMTK converts it with the GNU C library not at all

WRITTEN = [
    ("\\ISO 2022 IR 58", "Zhang^XiaoDong=张^小东", "第一行 小东 第二行", "第一行 第二行"),
    ("GB18030", "Zhang^XiaoDong=张^小东", "第一行 小东 第二行", "第一行 第二行"),
    ("GBK", "Zhu^Rongji=朱^镕基", "第一行 镕基 第二行", "第一行 第二行"),
    ("\\ISO 2022 IR 149", "Hong^Gildong=洪^吉洞=홍^길동", "흉부 길동 사진", "흉부 사진"),
    ("\\ISO 2022 IR 87", "Yamada^Tarou=山田^太郎", "胸部 太郎 写真", "胸部 写真"),
    ("\\ISO 2022 IR 87\\ISO 2022 IR 159", "Hiraga=平賀^丂丄", "胸部 平賀 丄丅", "胸部 丄丅"),
    ("ISO 2022 IR 13\\ISO 2022 IR 87", "ﾔﾏﾀﾞ^ﾀﾛｳ=山田^太郎", "ｷｮｳﾌﾞ 太郎 写真", "ｷｮｳﾌﾞ 写真"),
    ("ISO_IR 166", "นามสกุล^สมชาย", "ปอด สมชาย ซ้าย", "ปอด ซ้าย"),
    (
        "ISO 2022 IR 100\\ISO 2022 IR 144",
        "Größmann=Черёмухин^Лаврентий",
        "Größe Черёмухина снимок",
        "Größe снимок",
    ),
    ("ISO_IR 192", "張^小東", "胸部 張小東 снимок", "胸部 снимок"),
]


@pytest.mark.parametrize(("terms", "name", "text", "cleaned"), WRITTEN, ids=range(len(WRITTEN)))
def test_other_readers_read_what_is_left_of_a_text(
    tmp_path: Path, terms: str, name: str, text: str, cleaned: str
) -> None:
    declared = character_sets.parse(terms.encode())
    data = part10(
        instance(
            (0x00080005, "CS", terms),
            (0x00081030, "LO", character_sets.encode(text, declared)),
            (0x00100010, "PN", character_sets.encode(name, declared)),
        )
    )
    made = deidentify(data, KNOWN, KEY)
    verify(data, made.output, KNOWN.profile, KEY)
    file = tmp_path / "result.dcm"
    file.write_bytes(bytes(made))
    if NOT_OF_ICONV not in terms:
        as_json = subprocess.run(["dcm2json", file], capture_output=True, check=True).stdout
        assert json.loads(as_json)["00081030"]["Value"] == [cleaned]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert dcmread(BytesIO(bytes(made))).StudyDescription.replace(TO_GB_2312, "") == cleaned
