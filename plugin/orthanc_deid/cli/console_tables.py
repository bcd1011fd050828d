"""Print tables: on a terminal in its width, elsewhere as whole lines that are never shortened to fit."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

_LONGEST = 160
_WIDTH = 240  # characters, where there is no terminal


def show(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Print a table. Cells are data: nothing in them acts as markup or as a command of the terminal."""
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
    """Return a text without control characters, shortened to the length of a line."""
    clean = "".join(character if character.isprintable() else "\u00b7" for character in text)
    return clean if len(clean) <= _LONGEST else f"{clean[: _LONGEST - 1]}\u2026"
