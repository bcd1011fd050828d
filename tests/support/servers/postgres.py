"""A real PostgreSQL for tests: a cluster of its own, on a free port of the loopback, gone afterwards.

    from support.servers.postgres import postgres_server            # a context manager: yields the server's URL
    with postgres_server() as url: ...

Needs Debian's postgresql package and, since PostgreSQL refuses to run as root, a user to run it as.
"""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

USER = "postgres"


def missing() -> str:
    """Return why no server can be started here, or nothing."""
    if not _programs():
        return "PostgreSQL's programs (Debian: postgresql) are not installed"
    if os.geteuid() == 0 and USER not in {entry.pw_name for entry in pwd.getpwall()}:
        return f"there is no user {USER} to run PostgreSQL as"
    return ""


def _programs() -> Path | None:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    return found[-1].parent if found else None


def free_port() -> int:
    """Return a port of the loopback that is free at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _run(*command: str | Path) -> None:
    root = os.geteuid() == 0
    user, groups = (USER, ()) if root else (None, None)
    environment = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"}
    # The server inherits these files: with pipes, waiting for their end would be waiting for the server's.
    with tempfile.TemporaryFile() as log:
        done = subprocess.run(
            command,
            stdout=log,
            stderr=log,
            env=environment,
            cwd="/",
            check=False,
            user=user,
            group=user,
            extra_groups=groups,
        )
        if done.returncode:
            log.seek(0)
            raise RuntimeError(f"{Path(command[0]).name} failed: {log.read().decode(errors='replace')}")


@contextmanager
def postgres_server() -> Iterator[str]:
    """Start a server and yield the URL of an empty database in it: `postgresql://user@127.0.0.1:port/db`."""
    programs = _programs()
    if programs is None:
        raise RuntimeError(missing())
    folder = Path(tempfile.mkdtemp(prefix="deid-pg-"))
    if os.geteuid() == 0:
        shutil.chown(folder, USER, USER)
    data = folder / "data"
    port = free_port()
    try:
        _run(programs / "initdb", "-D", data, "-A", "trust", "-U", USER, "-N", "--no-instructions")
        options = f"-c listen_addresses=127.0.0.1 -p {port} -k '' -c fsync=off -c max_connections=50"
        _run(programs / "pg_ctl", "-D", data, "-w", "-l", folder / "log", "-o", options, "start")
        try:
            yield f"postgresql://{USER}@127.0.0.1:{port}/postgres"
        finally:
            _run(programs / "pg_ctl", "-D", data, "-m", "immediate", "-w", "stop")
    finally:
        shutil.rmtree(folder)
