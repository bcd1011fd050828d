"""The site's key: its subkeys, its fingerprint, and that it is never printed."""

from __future__ import annotations

import hmac
import json
import pickle
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orthanc_deid.config.key import KEY_BYTES, Key

SECRET = bytes(range(32))
PURPOSES = ("uid", "patient", "date", "dummy")


def test_each_purpose_has_a_subkey_of_its_own() -> None:
    key = Key(SECRET)
    subkeys = {getattr(key, purpose) for purpose in PURPOSES}
    assert len(subkeys) == len(PURPOSES)
    assert SECRET not in subkeys
    assert all(len(subkey) == 32 for subkey in subkeys)


@pytest.mark.parametrize("purpose", PURPOSES)
def test_a_digest_is_the_hmac_under_the_subkey_of_its_purpose(purpose: str) -> None:
    subkey = hmac.digest(SECRET, f"orthanc-deid/{purpose}".encode(), "sha256")
    expected = hmac.digest(subkey, b"message", "sha256")
    assert Key(SECRET).digest(purpose, b"message") == expected  # type: ignore[arg-type]


def test_subkeys_and_digests_never_change_between_releases() -> None:
    """Pseudonyms must never change: these values are fixed."""
    key = Key(SECRET)
    assert key.fingerprint == sha256(b"orthanc-deid/fingerprint" + SECRET).hexdigest()[:16]
    assert (
        key.digest("uid", b"1.2.3").hex()
        == "a98721fe1c1036c22f9ae939a3a14316e33e3a68342ca9d96e0ffc9c672d8b2e"
    )
    assert (
        key.digest("patient", b"id\0\0PID-1").hex()
        == "8370eea11ece381c5313b08b92bb767674f06e5b6ffcdfd459943751845f2035"
    )
    assert (
        key.digest("date", b"id\0\0PID-1").hex()
        == "fb45fdc8b418d4edf65fbd17420b1251076a31fa4460affbf7d18e7aa8fd4787"
    )


@pytest.mark.parametrize("length", [0, 1, 16, 31, 33, 64])
def test_a_key_of_another_length_is_no_key(length: int) -> None:
    with pytest.raises(ValueError, match=f"^a key is {KEY_BYTES} bytes long$"):
        Key(bytes(length))


def test_the_secret_is_never_shown() -> None:
    key = Key(SECRET)
    shown = f"{key} {key!r} {[key]} {key.fingerprint}"
    for hidden in (SECRET, *(getattr(key, purpose) for purpose in PURPOSES)):
        assert hidden.hex() not in shown
        assert repr(hidden) not in shown
    with pytest.raises(TypeError):
        json.dumps(key)


@given(st.binary(min_size=32, max_size=32), st.binary(min_size=32, max_size=32))
def test_keys_are_equal_when_their_secrets_are(one: bytes, other: bytes) -> None:
    assert (Key(one) == Key(other)) is (one == other)
    assert (Key(one).fingerprint == Key(other).fingerprint) is (one == other)
    assert hash(Key(one)) == hash(Key(bytes(one)))


def test_a_key_cannot_be_changed() -> None:
    key = Key(SECRET)
    with pytest.raises(AttributeError):
        key.secret = bytes(32)  # type: ignore[misc]


def test_a_key_reaches_the_worker_processes_whole() -> None:
    key = pickle.loads(pickle.dumps(Key(SECRET)))  # noqa: S301 - made one line above
    assert key == Key(SECRET)
    assert key.digest("uid", b"x") == Key(SECRET).digest("uid", b"x")
