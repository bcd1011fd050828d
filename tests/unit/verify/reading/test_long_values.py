"""Long values compared piece by piece."""

from __future__ import annotations

from orthanc_deid.dicom.slices import Slices
from orthanc_deid.verify.reading.long_values import same_bytes, same_words


def test_bytes_and_words_are_compared_piece_by_piece() -> None:
    data = bytes(range(256)) * 40
    one, other = Slices([data[:100], data[100:]]), Slices([data[:7000], data[7000:]])
    assert same_bytes(one, 3, other, 3, 9000)
    assert not same_bytes(one, 3, other, 4, 9000)
    assert not same_bytes(one, 0, other, 0, len(data) + 1)
    big = b"".join(data[at : at + 2][::-1] for at in range(0, len(data), 2))
    assert same_words(Slices([big]), 0, other, 0, len(data), 2)
    assert not same_words(Slices([data]), 0, other, 0, len(data), 2)
