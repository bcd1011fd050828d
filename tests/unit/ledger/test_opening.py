"""Opening a ledger: schema, key, file mode, and refusals."""

from __future__ import annotations

import sqlite3
import stat
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import text

from orthanc_deid.errors import ConfigError
from orthanc_deid.ledger.database import stored_fingerprint
from orthanc_deid.ledger.queue.ledger import Ledger
from support.ledger_tasks import Opener
from support.servers import postgres


def test_a_new_ledger_holds_the_keys_fingerprint_and_nothing_else(url: str, open_ledger: Opener) -> None:
    assert stored_fingerprint(url) is None
    ledger = open_ledger()
    assert stored_fingerprint(url) == "fingerprint"
    assert ledger.cursor() is None
    assert ledger.counts().states == {}
    assert ledger.oldest_pending_seconds(5.0) is None


def test_looking_for_a_fingerprint_makes_no_ledger(tmp_path: Path) -> None:
    file = tmp_path / "none.db"
    assert stored_fingerprint(f"sqlite:///{file}") is None
    assert not file.exists()


def test_another_keys_ledger_is_refused(url: str, ledger: Ledger) -> None:
    ledger.set_cursor(1)
    with pytest.raises(ConfigError, match="made with the key fingerprint"):
        Ledger.open(url, "another")


def test_a_newer_ledger_is_refused(url: str, ledger: Ledger) -> None:
    ledger._database.write(
        lambda c: c.execute(text("UPDATE deid_meta SET value = '99' WHERE name = 'schema'"))
    )
    with pytest.raises(ConfigError, match="schema"):
        Ledger.open(url, "fingerprint")


@pytest.mark.parametrize(
    "bad",
    [
        "",
        "nonsense",
        "sqlite://",
        "sqlite:///:memory:",
        "mysql://host/db",
        "oracle://host",
        "postgresql+none://h",
    ],
)
def test_a_url_that_is_no_ledger_is_refused(bad: str) -> None:
    with pytest.raises(ConfigError, match="Ledger"):
        Ledger.open(bad, "fingerprint")


def test_a_missing_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="Ledger"):
        Ledger.open(f"sqlite:///{tmp_path / 'none' / 'ledger.db'}", "fingerprint")


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    (tmp_path / "ledger.db").write_bytes(b"certainly no database" * 100)
    with pytest.raises(ConfigError, match="Ledger"):
        Ledger.open(f"sqlite:///{tmp_path / 'ledger.db'}", "fingerprint")


def test_a_server_that_is_away_is_refused_without_telling_its_address() -> None:
    with pytest.raises(ConfigError) as refused:
        Ledger.open(f"postgresql://user:secret@127.0.0.1:{postgres.free_port()}/db", "fingerprint")
    assert "secret" not in str(refused.value)
    assert "127.0.0.1" not in str(refused.value)


def test_an_sqlite_ledger_is_its_owners_alone_in_wal_and_synchronous(tmp_path: Path) -> None:
    file = tmp_path / "ledger.db"
    ledger = Ledger.open(f"sqlite:///{file}", "fingerprint")
    ledger.set_cursor(1)
    for path in tmp_path.iterdir():
        assert stat.S_IMODE(path.stat().st_mode) == 0o600, path.name
    mode, synchronous = ledger._database.read(
        lambda c: (
            c.execute(text("PRAGMA journal_mode")).scalar(),
            c.execute(text("PRAGMA synchronous")).scalar(),
        )
    )
    assert (mode, synchronous) == ("wal", 2)
    ledger.close_database()


def test_two_nodes_may_open_a_new_ledger_at_once(open_ledger: Opener) -> None:
    with ThreadPoolExecutor(4) as threads:
        ledgers = list(threads.map(lambda _: open_ledger(), range(4)))
    ledgers[0].set_cursor(7)
    assert [ledger.cursor() for ledger in ledgers] == [7] * 4


def test_no_identity_has_a_column(tmp_path: Path) -> None:
    Ledger.open(f"sqlite:///{tmp_path / 'l.db'}", "fingerprint").close_database()
    with closing(sqlite3.connect(tmp_path / "l.db")) as connection:
        schema = " ".join(
            row[0] for row in connection.execute("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL")
        )
    connection.close()
    assert not {"name_of_patient", "patient_name", "birth", "path", "url"} & set(schema.lower().split())
