"""Tags and paths of tags as text, spelled as PS3.5 spells them: `(gggg,eeee)`."""

from __future__ import annotations

ElementPath = tuple[int, ...]
"""(tag,) at the top level, or (tag, item, tag, item, ..., tag) down through sequences; items count from 0."""


def format_tag(tag: int) -> str:
    """Return `(gggg,eeee)` in upper-case hexadecimal for the 32-bit `tag`."""
    return f"({tag >> 16:04X},{tag & 0xFFFF:04X})"


def format_path(path: ElementPath) -> str:
    """Return for instance `(0040,0275)[0].(0040,0007)`: items in brackets, counted from 0."""
    parts = [format_tag(path[0])]
    for item, tag in zip(path[1::2], path[2::2], strict=True):
        parts.append(f"[{item}].{format_tag(tag)}")
    return "".join(parts)


def is_private(tag: int) -> bool:
    """Whether the group is odd (PS3.5 section 7.8)."""
    return bool(tag & 0x10000)
