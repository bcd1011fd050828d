"""The file that holds the site's secret key: 64 lower-case hexadecimal digits and a newline, mode 0600.

Hexadecimal digits survive editors and copies, and a damaged file is recognized. Nothing here logs or prints the key.
"""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from orthanc_deid.config.key import KEY_BYTES, Key
from orthanc_deid.errors import ConfigError
from orthanc_deid.system import publish, readable_by_others, sync_folder


def open_key(path: Path, may_create: bool, fingerprint: str | None = None) -> Key:
    """Load the key; make it if there is none and no ledger exists yet (`may_create`).

    `fingerprint` is that of an existing ledger. Raises ConfigError if a ledger exists without its key or with
    another one, if others can read the key, or if the file holds no key.
    """
    if may_create and fingerprint is None:
        try:
            return make_key(path)
        except FileExistsError:
            return load_key(path)
    key = load_key(path)
    if fingerprint is not None and key.fingerprint != fingerprint:
        raise ConfigError(
            f"KeyFile: the key has the fingerprint {key.fingerprint}, but the ledger was made with {fingerprint}; "
            "put the ledger's key back, or begin with a new ledger"
        )
    return key


def load_key(path: Path) -> Key:
    """Read the key; ConfigError if it is missing, readable by others, or not 64 hexadecimal digits."""
    try:
        if readable_by_others(path):
            raise ConfigError("KeyFile: others than its owner have access to it; accepted is mode 0600")
        text = path.read_text(encoding="ascii").strip()
    except FileNotFoundError:
        raise ConfigError(
            "KeyFile: there is none, but a ledger that was made with one; put it back"
        ) from None
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"KeyFile: cannot be read ({type(error).__name__})") from None
    if len(text) != 2 * KEY_BYTES or set(text) - set("0123456789abcdef"):
        raise ConfigError(f"KeyFile: accepted are {2 * KEY_BYTES} lower-case hexadecimal digits")
    return Key(bytes.fromhex(text))


def make_key(path: Path) -> Key:
    """Make a key of 32 random bytes and write its file atomically; FileExistsError if there is one."""
    secret = secrets.token_bytes(KEY_BYTES)
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    try:
        handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(handle, "w", encoding="ascii") as file:
                file.write(secret.hex() + "\n")
                file.flush()
                os.fsync(file.fileno())
            publish(temporary, path)
        finally:
            temporary.unlink(missing_ok=True)
        sync_folder(path.parent)
    except FileExistsError:
        raise
    except OSError as error:
        raise ConfigError(f"KeyFile: cannot be made ({error.strerror})") from None
    return Key(secret)
