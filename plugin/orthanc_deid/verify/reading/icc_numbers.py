"""The length of the numbers in a tag of an ICC profile, by the type of the tag (ISO 15076-1 section 10)."""

from __future__ import annotations


def length_of_numbers(data: bytes) -> int:
    """Return the bytes that a tag's numbers take, its type included; 0 for a type without colour numbers."""
    kind, size = data[:4].decode("latin-1"), len(data)
    if kind in ("XYZ ", "sf32"):
        length = {"XYZ ": 20, "sf32": 44}[kind]
        return length if size >= length else 0
    if kind in ("curv", "para") and size >= 12:
        return _curve(kind, data)
    if kind in ("mft1", "mft2") and size >= 52:
        return _table(kind, data)
    return size if kind in ("mAB ", "mBA ") and size >= 32 else 0


def _curve(kind: str, data: bytes) -> int:
    if kind == "curv":
        return 12 + 2 * int.from_bytes(data[8:12], "big")
    parameters = {0: 1, 1: 3, 2: 4, 3: 5, 4: 7}.get(int.from_bytes(data[8:10], "big"), 0)
    return 12 + 4 * parameters if parameters else 0


def _table(kind: str, data: bytes) -> int:
    channels, results, grid = data[8], data[9], data[10]
    colours = results * grid**channels if channels < 5 else 0
    if not colours:
        return 0
    if kind == "mft1":
        return 48 + 256 * (channels + results) + colours
    curve, last = int.from_bytes(data[48:50], "big"), int.from_bytes(data[50:52], "big")
    return 52 + 2 * (channels * curve + colours + results * last)
