"""Pieces of a page that is one file: two languages, tables, bars. Everything that is put in is escaped here."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Sequence
from hashlib import sha256
from html import escape
from importlib.resources import files


class Html(str):
    """Text that is HTML already."""

    __slots__ = ()


def html(value: object) -> Html:
    """Return `value` as HTML: numbers with spaces between thousands, text escaped."""
    if isinstance(value, Html):
        return value
    if isinstance(value, int):
        return Html(f"{value:,}".replace(",", "\u202f"))
    return Html(escape(str(value)))


def both(english: str, russian: str) -> Html:
    """Return a text in both languages; the page shows one of them."""
    return Html(f'<span lang="en">{escape(english)}</span><span lang="ru">{escape(russian)}</span>')


def join(pieces: Iterable[Html]) -> Html:
    """Return the pieces one after the other."""
    return Html("".join(pieces))


def element(name: str, content: object, **attributes: str) -> Html:
    """Return an element; an attribute's trailing underscore is dropped (`class_`)."""
    shown = "".join(f' {key.rstrip("_")}="{escape(value)}"' for key, value in attributes.items())
    return Html(f"<{name}{shown}>{html(content)}</{name}>")


def table(
    columns: Sequence[tuple[Html, str]], rows: Iterable[Sequence[object]], caption: Html | None = None
) -> Html:
    """Return a table in a card; a column is its heading and its class (`number`, `code`, `share` or none)."""
    heads = join(element("th", heading, class_=kind, scope="col") for heading, kind in columns)
    kinds = [kind for _, kind in columns]
    body = join(
        element("tr", join(element("td", cell, class_=kind) for cell, kind in zip(row, kinds, strict=True)))
        for row in rows
    )
    above = element("caption", caption) if caption is not None else Html("")
    inside = above + element("thead", element("tr", heads)) + element("tbody", body)
    return element("div", element("table", Html(inside)), class_="card")


def bar(parts: Sequence[tuple[float, str]], label: str) -> Html:
    """Return a bar as wide as its place: parts are a share of the whole (0 to 1) and a class. `label` is read out."""
    drawn, left = [], 0.0
    for share, kind in parts:
        width = max(0.0, min(share, 1.0 - left))
        drawn.append(
            f'<rect class="{escape(kind)}" x="{left * 100:.3f}" y="0" width="{width * 100:.3f}" height="10"/>'
        )
        left += width
    return Html(
        f'<svg viewBox="0 0 100 10" preserveAspectRatio="none" role="img" aria-label="{escape(label)}">'
        f'<rect class="track" x="0" y="0" width="100" height="10"/>{"".join(drawn)}</svg>'
    )


def size(number: int) -> str:
    """Return a number of bytes as people read it (1 kB = 1000 bytes)."""
    amount, unit = float(number), "B"
    for unit in ("B", "kB", "MB", "GB", "TB"):
        if amount < 1000 or unit == "TB":
            break
        amount /= 1000
    return f"{amount:.0f} {unit}" if unit == "B" else f"{amount:.1f} {unit}"


def duration(seconds: float) -> str:
    """Return seconds as people read them."""
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes:02d} min" if hours else f"{minutes} min {rest:02d} s"


def document(title: str, body: Html) -> str:
    """Return a whole page: one file that loads nothing and can send nothing anywhere."""
    folder = files(__package__)
    style = (folder / "page.css").read_text(encoding="utf-8")
    script = (folder / "page.js").read_text(encoding="utf-8")
    digest = base64.b64encode(sha256(script.encode()).digest()).decode("ascii")
    policy = f"default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{digest}'; img-src data:"
    return (
        '<!doctype html>\n<html lang="en" data-lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="referrer" content="no-referrer">\n'
        f"<title>{escape(title)}</title>\n<style>\n{style}</style>\n</head>\n<body>\n"
        f"{body}\n<script>{script}</script>\n</body>\n</html>\n"
    )


LANGUAGES = Html(
    '<nav class="languages" aria-label="Language">'
    '<button type="button" data-choose="en" aria-pressed="true">English</button> '
    '<button type="button" data-choose="ru" aria-pressed="false">Русский</button></nav>'
)
"""The choice of the language."""
