"""Files below a folder: all of them are met, by content and not by name, and nothing outside is."""

from __future__ import annotations

import io
import os
import socket
import stat
import subprocess
import sys
from itertools import islice
from pathlib import Path, PureWindowsPath
from types import SimpleNamespace
from typing import Any

import pytest

from orthanc_deid import system
from orthanc_deid.config.key import Key
from orthanc_deid.dicom.part10 import locate
from orthanc_deid.errors import LostError, NotDicomError, RefusedError, SourceError
from orthanc_deid.sources import folder_source
from orthanc_deid.sources.folder_source import FileIds, FolderSource, FoundFile, Skipped, count_files, walk
from support.folders.trees import bare, ct, open_folder, part10

KEY = Key(bytes(range(32)))
posix_only = pytest.mark.skipif(os.name != "posix", reason="POSIX file names and kinds")


def paths(root: Path) -> list[str]:
    return [each.path for each in walk(root)]


def passed(root: Path) -> dict[str, str]:
    return {each.path: each.rule for each in walk(root) if isinstance(each, Skipped)}


def write(path: Path, data: bytes = b"x") -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


def test_files_of_any_name_are_found_in_one_order(tmp_path: Path) -> None:
    for name in ("b/2", "b/1", "a.txt", "c/d/e/IM0001", ".hidden/x", "Ёлка/снимок.dcm", "z"):
        write(tmp_path / name)
    assert paths(tmp_path) == [".hidden/x", "a.txt", "b/1", "b/2", "c/d/e/IM0001", "z", "Ёлка/снимок.dcm"]
    assert sum(count_files(tmp_path)) == 7


@posix_only
def test_names_with_newlines_and_bytes_that_are_no_text_are_found_and_read(tmp_path: Path) -> None:
    names = [b"two\nlines", b"\xff\xfe latin \xe9"]
    for name in names:
        (tmp_path / os.fsdecode(name)).write_bytes(part10(ct()))
    found = [os.fsencode(path) for path in paths(tmp_path)]
    assert found == names
    source = FolderSource(tmp_path)
    assert all(len(source.fetch(os.fsdecode(name))) > 132 for name in found)
    source.close()


def test_the_walk_is_lazy(tmp_path: Path) -> None:
    for number in range(5):
        write(tmp_path / f"{number}" / "file")
    walking = walk(tmp_path)
    assert len(list(islice(walking, 2))) == 2
    write(tmp_path / "4" / "later")
    assert "4/later" in [each.path for each in walking]


@posix_only
def test_links_are_not_followed_out_of_the_tree_nor_in_circles(tmp_path: Path) -> None:
    write(tmp_path / "outside" / "secret")
    write(tmp_path / "in" / "file")
    (tmp_path / "in" / "to-folder").symlink_to(tmp_path / "outside")
    (tmp_path / "in" / "to-file").symlink_to(tmp_path / "outside" / "secret")
    (tmp_path / "in" / "circle").symlink_to(tmp_path / "in")
    (tmp_path / "in" / "nowhere").symlink_to(tmp_path / "missing")
    rule = "a symbolic link, not followed"
    assert passed(tmp_path / "in") == dict.fromkeys(("circle", "nowhere", "to-file", "to-folder"), rule)
    assert "file" in paths(tmp_path / "in")


@posix_only
def test_a_link_that_takes_a_files_place_after_the_walk_is_not_read(tmp_path: Path) -> None:
    write(tmp_path / "outside", part10(ct()))
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "file").symlink_to(tmp_path / "outside")
    with pytest.raises(SourceError, match="cannot be read"):
        FolderSource(tmp_path / "in").fetch("file")


@posix_only
def test_what_is_no_file_is_passed_and_never_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(tmp_path / "socket"))
        assert passed(tmp_path) == {"fifo": "a FIFO, not a file", "socket": "a socket, not a file"}
    with pytest.raises(SourceError):
        FolderSource(tmp_path).fetch("fifo")  # put there since the walk: nobody waits for its writer


def test_what_vanishes_during_the_walk_is_passed(tmp_path: Path) -> None:
    for name in ("a/1", "b/1"):
        write(tmp_path / name)
    walking = walk(tmp_path)
    assert Path(next(walking).path) == Path("a/1")
    (tmp_path / "b" / "1").unlink()
    (tmp_path / "b").rmdir()
    assert list(walking) == [Skipped("b", "vanished")]


@posix_only
def test_a_folder_that_cannot_be_read_is_reported_and_its_neighbours_are_found() -> None:
    with open_folder() as place:
        write(place / "closed" / "x")
        write(place / "open" / "y")
        (place / "closed").chmod(0)
        program = (
            f"import os, sys; sys.path[:0] = {sys.path!r}\n"
            "from pathlib import Path\n"
            "from orthanc_deid.sources.folder_source import walk\n"
            "if os.geteuid() == 0: os.setuid(65534)\n"
            f"print(*map(repr, walk(Path({str(place)!r}))), sep='\\n')\n"
        )
        done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
        (place / "closed").chmod(0o700)
    first, second = done.stdout.splitlines()
    assert first == "Skipped(path='closed', rule='the folder cannot be read: Permission denied', failed=True)"
    assert "open/y" in second


@pytest.mark.parametrize(
    "data",
    [part10(ct()), bare(ct()), bare(ct(), implicit=True), bytes(128) + b"DICM" + bare(ct())],
    ids=["Part 10", "explicit", "implicit", "preamble without meta"],
)
def test_instances_are_recognized_by_content(tmp_path: Path, data: bytes) -> None:
    write(tmp_path / "no extension", data)
    assert bytes(FolderSource(tmp_path).fetch("no extension")) == data


@pytest.mark.parametrize("data", [b"", b"short", b"%PDF-1.7 " * 9000, bytes(10_000)])
def test_what_is_not_dicom_is_refused_by_its_head(tmp_path: Path, data: bytes) -> None:
    write(tmp_path / "file.dcm", data)
    with pytest.raises(NotDicomError):
        FolderSource(tmp_path).fetch("file.dcm")


@pytest.mark.parametrize("length", [0, 3, 40, 9000])
def test_part_10_with_an_unrecognized_data_set_is_quarantined_and_not_called_other_content(
    tmp_path: Path, length: int
) -> None:
    write(tmp_path / "file", bytes(128) + b"DICM" + b"\xff" * length)
    with pytest.raises(RefusedError, match="behind the Part 10 prefix") as caught:
        locate(FolderSource(tmp_path).fetch("file"))
    assert not isinstance(caught.value, NotDicomError)


def test_a_bare_data_set_whose_first_element_is_longer_than_the_head_is_recognized(tmp_path: Path) -> None:
    long = b"\x08\x00\x08\x00" + (20_000).to_bytes(4, "little") + b"A" * 20_000
    write(tmp_path / "file", long + bare(ct(), implicit=True))
    assert len(FolderSource(tmp_path).fetch("file")) > 20_000


@pytest.mark.skipif(not Path("/proc/self/io").exists(), reason="Linux counts the bytes that a process reads")
def test_a_large_file_of_other_content_is_not_read_to_be_refused(tmp_path: Path) -> None:
    with (tmp_path / "film.mp4").open("wb") as file:
        file.truncate(5 << 30)

    def bytes_read() -> int:
        return int(Path("/proc/self/io").read_text().split()[1])

    before = bytes_read()
    with pytest.raises(NotDicomError):
        FolderSource(tmp_path).fetch("film.mp4")
    assert bytes_read() - before < 100_000


def test_small_files_are_read_and_large_ones_mapped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = part10(ct())
    write(tmp_path / "file", data)
    source = FolderSource(tmp_path)
    read = source.fetch("file")
    (tmp_path / "file").write_bytes(bytes(len(data)))
    assert bytes(read) == data
    write(tmp_path / "file", data)
    monkeypatch.setattr(folder_source, "PARTLY_FROM", 100)
    monkeypatch.setattr(folder_source, "READ_AT_MOST", 100)
    mapped = source.fetch("file")
    assert bytes(mapped) == data
    with (tmp_path / "file").open("r+b") as file:
        file.write(b"?")
    assert bytes(mapped[:1]) == b"?"
    source.close()


def test_what_was_fetched_stays_what_it_was_for_as_long_as_somebody_holds_it(tmp_path: Path) -> None:
    first, second = part10(ct()), part10(ct()).replace(b"CT", b"MR")
    write(tmp_path / "first", first)
    write(tmp_path / "second", second)
    source = FolderSource(tmp_path)
    held, then = source.fetch("first"), source.fetch("second")
    assert (bytes(held), bytes(then)) == (first, second)
    source.close()


def test_a_file_that_changes_after_it_was_fetched_is_noticed(tmp_path: Path) -> None:
    write(tmp_path / "file", part10(ct()))
    source = FolderSource(tmp_path)
    source.fetch("file")
    assert not source.changed()
    with (tmp_path / "file").open("ab") as file:
        file.write(b"more")
    assert source.changed()
    source.close()


def test_a_file_that_shrinks_while_it_is_read_is_noticed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = part10(ct())
    write(tmp_path / "file", data)

    class Shrinking(io.FileIO):
        def readinto(self, memory: Any) -> int:
            os.truncate(tmp_path / "file", 300)
            return super().readinto(memory)

    monkeypatch.setattr(folder_source, "FileIO", Shrinking)
    with pytest.raises(SourceError, match="changed while it was read"):
        FolderSource(tmp_path).fetch("file")


def test_a_file_that_has_vanished_is_lost(tmp_path: Path) -> None:
    with pytest.raises(LostError):
        FolderSource(tmp_path).fetch("gone")


def test_no_message_names_a_path(tmp_path: Path) -> None:
    (tmp_path / "IVANOVA").mkdir()
    with pytest.raises(SourceError) as caught:
        FolderSource(tmp_path).fetch("IVANOVA")
    assert "IVANOVA" not in str(caught.value)


def test_ids_differ_by_tree_path_size_time_and_key_and_lie_together_by_folder() -> None:
    ids = FileIds(KEY, Path("/in"))
    file = FoundFile("a/1", 10, 20)
    others = [
        ids.of(FoundFile("a/2", 10, 20)),
        ids.of(FoundFile("a/1", 11, 20)),
        ids.of(FoundFile("a/1", 10, 21)),
        FileIds(KEY, Path("/other")).of(file),
        FileIds(Key(bytes(32)), Path("/in")).of(file),
    ]
    assert ids.of(file) == FileIds(KEY, Path("/in")).of(file)
    assert len({ids.of(file), *others}) == 6
    assert ids.of(file)[:6] == others[0][:6] != ids.of(FoundFile("b/1", 10, 20))[:6]


@posix_only
def test_ids_are_those_that_records_of_earlier_runs_hold() -> None:
    ids, now = FileIds(KEY, Path("/data/in")), 1_767_225_600_123_456_789
    assert ids.of(FoundFile("a/снимок.dcm", 5, 7)).hex() == "67c32a6e7d5ac5c00d6fe4bec62a235f"
    assert ids.of(FoundFile("b", 0, 1)).hex() == "b4892d61c4353d1af2f7726c8112bdbf"
    assert ids.of(FoundFile("a/1", 163_840, now)).hex() == "67c32a6e7d5a2aa6920747ec84c99404"


@pytest.mark.parametrize(
    ("path", "wanted"),
    [
        ("C:\\images\\ct", "\\\\?\\C:\\images\\ct"),
        ("\\\\server\\share\\ct", "\\\\?\\UNC\\server\\share\\ct"),
        ("\\\\?\\C:\\images", "\\\\?\\C:\\images"),
    ],
)
def test_windows_takes_long_paths_in_their_extended_form(path: str, wanted: str) -> None:
    windows = PureWindowsPath(path)
    assert str(system.long_path(windows, "nt")) == wanted  # type: ignore[arg-type]
    assert system.long_path(windows, "posix") is windows  # type: ignore[arg-type,comparison-overlap]


@pytest.mark.parametrize(
    ("mode", "tag", "link"),
    [
        (stat.S_IFLNK, 0, True),
        (stat.S_IFDIR, 0xA0000003, True),  # a junction
        (stat.S_IFDIR, 0xA000000C, True),
        (stat.S_IFDIR, 0x9000001A, False),  # a folder in a cloud drive
        (stat.S_IFREG, 0, False),
    ],
)
def test_windows_junctions_are_links(mode: int, tag: int, link: bool) -> None:
    assert system.is_link(SimpleNamespace(st_mode=mode, st_reparse_tag=tag)) is link  # type: ignore[arg-type]
