"""A cached walk finds the same as a walk, after any change of the data set."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

import pytest

from orthanc_deid import Key, deidentify
from orthanc_deid.deid.engine import Deidentifier
from orthanc_deid.dicom import walk_cache
from orthanc_deid.dicom.elements import Entry, MalformedError, Op, delimiter, key_tag, vr_of_key
from orthanc_deid.dicom.part10 import locate
from orthanc_deid.dicom.walk_cache import WalkCache
from orthanc_deid.dicom.walker import walk
from orthanc_deid.errors import RefusedError
from support.data.corpus import corpus
from support.data.datasets import EXPLICIT, FORMS, DataSet, Form, instance, part10
from support.data.objects import referring_study
from support.data.profiles import admitting_all_pixels

KEY = Key(bytes(range(32)))
MARKS = (0x00080018, 0x00100010, 0x00120062, 0x0020000D)
NAME = "WEXLER^OTTILIE"


class Table(dict[bytes, Entry]):
    """Applies another operation to each attribute: gathers, notes, drops, skips and descends."""

    def __init__(self, *, explicit: bool) -> None:
        super().__init__()
        self._explicit = explicit

    def __missing__(self, key: bytes) -> Entry:
        entry = self[key] = delimiter(key) or self._entry(key)
        return entry

    def _entry(self, key: bytes) -> Entry:
        tag = key_tag(key)
        vr = vr_of_key(key) if self._explicit else ("SQ" if tag in SEQUENCES else "LO")
        if vr == "SQ":
            return (Op.DESCEND, tag, tag, None)
        if vr in ("OB", "OW", "UN", "UT"):
            return (Op.NOTE_LONG, tag, tag, None)
        kind = tag % 4
        if kind == 0:
            return (Op.GATHER, tag, 0, None)
        return ((Op.NOTE, Op.DROP, Op.SKIP)[kind - 1], tag, tag, None)


SEQUENCES = frozenset({0x00400275, 0x00081140})
CONTENT: DataSet = [
    (0x00080060, "CS", "CT"),
    (0x00080070, "LO", "Nordlicht"),
    (0x00081140, "SQ", [[(0x00081150, "UI", "1.2.3"), (0x00081155, "UI", "1.2.4")], []]),
    (0x00100010, "PN", NAME),
    (0x00100020, "LO", "PIDX48151"),
    (0x00180050, "DS", "5.0"),
    (0x00400275, "SQ", [[(0x00400007, "LO", "Thorax"), (0x00400275, "SQ", [[(0x00400009, "SH", "a1")]])]]),
    (0x7FE00010, "OW", bytes(range(16))),
]

Found = tuple[Sequence[Any], list[bytes]] | str


def found(walked: Any, data: bytes) -> Found:
    """Return the events and gathered values, or the error."""
    values: list[Any] = []
    try:
        events = walked(data, [values])
    except (MalformedError, RefusedError) as error:
        return f"{type(error).__name__}: {error}"
    return [(*event[:4], str(event[4])) for event in events], [bytes(value) for value in values]


def both(
    remembered: WalkCache, table: Table, data: bytes, start: int, *, explicit: bool
) -> tuple[Found, Found]:
    """Return the results with and without the cache for the same data."""
    end = len(data)
    return (
        found(lambda at, gathered: remembered.walk(at, start, end, gathered), data),
        found(
            lambda at, gathered: walk(
                at, start, end, table, explicit=explicit, marks=MARKS, gathered=gathered
            ),
            data,
        ),
    )


@pytest.mark.parametrize("form", FORMS, ids=str)
def test_a_cached_walk_finds_the_same_after_any_changed_byte(form: Form) -> None:
    data = part10(instance(*CONTENT), form)
    start, table = locate(data).start, Table(explicit=form.explicit)
    draw = random.Random(1)
    for at in range(start, len(data)):
        remembered = WalkCache(table, explicit=form.explicit, marks=MARKS)
        kept, plain = both(remembered, table, data, start, explicit=form.explicit)
        assert kept == plain
        for new in {data[at] ^ 1, data[at] ^ 0x80, 0, 0xFF, draw.randrange(256)}:
            changed = data[:at] + bytes([new]) + data[at + 1 :]
            kept, plain = both(remembered, table, changed, start, explicit=form.explicit)
            assert kept == plain, (at, new)


@pytest.mark.parametrize("form", FORMS, ids=str)
def test_other_values_of_the_same_length_need_no_walk(form: Form, monkeypatch: pytest.MonkeyPatch) -> None:
    data = part10(instance(*CONTENT), form)
    start, table = locate(data).start, Table(explicit=form.explicit)
    remembered = WalkCache(table, explicit=form.explicit, marks=MARKS)
    both(remembered, table, data, start, explicit=form.explicit)
    other = data.replace(b"WEXLER^OTTILIE", b"BRANDT^HELMINE").replace(b"Nordlicht", b"Suedlicht")
    wanted = found(
        lambda at, gathered: walk(
            at, start, len(at), table, explicit=form.explicit, marks=MARKS, gathered=gathered
        ),
        other,
    )
    monkeypatch.setattr(walk_cache, "walk", None)
    assert found(lambda at, gathered: remembered.walk(at, start, len(at), gathered), other) == wanted
    assert (
        found(lambda at, gathered: remembered.walk(memoryview(at), start, len(at), gathered), other) == wanted
    )


def test_no_value_is_cached() -> None:
    for form in FORMS:
        data = part10(instance(*CONTENT), form)
        remembered = WalkCache(Table(explicit=form.explicit), explicit=form.explicit)
        remembered.walk(data, locate(data).start, len(data), [[]])
        (shape,) = remembered._layouts.values()
        for word in (b"WEX", b"OTT", b"PID", b"481", b"Nord", b"Tho"):
            assert word in data
            assert word not in shape._headers


def test_a_truncated_data_set_does_not_match_the_cached_one() -> None:
    data = part10(instance(*CONTENT), EXPLICIT)
    start, table = locate(data).start, Table(explicit=True)
    remembered = WalkCache(table, explicit=True, marks=MARKS)
    both(remembered, table, data, start, explicit=True)
    for length in range(start, len(data)):
        short = data[:length]
        kept = found(lambda at, gathered: remembered.walk(at, start, len(data), gathered), short)
        plain = found(
            lambda at, gathered: walk(
                at, start, len(data), table, explicit=True, marks=MARKS, gathered=gathered
            ),
            short,
        )
        assert kept == plain or length > len(data) - 17, "samples that are left for later need not be there"


def test_headers_that_never_recur_are_soon_no_longer_cached(monkeypatch: pytest.MonkeyPatch) -> None:
    table = Table(explicit=True)
    remembered = WalkCache(table, explicit=True, marks=MARKS)
    learned: list[Any] = []
    monkeypatch.setattr(WalkCache, "_learn", _counting(WalkCache._learn, learned))
    for number in range(200):
        data = part10(instance((0x00100020, "LO", "7" * (number + 1) * 2)), EXPLICIT)
        remembered.walk(data, locate(data).start, len(data), [[]])
    assert 8 <= len(learned) <= 12
    assert len(remembered._layouts) <= walk_cache.MAX_LAYOUTS
    for _ in range(200):  # a series at last
        remembered.walk(data, locate(data).start, len(data), [[]])
    assert remembered._credit > 8


def _counting(method: Any, calls: list[int]) -> Any:
    def counted(*arguments: Any) -> None:
        calls.append(1)
        method(*arguments)

    return counted


def test_long_data_sets_are_not_cached() -> None:
    content: DataSet = [(0x00400275, "SQ", [[(0x00400007, "LO", "x")]] * walk_cache.MAX_HEADERS)]
    data = part10(instance(*content), EXPLICIT)
    remembered = WalkCache(Table(explicit=True), explicit=True)
    remembered.walk(data, locate(data).start, len(data), [[]])
    assert not remembered._layouts


@pytest.mark.parametrize("name", ["basic", "research"])
def test_the_engine_returns_the_same_result_for_cached_headers(name: str) -> None:
    used = admitting_all_pixels(name)
    remembering = Deidentifier(used, KEY)
    files = {path.name: path.read_bytes() for path in corpus()} | referring_study()
    results: dict[str, list[bytes | str]] = {}
    for _ in range(2):
        for title, data in files.items():
            try:
                results.setdefault(title, []).append(bytes(remembering.run(data)))
            except RefusedError as error:
                results.setdefault(title, []).append(str(error))
    for title, (first, second) in results.items():
        assert first == second, title
        if isinstance(first, bytes):
            assert first == bytes(Deidentifier(used, KEY).run(files[title])), title
            assert first == bytes(deidentify(files[title], used, KEY)), title
