"""What every store offers. A store can receive only what the verifier made: `put` takes `Verified` alone."""

from __future__ import annotations

from enum import StrEnum
from typing import Protocol

from orthanc_deid.verify.result import Verified


class Put(StrEnum):
    """What `put` found."""

    DELIVERED = "delivered"  # new to the store; durable after `sync`
    DUPLICATE = "duplicate"  # the store already held the same bytes under this SOP Instance UID


class Store(Protocol):
    """A destination of verified results. Made in the process that uses it; not shared between threads."""

    @property
    def name(self) -> str:
        """The name that the settings give it."""

    def put(self, result: Verified) -> Put:
        """Put one result; the same bytes twice are a duplicate.

        Raises ConflictError where the store holds other bytes under the same SOP Instance UID (never
        overwritten), and StoreError where it failed and trying again may help. What `Slices.runs` raises while the
        result is written keeps it out.
        """

    def sync(self) -> None:
        """Make all that was put since the last call durable; StoreError: nothing of it may be called delivered."""

    def close(self) -> None:
        """Let go of connections."""


class StoreSetup(Protocol):
    """A picklable description of a store, sent to each worker, which opens its own."""

    @property
    def name(self) -> str:
        """The name that the settings give it."""

    def open(self) -> Store:
        """Return the store, ready; raises StoreError or ConfigError if it cannot be used."""
