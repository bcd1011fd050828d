"""The transfer syntaxes that PS3.6 Table A-1 registers."""

from __future__ import annotations

from typing import Final

from pydicom._uid_dict import UID_dictionary

_LATER: Final = frozenset(
    {
        "1.2.840.10008.1.2.4.110",  # JPEG XL Lossless
        "1.2.840.10008.1.2.4.111",  # JPEG XL JPEG Recompression
        "1.2.840.10008.1.2.4.112",  # JPEG XL
        "1.2.840.10008.1.2.8.1",  # Deflated Image Frame Compression
    }
)
"""Those that PS3.6 registers and not every supported pydicom knows."""


def is_registered(uid: str) -> bool:
    """Whether the standard registers `uid` as a transfer syntax."""
    return uid in _LATER or UID_dictionary.get(uid, ("", ""))[1] == "Transfer Syntax"
