"""The database of a ledger, SQLite (WAL) or PostgreSQL: one function per transaction, repeated after a collision.

SQLite runs with synchronous=FULL. With NORMAL a power failure could lose the last commits: a job that was answered
would be forgotten, and an instance whose source was deleted after delivery would count as lost. A commit costs one
fsync, and commits are made by the batch.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy import Connection, Engine, Table, create_engine, event, select, text
from sqlalchemy.dialects import sqlite
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, SQLAlchemyError

from orthanc_deid.errors import ConfigError
from orthanc_deid.ledger.schema import SCHEMA, meta, metadata

if TYPE_CHECKING:
    from sqlalchemy.dialects import postgresql

T = TypeVar("T")

_BUSY_MILLISECONDS = 30_000
_SCHEMA_LOCK = 0x6F64_6569_645F_7631  # the same number on all nodes: one of them creates the tables
_COLLISIONS = frozenset({"40001", "40P01"})  # PostgreSQL: serialization failure, deadlock detected
_COLLISION_TRIES = 10


class Database:
    """A database with two kinds of transactions, `read` and `write`."""

    def __init__(self, url: str) -> None:
        """Prepare the engine without connecting; ConfigError unless `url` is an SQLite or PostgreSQL URL."""
        self._url = _parsed(url)
        self._sqlite = self._url.get_backend_name() == "sqlite"
        if self._sqlite:
            self._engine = create_engine(self._url, connect_args={"timeout": _BUSY_MILLISECONDS / 1000})
            event.listen(self._engine, "connect", _prepare_sqlite)
            event.listen(self._engine, "begin", _begin_sqlite)
        else:
            self._engine = create_engine(self._url, isolation_level="READ COMMITTED", pool_pre_ping=True)
        self._reader: Engine = self._engine.execution_options(deid_reading=True)

    @property
    def file(self) -> Path | None:
        """The file of an SQLite database, else None."""
        return Path(self._url.database) if self._sqlite and self._url.database else None

    def read(self, transaction: Callable[[Connection], T]) -> T:
        """Run a transaction that only reads."""
        with self._reader.begin() as connection:
            return transaction(connection)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Open a transaction that only reads, for results that do not fit into memory at once."""
        with self._reader.begin() as connection:
            yield connection

    def write(self, transaction: Callable[[Connection], T]) -> T:
        """Run a transaction that may write; repeat it if it collided with that of another node (PostgreSQL)."""
        for attempt in range(1, _COLLISION_TRIES + 1):
            try:
                with self._engine.begin() as connection:
                    return transaction(connection)
            except DBAPIError as error:
                if attempt == _COLLISION_TRIES or getattr(error.orig, "sqlstate", None) not in _COLLISIONS:
                    raise
        raise AssertionError("unreachable")

    def fingerprint(self) -> str | None:
        """Return the key's fingerprint in an existing ledger, or None; creates nothing."""
        if self.file is not None and not self.file.exists():
            return None
        return self._guarded(lambda: self.read(_fingerprint_in))

    def ready(self, key_fingerprint: str) -> None:
        """Create missing tables; ConfigError if the ledger has another schema version or another key."""
        if self.file is not None:
            _make_private(self.file)

        def prepare(connection: Connection) -> None:
            if not self._sqlite:
                connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _SCHEMA_LOCK})
            metadata.create_all(connection)
            for name, value in (("schema", SCHEMA), ("key", key_fingerprint)):
                statement = insert(connection, meta).values(name=name, value=value)
                connection.execute(statement.on_conflict_do_nothing())
            found = {row.name: row.value for row in connection.execute(select(meta))}
            if found["schema"] != SCHEMA:
                raise ConfigError(f"Ledger: its schema is {found['schema']}, this version knows {SCHEMA}")
            if found["key"] != key_fingerprint:
                raise ConfigError(
                    f"Ledger: it was made with the key {found['key']}, not with {key_fingerprint}; "
                    "put that key back, or begin with a new ledger"
                )

        self._guarded(lambda: self.write(prepare))

    def dispose(self) -> None:
        """Close every connection."""
        self._engine.dispose()

    def _guarded(self, action: Callable[[], T]) -> T:
        try:
            return action()
        except SQLAlchemyError as error:
            # The text of the driver is left out: it may quote host and user of the URL.
            origin = getattr(error, "orig", None) or error
            raise ConfigError(f"Ledger: the database cannot be used ({type(origin).__name__})") from None


def stored_fingerprint(url: str) -> str | None:
    """Return the key fingerprint of the ledger at `url`, or None if no ledger exists yet; creates nothing.

    Raises ConfigError for a bad URL or a database that cannot be reached.
    """
    database = Database(url)
    try:
        return database.fingerprint()
    finally:
        database.dispose()


def insert(connection: Connection, table: Table) -> sqlite.Insert | postgresql.Insert:
    """Return the INSERT of the dialect; both dialects offer `on_conflict_do_nothing` and `on_conflict_do_update`."""
    if connection.dialect.name == "sqlite":
        return sqlite.insert(table)
    from sqlalchemy.dialects import postgresql  # slow to import, and not needed by a folder run

    return postgresql.insert(table)


def _parsed(url: str) -> URL:
    try:
        parsed = make_url(url)
        if parsed.get_backend_name() == "postgresql" and "+" not in parsed.drivername:
            parsed = parsed.set(drivername="postgresql+psycopg")
        name = parsed.get_backend_name()
        parsed.get_dialect()
    except (ArgumentError, NoSuchModuleError, ValueError):
        name = ""
    if name not in {"sqlite", "postgresql"}:
        raise ConfigError("Ledger: accepted are sqlite:////FILE and postgresql://USER@HOST/DATABASE")
    if name == "sqlite" and (not parsed.database or parsed.database == ":memory:"):
        raise ConfigError("Ledger: an SQLite ledger needs a file, sqlite:////FILE")
    return parsed


def _make_private(file: Path) -> None:
    """Create the file with mode 0600 before SQLite creates it; its -wal and -shm files take the same mode."""
    try:
        os.close(os.open(file, os.O_CREAT | os.O_RDWR, 0o600))
    except OSError as error:
        raise ConfigError(f"Ledger: the file cannot be made or opened ({error.strerror})") from None


def _prepare_sqlite(connection: sqlite3.Connection, _record: Any) -> None:
    connection.isolation_level = None  # transactions begin in `_begin_sqlite`
    for pragma in ("journal_mode=WAL", "synchronous=FULL", f"busy_timeout={_BUSY_MILLISECONDS}"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    # IMMEDIATE: a writer waits at its start, so what it has read cannot become stale before it writes.
    reading = connection.get_execution_options().get("deid_reading", False)
    connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")


def _fingerprint_in(connection: Connection) -> str | None:
    if not connection.dialect.has_table(connection, meta.name):
        return None
    return connection.execute(select(meta.c.value).where(meta.c.name == "key")).scalar_one_or_none()
