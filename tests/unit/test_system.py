"""Calls that differ between Linux and Windows, both branches."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
import types
from pathlib import Path

import pytest

from orthanc_deid import system

posix_only = pytest.mark.skipif(os.name != "posix", reason="POSIX calls")


@posix_only
@pytest.mark.parametrize("before", [0, 10, 17])
def test_priority_is_lowered_to_niceness_15_and_never_raised(before: int) -> None:
    if os.nice(0) > before:
        pytest.skip("this process has a lower priority already")
    program = (
        f"import os, sys; sys.path[:0] = {sys.path!r}; os.nice({before} - os.nice(0))\n"
        "from orthanc_deid.system import lower_priority\n"
        "lower_priority('posix'); lower_priority('posix'); print(os.nice(0))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert int(done.stdout) == max(before, 15)


def test_windows_gets_the_priority_class_below_normal() -> None:
    asked: list[int] = []

    def accept(priority_class: int) -> bool:
        asked.append(priority_class)
        return True

    system.lower_priority("nt", accept)
    assert asked == [0x4000]
    with pytest.raises(OSError, match="priority"):
        system.lower_priority("nt", lambda _class: False)


@posix_only
@pytest.mark.parametrize("mode", [0o600, 0o400, 0o640, 0o604, 0o601])
def test_whether_others_can_read_is_a_files_mode(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"")
    path.chmod(mode)
    assert system.readable_by_others(path, "posix") is bool(mode & 0o077)
    assert system.readable_by_others(path, "nt") is False


@posix_only
def test_folders_are_synced_on_linux_and_left_to_the_file_system_on_windows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[int] = []
    monkeypatch.setattr(os, "fsync", synced.append)
    system.sync_folder(tmp_path, "nt")
    assert synced == []
    system.sync_folder(tmp_path, "posix")
    assert len(synced) == 1


@pytest.mark.parametrize("name", ["posix", "nt"])
def test_files_are_synced_everywhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    synced: list[int] = []
    monkeypatch.setattr(os, "fsync", synced.append)
    (tmp_path / "file").write_bytes(b"x")
    system.sync_file(tmp_path / "file", name)
    assert len(synced) == 1


@posix_only
def test_publishing_moves_and_never_replaces(tmp_path: Path) -> None:
    (tmp_path / "new").write_bytes(b"new")
    system.publish(tmp_path / "new", tmp_path / "final", "posix")
    assert (tmp_path / "final").read_bytes() == b"new"
    (tmp_path / "newer").write_bytes(b"newer")
    with pytest.raises(FileExistsError):
        system.publish(tmp_path / "newer", tmp_path / "final", "posix")
    assert (tmp_path / "final").read_bytes() == b"new"
    assert (tmp_path / "newer").exists()


@posix_only
@pytest.mark.parametrize("code", [errno.EINVAL, errno.ENOSYS, errno.EOPNOTSUPP])
def test_where_rename_cannot_refuse_to_replace_a_link_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    monkeypatch.setattr(system, "_rename_no_replace", lambda _one, _other: code)
    (tmp_path / "new").write_bytes(b"new")
    system.publish(tmp_path / "new", tmp_path / "final", "posix")
    assert (tmp_path / "final").read_bytes() == b"new"
    assert not (tmp_path / "new").exists()
    (tmp_path / "newer").write_bytes(b"newer")
    with pytest.raises(FileExistsError):
        system.publish(tmp_path / "newer", tmp_path / "final", "posix")


@posix_only
def test_other_errors_of_rename_are_raised(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        system.publish(tmp_path / "nothing", tmp_path / "final", "posix")


def test_windows_publishes_by_its_rename(tmp_path: Path) -> None:
    (tmp_path / "new").write_bytes(b"new")
    system.publish(tmp_path / "new", tmp_path / "final", "nt")
    assert (tmp_path / "final").read_bytes() == b"new"


PARTS = [memoryview(bytes([number % 251]) * (number % 13 + 1)) for number in range(3000)]


@pytest.mark.parametrize("longest", [1, 7, 1000, 10**9])
@posix_only
def test_all_is_written_however_short_the_writes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, longest: int
) -> None:
    def short(handle: int, parts: list[memoryview]) -> int:
        return os.write(handle, b"".join(parts)[:longest])

    monkeypatch.setattr(os, "writev", short)
    parts = PARTS if longest > 1 else PARTS[:50]
    with (tmp_path / "file").open("wb") as file:
        system.write_all(file.fileno(), parts)
    assert (tmp_path / "file").read_bytes() == b"".join(parts)


def test_all_is_written_where_there_is_no_writev(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(os, "writev", raising=False)
    with (tmp_path / "file").open("wb") as file:
        system.write_all(file.fileno(), PARTS)
        assert not file.closed
    assert (tmp_path / "file").read_bytes() == b"".join(PARTS)


def test_writing_back_is_begun_where_the_system_supports_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with (tmp_path / "file").open("wb") as file:
        file.write(b"x")
        system.begin_writing_back(file.fileno())
        monkeypatch.delattr(os, "posix_fadvise", raising=False)
        system.begin_writing_back(file.fileno())
    assert (tmp_path / "file").read_bytes() == b"x"


@posix_only
def test_a_lock_has_one_holder_until_it_is_closed(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    one, other = (os.open(path, os.O_RDWR | os.O_CREAT) for _ in range(2))
    assert system.try_lock(one, "posix")
    assert not system.try_lock(other, "posix")
    os.close(one)
    assert system.try_lock(other, "posix")
    os.close(other)


def test_windows_locks_by_its_own_call(monkeypatch: pytest.MonkeyPatch) -> None:
    held: set[int] = set()

    def locking(handle: int, mode: int, count: int) -> None:
        assert (mode, count) == (2, 1)
        if held:
            raise OSError(errno.EACCES, "held")
        held.add(handle)

    module = types.ModuleType("msvcrt")
    module.LK_NBLCK = 2  # type: ignore[attr-defined]
    module.locking = locking  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "msvcrt", module)
    assert system.try_lock(3, "nt")
    assert not system.try_lock(4, "nt")
