"""The key file: created once if no ledger exists, readable by its owner only, and always the ledger's key."""

from __future__ import annotations

import os
import pickle
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from orthanc_deid.config.key import Key
from orthanc_deid.config.keyfile import load_key, make_key, open_key
from orthanc_deid.errors import ConfigError


def test_a_key_is_made_where_no_ledger_exists_and_found_again(tmp_path: Path) -> None:
    path = tmp_path / "key"
    made = open_key(path, may_create=True)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert open_key(path, may_create=True) == made
    assert open_key(path, may_create=False, fingerprint=made.fingerprint) == made
    assert [entry.name for entry in tmp_path.iterdir()] == ["key"]


def test_two_keys_differ(tmp_path: Path) -> None:
    assert make_key(tmp_path / "a") != make_key(tmp_path / "b")


def test_the_mode_does_not_depend_on_the_umask(tmp_path: Path) -> None:
    old = os.umask(0)
    try:
        make_key(tmp_path / "key")
    finally:
        os.umask(old)
    assert stat.S_IMODE((tmp_path / "key").stat().st_mode) == 0o600


def test_a_ledger_without_its_key_stops_the_start_and_no_key_is_made(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="KeyFile"):
        open_key(tmp_path / "key", may_create=False, fingerprint="0" * 16)
    with pytest.raises(ConfigError, match="KeyFile"):
        open_key(tmp_path / "key", may_create=True, fingerprint="0" * 16)
    assert list(tmp_path.iterdir()) == []


def test_another_key_than_the_ledgers_stops_the_start(tmp_path: Path) -> None:
    make_key(tmp_path / "key")
    with pytest.raises(ConfigError, match="fingerprint"):
        open_key(tmp_path / "key", may_create=False, fingerprint="0" * 16)


@pytest.mark.skipif(os.name != "posix", reason="modes")
@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o666])
def test_a_key_that_others_can_read_is_refused(tmp_path: Path, mode: int) -> None:
    make_key(tmp_path / "key")
    (tmp_path / "key").chmod(mode)
    with pytest.raises(ConfigError, match="0600"):
        load_key(tmp_path / "key")


@pytest.mark.parametrize(
    "content",
    [b"", b"00" * 31, b"00" * 33, b"zz" * 32, b"AA" * 32, bytes(32), "ключ".encode(), b"00 " * 32],
)
def test_a_file_that_holds_no_key_is_refused_and_not_replaced(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "key"
    path.write_bytes(content)
    path.chmod(0o600)
    with pytest.raises(ConfigError, match="KeyFile"):
        open_key(path, may_create=True)
    assert path.read_bytes() == content


def test_a_folder_in_its_place_or_none_to_hold_it_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="KeyFile"):
        open_key(tmp_path, may_create=False)
    with pytest.raises(ConfigError, match="KeyFile"):
        open_key(tmp_path / "none" / "key", may_create=True)


def test_nodes_that_start_at_once_have_one_key(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as threads:
        keys = set(threads.map(lambda _: open_key(tmp_path / "key", may_create=True), range(8)))
    assert len(keys) == 1
    assert [entry.name for entry in tmp_path.iterdir()] == ["key"]


def test_no_error_and_no_repr_shows_the_secret(tmp_path: Path) -> None:
    key = make_key(tmp_path / "key")
    with pytest.raises(ConfigError) as refused:
        open_key(tmp_path / "key", may_create=False, fingerprint="0" * 16)
    for text in (repr(key), str(key), str(refused.value)):
        assert key.secret.hex() not in text
        assert repr(key.secret) not in text


def test_a_key_travels_to_workers() -> None:
    key = Key(bytes(range(32)))
    assert pickle.loads(pickle.dumps(key)) == key  # noqa: S301 - our own bytes
