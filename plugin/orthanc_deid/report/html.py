"""Elements of a page that is one file: text in two languages, tables, bars. All content is escaped here."""

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
    return Html(grouped(value) if isinstance(value, int) else escape(str(value)))


def grouped(number: int) -> str:
    """Return a number as both languages write it: with narrow spaces between thousands."""
    return f"{number:,}".replace(",", "\u202f")


def both(english: str, russian: str, name: str = "span") -> Html:
    """Return a text in both languages as two elements of this name; the page shows one of them."""
    return Html(f'<{name} lang="en">{escape(english)}</{name}><{name} lang="ru">{escape(russian)}</{name}>')


def join(pieces: Iterable[Html]) -> Html:
    """Return the pieces joined."""
    return Html("".join(pieces))


def element(name: str, content: object, **attributes: str) -> Html:
    """Return an element; an attribute's trailing underscore is dropped (`class_`)."""
    shown = "".join(f' {key.rstrip("_")}="{escape(value)}"' for key, value in attributes.items())
    return Html(f"<{name}{shown}>{html(content)}</{name}>")


def head(title: Html, about: object) -> Html:
    """Return a page's head: title, a line below it, and the choice of the language at its right."""
    lines = element("div", Html(element("h1", title) + element("p", about, class_="soft")))
    return element("header", Html(lines + _LANGUAGES))


def section(heading: Html, content: Html, name: str = "") -> Html:
    """Return a section with its heading; `name` is the heading's id."""
    named = element("h2", heading, id=name) if name else element("h2", heading)
    return element("section", Html(named + content))


def tiles(shown: Sequence[tuple[str, int, Html]]) -> Html:
    """Return counts side by side, each a tone, a number and its name; the style keeps rows of five or seven whole."""
    drawn = join(
        element("div", Html(element("b", number) + name), class_=f"tile {tone}")
        for tone, number, name in shown
    )
    return element("section", drawn, class_="tiles seven" if len(shown) > 5 else "tiles")


def table(
    columns: Sequence[tuple[Html, str]], rows: Iterable[Sequence[object]], caption: Html | None = None
) -> Html:
    """Return a table in a card that scrolls sideways on narrow screens; a column is its heading and its classes.

    Classes: `number`, `code`, `id` (long, may be broken), `keep` (must not be broken), `share` (a bar), or none.
    """
    heads = join(element("th", heading, class_=kind, scope="col") for heading, kind in columns)
    kinds = [kind for _, kind in columns]
    body = join(
        element("tr", join(element("td", cell, class_=kind) for cell, kind in zip(row, kinds, strict=True)))
        for row in rows
    )
    inside = element("thead", element("tr", heads)) + element("tbody", body)
    scrolled = element("div", element("table", Html(inside)), class_="scroll")
    if caption is None:
        return element("div", scrolled, class_="card")
    return element("figure", Html(element("figcaption", caption) + scrolled), class_="card")


def bar(parts: Sequence[tuple[float, str]], label: str) -> Html:
    """Return a bar that fills its column: parts are shares of the whole (0 to 1), each with its class.

    Screen readers read out `label`.
    """
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


def drawing_css() -> str:
    """Return the style of tables, bars and charts, for pages that are one file and for the page inside Orthanc."""
    return _file("drawing.css")


def document(title: str, body: Html) -> str:
    """Return a whole page: one file, whose policy lets it load nothing and send nothing."""
    style = _file("document.css") + drawing_css()
    script = _file("document.js")
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


def _file(name: str) -> str:
    return files(__package__).joinpath(name).read_text(encoding="utf-8")


_LANGUAGES = Html(
    '<nav class="languages" aria-label="Language">'
    '<button type="button" data-choose="en" aria-pressed="true" title="English" aria-label="English">EN</button>'
    '<button type="button" data-choose="ru" aria-pressed="false" title="Русский" aria-label="Русский">RU</button>'
    "</nav>"
)
