"""Numbers that read as words, and tables and measurements that do not: engine and verifier, written apart, agree."""

from __future__ import annotations

import math
import random
import struct
from collections.abc import Callable, Iterator
from time import process_time

import pytest

from orthanc_deid.deid.words_in_bytes import IN_PRIVATE_BYTES, reads_as_words
from orthanc_deid.verify.text.words_in_numbers import IN_PRIVATE, holds_words

LATIN, CYRILLIC = "Marsdenova Klavdia 84951234567", "Марсденова Клавдия"
CODECS = ("utf-8", "utf-16-le", "utf-16-be", "cp1251", "koi8_r", "cp866", "iso8859_5")
VRS = ("US", "OW", "UL", "AT", "FD")


def both(value: bytes, vr: str) -> bool:
    found = reads_as_words(value, vr)
    assert holds_words(value, vr) is found
    assert holds_words(value, vr, IN_PRIVATE) is reads_as_words(value, vr, IN_PRIVATE_BYTES)
    return found


@pytest.mark.parametrize("vr", VRS)
def test_words_are_found_in_every_encoding(vr: str) -> None:
    assert both(LATIN.encode(), vr)
    assert both(bytes(40) + LATIN.encode() + bytes(40), vr)
    assert both(LATIN.encode("utf-16-le"), vr)
    assert both(b"Marsdenov", vr)
    assert both(b"4509 610283", vr)
    for codec in CODECS:
        assert both(CYRILLIC.encode(codec), vr), codec
        assert both(b"\1\2\3" + CYRILLIC.encode(codec) + b"\1", vr), codec


def tables() -> Iterator[bytes]:
    curves: tuple[Callable[[float], float], ...] = (
        lambda x: x,
        lambda x: 1 - x,
        lambda x: x**0.45,
        lambda x: 1 / (1 + math.exp(9 - 18 * x)),
        lambda x: (1 + math.sin(9 * x)) / 2,
    )
    for bits in (8, 12, 16):
        for curve in curves:
            for depth in (8, 12, 16):
                entries = 1 << bits
                numbers = [int(curve(each / (entries - 1)) * ((1 << depth) - 1)) for each in range(entries)]
                yield struct.pack(f"<{entries}H", *numbers)
                yield struct.pack(f"<{entries}H", *(each << (16 - depth) for each in numbers))
                if depth == 8:
                    yield bytes(numbers)
                    yield struct.pack(f"<{entries}H", *(each * 257 for each in numbers))


def test_tables_do_not_read_as_words() -> None:
    for table in tables():
        for vr in ("US", "OW"):
            assert not both(table, vr)


def test_measurements_and_palettes_do_not_read_as_words() -> None:
    chance = random.Random(11)
    for _ in range(300):
        assert not both(bytes(chance.randrange(256) for _ in range(256)), "OW")
        assert not both(struct.pack("<16d", *(chance.uniform(-900, 900) for _ in range(16))), "FD")
        assert not both(struct.pack("<99f", *(chance.gauss(0, 50) for _ in range(99))), "OF")
        assert not both(struct.pack("<64I", *(chance.randrange(1 << 20) for _ in range(64))), "UL")


def test_a_word_of_megabytes_takes_no_longer_than_others() -> None:
    start = process_time()
    assert not both(b"abcd" + b"z" * (4 << 20), "OB")
    assert process_time() - start < 5
