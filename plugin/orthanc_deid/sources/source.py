"""The interface of a source of instances."""

from __future__ import annotations

from typing import Protocol

from orthanc_deid.dicom.partial_file import Data


class Source(Protocol):
    """A source of instances. Made in the process that uses it; not shared between threads."""

    def fetch(self, instance: str) -> Data:
        """Return the instance's encoded bytes, or a file of which only the head was read.

        Raises LostError where the source no longer holds it, SourceError where trying again may help.
        """

    def close(self) -> None:
        """Close connections and files."""


class SourceSetup(Protocol):
    """A picklable description of a source, sent to each worker, which opens its own."""

    def open(self) -> Source:
        """Return the source, ready."""
