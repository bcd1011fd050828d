"""The interface of stores. A store accepts only verified results: `put` takes a `Verified`."""

from __future__ import annotations

from enum import StrEnum
from typing import Protocol

from orthanc_deid.verify.result import Verified


class Put(StrEnum):
    """The outcome of `put`."""

    DELIVERED = "delivered"  # new to the store; durable after `sync`
    DUPLICATE = "duplicate"  # the store already held the same bytes under this SOP Instance UID


class Store(Protocol):
    """A destination of verified results, opened in the process that uses it; not shared between threads."""

    @property
    def name(self) -> str:
        """The name of the store in the settings."""

    def put(self, result: Verified) -> Put:
        """Store one result; the same bytes again are a duplicate.

        Raises ConflictError if the store holds other bytes under the same SOP Instance UID, which it keeps;
        RejectedError if the store works but refused this result, which is retried without a pause of the store; and
        StoreError for any other failure, which is retried and pauses the store. If `Slices.runs` raises during the
        write, nothing is stored.
        """

    def sync(self) -> None:
        """Make all results since the last call durable; after a StoreError none of them counts as delivered."""

    def close(self) -> None:
        """Close connections and files."""


class StoreSetup(Protocol):
    """A picklable description of a store; each worker receives it and opens the store for itself."""

    @property
    def name(self) -> str:
        """The name of the store in the settings."""

    def open(self) -> Store:
        """Open the store; raises StoreError or ConfigError if it cannot be used."""
