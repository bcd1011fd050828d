"""Debian 13 in a folder, for tests: its Orthanc 1.12.7 and Python plugin 5.0 beside this machine's own Orthanc.

    with debian13(folder) as debian: ...   # `folder` and the repository are seen inside under their own paths

`debootstrap` makes the base system once, in the user's cache; what the plugin needs is then installed by the
project's own scripts/install.sh, as on a fresh machine. Every process inside is started in a mount namespace of its
own: its mounts are seen nowhere else and end with it, so there is nothing to unmount, however a test ends.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import socket
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests

from support.repository import ROOT
from support.servers.orthanc_server import OrthancServer, with_plugin

MIRROR = "http://deb.debian.org/debian"
DEBOOTSTRAP = ("debootstrap", "--variant=minbase", "--include=ca-certificates", "trixie")
CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "orthanc-deid" / "trixie"
BUILD_SECONDS = 600

PYTHON = "3.13"
ORTHANC = "/usr/sbin/Orthanc"
VENV = ROOT / ".venv"
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

PIP_FILES = (Path("/etc/pip.conf"), Path.home() / ".pip" / "pip.conf", Path.home() / ".config/pip/pip.conf")
FILES_NAMED_BY = ("PIP_CONFIG_FILE", "PIP_CERT", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
CERTIFICATES = Path("/etc/ssl/certs/ca-certificates.crt")

# Whatever can be made again is not kept, and a machine that fails while this is made makes it anew.
APT_SETTINGS = 'Dir::Cache::pkgcache "";\nDPkg::Post-Invoke { "rm -f /var/cache/apt/archives/*.deb"; };\n'
DPKG_SETTINGS = "force-unsafe-io\npath-exclude=/usr/share/doc/*\npath-exclude=/usr/share/man/*\n"

# Arguments: root, repository, folders to share, "--", the command. The repository is read-only inside, with the
# virtual environment of this Debian in place of the outer one, and with a copy of install.sh, which locks itself: a
# first installation in here must not hold up a `make run` out there.
ENTER = """
set -eu
root=$1 repository=$2; shift 2
mount --rbind /dev "$root/dev"
mount --bind /proc "$root/proc"
mount --bind /sys "$root/sys"
mkdir -p "$root$repository"
mount -o bind,ro "$repository" "$root$repository"
mount --bind "$root/venv" "$root$repository/.venv"
mount --bind "$root/install.sh" "$root$repository/scripts/install.sh"
while [ "$1" != -- ]; do mkdir -p "$root$1"; mount --bind "$1" "$root$1"; shift; done
shift
exec chroot "$root" "$@"
"""
PRIVATE_MOUNTS = ("unshare", "--mount", "--propagation", "private")


def missing() -> str:
    """Return why there can be no Debian 13 here, or nothing."""
    if os.geteuid() != 0:
        return "must be root to make and enter another Debian"
    if shutil.which("debootstrap") is None:
        return "debootstrap is not installed"
    if subprocess.run([*PRIVATE_MOUNTS, "true"], capture_output=True, check=False).returncode:
        return "may not make mount namespaces here"
    try:
        requests.head(f"{MIRROR}/dists/trixie/Release", timeout=20).raise_for_status()
    except requests.RequestException as error:
        return "" if _is_made(CACHE / "root") else f"no Debian 13 to be had: {type(error).__name__}"
    return ""


@dataclass(frozen=True)
class Debian13:
    """A Debian 13: its root folder, and the folders that are seen inside as well."""

    root: Path
    shared: tuple[Path, ...]

    def command(self, *words: str | Path) -> list[str]:
        """Return the command that runs another inside, by exec: its process is the inner one's own."""
        own = [str(self.root), str(ROOT), *map(str, self.shared), "--", *map(str, words)]
        return [*PRIVATE_MOUNTS, "sh", "-c", ENTER, "enter", *own]

    @property
    def environment(self) -> dict[str, str]:
        """What differs from the environment outside."""
        return {"PATH": PATH, "LC_ALL": "C.UTF-8"}

    def run(self, *words: str | Path) -> str:
        """Run a command inside to its end and return its output; fails with the output if the command does."""
        done = subprocess.run(
            self.command(*words),
            env={**os.environ, **self.environment},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            timeout=BUILD_SECONDS,
        )
        assert done.returncode == 0, f"{' '.join(map(str, words))}:\n{done.stdout[-4000:]}"
        return done.stdout

    def with_plugin(self, folder: Path, changes: Mapping[str, Any] | None = None) -> OrthancServer:
        """Return an Orthanc of this Debian, with the plugin, not started yet; `folder` must be in a shared one."""
        server = with_plugin(folder, changes)
        listing = self.run("dpkg", "-L", "orthanc-python").splitlines()
        server.configuration["Plugins"] = [
            next(line for line in listing if line.endswith("/libOrthancPython.so"))
        ]
        server.configuration["Deidentify"]["Python"] = str(VENV / "bin" / "python")
        server.environment |= self.environment
        server.environment["PYTHONPATH"] = str(VENV / "lib" / f"python{PYTHON}" / "site-packages")
        server.program = self.command(ORTHANC)
        return server


@contextmanager
def debian13(*shared: Path) -> Iterator[Debian13]:
    """Yield a Debian 13 with everything that `make run` installs; made if there is none, brought up to date else.

    Several test runs may use it at once; none while another installs.
    """
    CACHE.mkdir(parents=True, exist_ok=True)
    with (CACHE / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        debian = Debian13(CACHE / "root", shared)
        if not _is_made(debian.root):
            _make(debian.root)
        _furnish(debian.root)
        debian.run(ROOT / "scripts" / "install.sh", "run")
        fcntl.flock(lock, fcntl.LOCK_SH)
        yield debian


def _is_made(root: Path) -> bool:
    stamp = root / "made-by"
    return stamp.exists() and stamp.read_text(encoding="utf-8") == " ".join(DEBOOTSTRAP)


def _make(root: Path) -> None:
    """Make the base system; what was begun and not finished, or made by other arguments, is thrown away."""
    new = root.with_suffix(".new")
    for old in (new, root):
        if old.exists():
            shutil.rmtree(old)
    done = subprocess.run(
        [*PRIVATE_MOUNTS, *DEBOOTSTRAP, new, MIRROR],
        env={**os.environ, "PATH": PATH},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        timeout=BUILD_SECONDS,
    )
    assert done.returncode == 0, f"debootstrap:\n{done.stdout[-4000:]}"
    for package in (new / "var" / "cache" / "apt" / "archives").glob("*.deb"):
        package.unlink()
    (new / "etc" / "apt" / "apt.conf.d" / "90tests").write_text(APT_SETTINGS, encoding="utf-8")
    (new / "etc" / "dpkg" / "dpkg.cfg.d" / "90tests").write_text(DPKG_SETTINGS, encoding="utf-8")
    (new / "venv").mkdir()
    (new / "made-by").write_text(" ".join(DEBOOTSTRAP), encoding="utf-8")
    new.rename(root)


def _furnish(root: Path) -> None:
    """Give it this machine's names, certificates and settings of pip: it reaches what this machine reaches."""
    named = (Path(os.environ[name]) for name in FILES_NAMED_BY if name in os.environ)
    for path in (Path("/etc/resolv.conf"), CERTIFICATES, *PIP_FILES, *named):
        if path.is_file():
            _place(root / path.relative_to("/"), path.read_bytes())
    # Without its own name there, each UID that DCMTK makes would wait half a second for an answer of DNS.
    hosts = Path("/etc/hosts").read_text(encoding="utf-8")
    name = socket.gethostname()
    if name not in hosts.split():
        hosts += f"\n127.0.1.1 {name}\n"
    _place(root / "etc" / "hosts", hosts.encode())
    script = ROOT / "scripts" / "install.sh"
    _place(root / "install.sh", script.read_bytes(), mode=script.stat().st_mode)


def _place(path: Path, content: bytes, mode: int = 0o644) -> None:
    """Put a file in place at once: processes inside may be reading the one before."""
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_name(f"{path.name}.new")
    new.write_bytes(content)
    new.chmod(mode)
    new.replace(path)
