"""The folder store: complete files, names that stay inside the folder, and no overwritten results."""

from __future__ import annotations

import os
import socket
import stat
import sys
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context
from pathlib import Path, PureWindowsPath

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from orthanc_deid import system
from orthanc_deid.errors import ConflictError, SourceError, StoreError
from orthanc_deid.stores.folder_store import FolderSetup, FolderStore
from orthanc_deid.stores.incoming_folder import INCOMING, remove_stale
from orthanc_deid.stores.output_names import LONGEST, component, output_name
from orthanc_deid.stores.store import Put
from support.pipeline_parts import verified

RESERVED = ["CON", "con", "Prn", "AUX", "NUL", "COM1", "LPT9", "con.dcm", "NUL.tar.gz", "COM0"]
EVIL = [
    "",
    ".",
    "..",
    "...",
    "../..",
    "/",
    "/etc/passwd",
    "a/b",
    "a\\b",
    "C:\\x",
    "a\0b",
    "a\nb",
    "a b ",
    "a.",
    "~",
    "%",
]


@pytest.fixture
def store(tmp_path: Path) -> FolderStore:
    return FolderSetup("out", tmp_path / "out").open()


def files(folder: Path) -> list[str]:
    return sorted(
        str(path.relative_to(folder))
        for path in folder.rglob("*")
        if path.is_file() and INCOMING not in path.parts
    )


# --- names


@given(st.text(max_size=300))
@example("x" * 96)
@example("x" * 97)
@settings(max_examples=400, deadline=None)
def test_a_name_is_one_harmless_component_on_every_system(identifier: str) -> None:
    name = component(identifier)
    assert 1 <= len(name) <= LONGEST
    assert set(name) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.%~")
    assert not name.startswith(".")
    assert not name.endswith((".", " "))
    assert len(Path(name).parts) == 1
    assert len(PureWindowsPath(name).parts) == 1
    assert not PureWindowsPath(f"{name}.dcm").is_reserved()


@pytest.mark.parametrize("identifier", RESERVED + EVIL + ["\ud800", "ПЕТРОВ", "COM¹"])
def test_names_that_a_system_would_take_for_something_else_are_written_out(identifier: str) -> None:
    name = component(identifier)
    assert name != identifier
    assert not PureWindowsPath(name).is_reserved()
    assert Path(name).name == name


@given(st.lists(st.text(alphabet="aA.%/~ é\0", max_size=120), min_size=2, max_size=6, unique=True))
@settings(max_examples=300, deadline=None)
def test_different_identifiers_have_different_names(identifiers: list[str]) -> None:
    assert len({component(identifier) for identifier in identifiers}) == len(identifiers)


def test_ordinary_identifiers_stand_for_themselves() -> None:
    uid = "2.25." + "9" * 39
    assert [component(name) for name in (uid, "k3j5hq7c", "SITE-k3j5")] == [uid, "k3j5hq7c", "SITE-k3j5"]


def test_a_result_is_where_its_name_says(store: FolderStore, tmp_path: Path) -> None:
    store.put(verified([b"x"], "2.25.4", "../p", "con", "2.25.3"))
    [path] = files(tmp_path / "out")
    assert Path(path) == Path(output_name("../p", "con", "2.25.3", "2.25.4"))


@given(st.tuples(*[st.one_of(st.sampled_from(EVIL + RESERVED), st.text(max_size=40))] * 4))
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_nothing_is_ever_written_outside_the_folder(
    tmp_path: Path, identifiers: tuple[str, str, str, str]
) -> None:
    patient, study, series, sop = identifiers
    store = FolderStore("out", tmp_path / "deep" / "out")
    store.put(verified([b"x"], sop, patient, study, series))
    store.close()
    made = [path.relative_to(tmp_path) for path in tmp_path.rglob("*") if path.is_file()]
    assert all(path.parts[:2] == ("deep", "out") and len(path.parts) == 6 for path in made)


# --- putting


def test_a_result_appears_whole_under_its_new_identifiers(store: FolderStore, tmp_path: Path) -> None:
    old = os.umask(0)
    try:
        assert store.put(verified([b"ab", b"c" * 100_000, b"d"])) is Put.DELIVERED
    finally:
        os.umask(old)
    store.sync()
    path = tmp_path / "out" / "p1" / "2.25.2" / "2.25.3" / "2.25.4.dcm"
    assert path.read_bytes() == b"ab" + b"c" * 100_000 + b"d"
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o750


def test_more_slices_than_one_call_takes_are_written(store: FolderStore, tmp_path: Path) -> None:
    parts = [bytes([number % 256]) * (number % 7 + 1) for number in range(5000)]
    store.put(verified(parts))
    [path] = tmp_path.rglob("*.dcm")
    assert path.read_bytes() == b"".join(parts)


def test_the_same_bytes_again_are_a_duplicate(store: FolderStore, tmp_path: Path) -> None:
    store.put(verified([b"abc", b"def"]))
    assert store.put(verified([b"a", b"bcdef"])) is Put.DUPLICATE
    store.sync()
    assert len(files(tmp_path / "out")) == 1


@pytest.mark.parametrize("there", [b"", b"abcdeX", b"abcde", b"abcdefg"])
def test_other_bytes_are_a_conflict_and_stay_as_they_are(
    store: FolderStore, tmp_path: Path, there: bytes
) -> None:
    path = tmp_path / "out" / "p1" / "2.25.2" / "2.25.3" / "2.25.4.dcm"
    path.parent.mkdir(parents=True)
    path.write_bytes(there)
    with pytest.raises(ConflictError):
        store.put(verified([b"abc", b"def"]))
    assert path.read_bytes() == there


def test_a_store_that_was_made_to_replace_does_so_at_once_or_not_at_all(
    store: FolderStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    replacing = FolderSetup("first", tmp_path / "out", replaces=True).open()
    store.put(verified([b"abc"]))
    [path] = (tmp_path / "out" / "p1").rglob("*.dcm")
    assert replacing.put(verified([b"abc"])) is Put.DUPLICATE
    before = path.stat().st_ino
    with monkeypatch.context() as broken:
        broken.setattr(system, "begin_writing_back", lambda _handle: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            replacing.put(verified([b"other"]))
    assert (path.read_bytes(), path.stat().st_ino) == (b"abc", before)
    assert replacing.put(verified([b"other"])) is Put.DELIVERED
    assert path.read_bytes() == b"other"
    assert not list((tmp_path / "out" / INCOMING).glob("*.part"))
    replacing.close()


def test_a_store_that_was_made_to_replace_replaces_files_alone(tmp_path: Path) -> None:
    path = tmp_path / "out" / "p1" / "2.25.2" / "2.25.3" / "2.25.4.dcm"
    path.mkdir(parents=True)
    replacing = FolderSetup("first", tmp_path / "out", replaces=True).open()
    with pytest.raises(ConflictError):
        replacing.put(verified([b"abc"]))
    assert path.is_dir()
    replacing.close()


def test_what_the_check_raises_keeps_a_result_out(tmp_path: Path) -> None:
    def refuse() -> None:
        raise SourceError("the file changed")

    store = FolderSetup("out", tmp_path / "out", check=refuse).open()
    with pytest.raises(SourceError):
        store.put(verified([b"abc"]))
    assert files(tmp_path / "out") == []
    assert not list((tmp_path / "out" / INCOMING).glob("*.part"))
    store.close()


@pytest.mark.parametrize("kind", ["link", "dangling", "folder", "fifo", "socket"])
def test_what_is_no_file_under_the_final_name_is_a_conflict(
    store: FolderStore, tmp_path: Path, kind: str
) -> None:
    path = tmp_path / "out" / "p1" / "2.25.2" / "2.25.3" / "2.25.4.dcm"
    path.parent.mkdir(parents=True)
    (tmp_path / "victim").write_bytes(b"abc")
    with socket.socket(socket.AF_UNIX) as listener:
        if kind == "link":
            path.symlink_to(tmp_path / "victim")
        elif kind == "dangling":
            path.symlink_to(tmp_path / "nothing")
        elif kind == "folder":
            path.mkdir()
        elif kind == "fifo":
            os.mkfifo(path)
        else:
            where = Path.cwd()
            os.chdir(path.parent)  # a socket's path may be 107 bytes long
            listener.bind(path.name)
            os.chdir(where)
        with pytest.raises(ConflictError):
            store.put(verified([b"abc"]))
    assert (tmp_path / "victim").read_bytes() == b"abc"
    assert not (tmp_path / "nothing").exists()


@pytest.mark.parametrize("level", [0, 1, 2])
def test_a_link_in_the_place_of_a_folder_is_refused(store: FolderStore, tmp_path: Path, level: int) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    above = tmp_path.joinpath("out", *["p1", "2.25.2"][:level])
    above.mkdir(parents=True, exist_ok=True)
    (above / ["p1", "2.25.2", "2.25.3"][level]).symlink_to(elsewhere)
    with pytest.raises(StoreError, match="link"):
        store.put(verified([b"abc"]))
    assert list(elsewhere.iterdir()) == []


def test_a_folder_that_somebody_removed_is_made_again(store: FolderStore, tmp_path: Path) -> None:
    store.put(verified([b"abc"]))
    (tmp_path / "out" / "p1" / "2.25.2" / "2.25.3" / "2.25.4.dcm").unlink()
    (tmp_path / "out" / "p1" / "2.25.2" / "2.25.3").rmdir()
    assert store.put(verified([b"abc"])) is Put.DELIVERED


def test_an_output_folder_that_cannot_be_used_is_a_store_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(StoreError):
        FolderStore("out", tmp_path / "file")
    (tmp_path / "real").mkdir()
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / INCOMING).symlink_to(tmp_path / "real")
    with pytest.raises(StoreError):
        FolderStore("out", tmp_path / "out")


def test_errors_hold_neither_path_nor_identifier(tmp_path: Path) -> None:
    (tmp_path / "DOE^JOHN").write_bytes(b"")
    with pytest.raises(StoreError) as refused:
        FolderStore("out", tmp_path / "DOE^JOHN" / "out")
    assert "DOE" not in str(refused.value)


# --- durability


def test_sync_makes_every_file_and_every_new_name_durable_once(
    store: FolderStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced_files: list[Path] = []
    synced_folders: list[Path] = []
    monkeypatch.setattr(system, "sync_file", synced_files.append)
    monkeypatch.setattr(system, "sync_folder", synced_folders.append)
    for number in range(3):
        store.put(verified([b"x"], f"2.25.1{number}"))
    store.sync()
    root = tmp_path / "out"
    assert sorted(path.name for path in synced_files) == ["2.25.10.dcm", "2.25.11.dcm", "2.25.12.dcm"]
    assert sorted(synced_folders) == [
        root,
        root / "p1",
        root / "p1" / "2.25.2",
        root / "p1" / "2.25.2" / "2.25.3",
    ]
    synced_files.clear()
    synced_folders.clear()
    store.put(verified([b"x"], "2.25.10"))
    store.sync()
    assert [path.name for path in synced_files] == ["2.25.10.dcm"], (
        "a duplicate may be another's, not durable yet"
    )
    store.sync()
    assert len(synced_files) == 1


def test_a_sync_that_fails_is_a_store_error(store: FolderStore, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_path: Path) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(system, "sync_file", fail)
    store.put(verified([b"x"]))
    with pytest.raises(StoreError, match="Input/output error"):
        store.sync()


# --- several writers


def race(folder: Path, own: bool, number: int) -> str:
    """Put many results that another process puts as well; with `own`, with different bytes."""
    store = FolderStore("out", folder)
    results = []
    for name in range(150):
        content = b"same" * 4000 + (bytes([number]) if own else b"")
        try:
            results.append(store.put(verified([content], f"2.25.{name + 1}")).value)
        except ConflictError:
            results.append("conflict")
    store.close()
    return " ".join(results)


@pytest.mark.parametrize("own", [False, True])
def test_two_processes_that_put_the_same_names_at_once(tmp_path: Path, own: bool) -> None:
    folder = tmp_path / "out"
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        first, second = (text.split() for text in pool.map(partial(race, folder, own), [1, 2]))
    loser = "conflict" if own else "duplicate"
    for pair in zip(first, second, strict=True):
        assert sorted(pair) == sorted(["delivered", loser])
    assert len(files(folder)) == 150
    assert list((folder / INCOMING).iterdir()) == []


@pytest.mark.skipif(sys.platform == "win32", reason="publishes by rename, which never replaces there")
def test_a_file_system_that_cannot_rename_without_replacing_is_served_by_links(
    store: FolderStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(system, "_renameat2", lambda: None)
    assert store.put(verified([b"abc"])) is Put.DELIVERED
    assert store.put(verified([b"abc"])) is Put.DUPLICATE
    with pytest.raises(ConflictError):
        store.put(verified([b"other"]))
    assert len(files(tmp_path / "out")) == 1


def test_a_dead_writers_files_go_and_a_living_writers_stay(tmp_path: Path) -> None:
    alive = FolderStore("out", tmp_path / "out")
    living = alive._incoming.new_name()
    living.write_bytes(b"being written")
    dead = tmp_path / "out" / INCOMING / "0123456789abcdef-7.part"
    dead.write_bytes(b"half a fi")
    (tmp_path / "out" / INCOMING / "0123456789abcdef.lock").write_bytes(b"")
    orphan = tmp_path / "out" / INCOMING / "fedcba9876543210-0.part"
    orphan.write_bytes(b"half")
    assert remove_stale(tmp_path / "out") == 2
    assert living.exists()
    assert not dead.exists()
    assert not orphan.exists()
    alive.close()
    assert list((tmp_path / "out" / INCOMING).iterdir()) == []


def test_on_a_file_system_without_locks_no_writer_counts_as_dead(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_handle: int) -> bool:
        raise OSError(37, "No locks available")

    monkeypatch.setattr(system, "try_lock", refuse)
    store = FolderStore("out", tmp_path / "out")
    part = store._incoming.new_name()
    part.write_bytes(b"being written")
    assert remove_stale(tmp_path / "out") == 0
    assert part.exists()
    store.close()


def test_there_is_nothing_stale_where_there_is_no_folder(tmp_path: Path) -> None:
    assert remove_stale(tmp_path / "none") == 0
