"""The site's secret key and its subkeys, from which pseudonyms and date offsets derive.

See D3 in docs/architecture.md.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Literal

KEY_BYTES = 32
Purpose = Literal["uid", "patient", "date", "dummy"]


@dataclass(frozen=True, slots=True, repr=False)
class Key:
    """32 secret bytes, with one subkey per purpose, so that a pseudonym reveals nothing about a date offset.

    Raises ValueError unless `secret` is exactly 32 bytes long. `repr` shows only the fingerprint.
    """

    secret: bytes
    fingerprint: str = field(init=False)
    uid: bytes = field(init=False)
    patient: bytes = field(init=False)
    date: bytes = field(init=False)
    dummy: bytes = field(init=False)

    def __post_init__(self) -> None:
        if len(self.secret) != KEY_BYTES:
            raise ValueError(f"a key is {KEY_BYTES} bytes long")
        put = object.__setattr__
        for purpose in ("uid", "patient", "date", "dummy"):
            put(self, purpose, hmac.digest(self.secret, f"orthanc-deid/{purpose}".encode(), "sha256"))
        put(self, "fingerprint", sha256(b"orthanc-deid/fingerprint" + self.secret).hexdigest()[:16])

    def __hash__(self) -> int:
        return hash(self.fingerprint)  # used for every value; a str caches its hash

    def __repr__(self) -> str:
        return f"Key(fingerprint={self.fingerprint!r})"

    def digest(self, purpose: Purpose, message: bytes) -> bytes:
        """Return the 32-byte HMAC-SHA256 of `message` under the subkey of `purpose`."""
        subkey: bytes = getattr(self, purpose)
        return hmac.digest(subkey, message, "sha256")
