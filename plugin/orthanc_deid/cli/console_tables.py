"""Tables on a terminal, or as lines elsewhere: whole, never shortened to fit where nobody looks at them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

_LONGEST = 160
_WIDTH = 240  # characters, where there is no terminal to ask


def show(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Print a table; the text is data, and never taken for markup or a terminal's commands."""
    console = Console(highlight=False)
    if not console.is_terminal:
        console = Console(highlight=False, width=_WIDTH)
    table = Table(box=None, pad_edge=False, header_style="bold", show_edge=False)
    for name in columns:
        table.add_column(name, overflow="fold")
    for row in rows:
        table.add_row(*(Text(harmless(cell)) for cell in row))
    console.print(table)


def harmless(text: str) -> str:
    """Return a text without control characters, and of a length that a line can take."""
    clean = "".join(character if character.isprintable() else "\u00b7" for character in text)
    return clean if len(clean) <= _LONGEST else f"{clean[: _LONGEST - 1]}\u2026"
