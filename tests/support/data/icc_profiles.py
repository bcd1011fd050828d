"""ICC profiles of invented devices, made with `struct` alone (ISO 15076-1)."""

from __future__ import annotations

import struct
from collections.abc import Mapping

XYZ = b"XYZ " + bytes(4) + struct.pack(">3i", 0x6FA2, 0x38F5, 0x0390)
CURVE = b"curv" + bytes(4) + struct.pack(">I3H", 3, 0, 20000, 65535)
MATRIX = dict.fromkeys((b"rXYZ", b"gXYZ", b"bXYZ"), XYZ) | dict.fromkeys((b"rTRC", b"gTRC", b"bTRC"), CURVE)


def described(text: str) -> bytes:
    """Return the data of a description of version 2."""
    ascii_text = text.encode() + b"\0"
    return b"desc" + bytes(4) + struct.pack(">I", len(ascii_text)) + ascii_text + bytes(78)


def profile(version: int = 2, *, tags: Mapping[bytes, bytes] = MATRIX, maker: bytes = b"ACME") -> bytes:
    """Return a display profile; `tags` besides those of its matrix."""
    tags = {**tags, **MATRIX}
    start, table, body = 132 + 12 * len(tags), b"", b""
    for name, data in tags.items():
        table += struct.pack(">4sII", name, start + len(body), len(data))
        body += data + bytes(-len(data) % 4)
    date = struct.pack(">6H", 2024, 3, 12, 10, 11, 12)
    header = struct.pack(">I4sBB2x", start + len(body), b"lcms", version, 0x10) + b"mntrRGB XYZ " + date
    header += b"acspAPPL" + bytes(4) + maker + b"MOD1" + bytes(8) + bytes(4)
    header += bytes.fromhex("0000f6d6000100000000d32d") + b"USER" + bytes(range(16)) + bytes(28)
    return header + struct.pack(">I", len(tags)) + table + body
