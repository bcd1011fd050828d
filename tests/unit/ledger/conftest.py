"""The ledger on a real SQLite and on a real PostgreSQL."""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from orthanc_deid.ledger.queue.ledger import Ledger
from support.ledger_tasks import POLICY, Opener
from support.servers import postgres


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    if reason := postgres.missing():
        pytest.skip(reason)
    with postgres.postgres_server() as url:
        yield url


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.integration)])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'ledger.db'}"
    base: str = request.getfixturevalue("server")
    name = f"t{os.getpid()}_{random.getrandbits(40):x}"
    engine = create_engine(
        base.replace("postgresql://", "postgresql+psycopg://"), isolation_level="AUTOCOMMIT"
    )
    with engine.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    engine.dispose()
    return base.rpartition("/")[0] + f"/{name}"


@pytest.fixture
def open_ledger(url: str) -> Iterator[Opener]:
    opened: list[Ledger] = []

    def opener() -> Ledger:
        opened.append(Ledger.open(url, "fingerprint", POLICY))
        return opened[-1]

    yield opener
    for ledger in opened:
        ledger.close_database()


@pytest.fixture
def ledger(open_ledger: Opener) -> Ledger:
    return open_ledger()
