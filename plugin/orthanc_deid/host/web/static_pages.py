"""The page at /deidentify/app/: package data, served under a policy that admits no other origin.

Two files are of all pages: `catalogue.js` is generated of the words and of the ledger's states, so that the browser
and Python read the same tables, and `drawing.css` is the style of tables and charts that Python draws.

The page calls the plugin's routes with the browser's own credentials: it shows nobody more than the routes do.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from http import HTTPStatus
from importlib.resources import files

from orthanc_deid.host.http import Request, Response, Route, RouteError
from orthanc_deid.pipeline.tasks import HELD_BACK, OPEN, SENT, State
from orthanc_deid.report.catalogue import reasons_json, words_json
from orthanc_deid.report.html import drawing_css

APP = "/deidentify/app"
INDEX = "index.html"
CATALOGUE = "catalogue.js"
DRAWING_STYLE = "drawing.css"

CONTENT_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}

_INLINE_SCRIPT = re.compile(r"<script>(.*?)</script>", re.DOTALL)


@dataclass(frozen=True, slots=True)
class PageFile:
    """A file of the page: its bytes, their content type and their entity tag (RFC 9110, 8.8.3)."""

    content: bytes
    content_type: str
    etag: str


@cache
def page_files() -> Mapping[str, PageFile]:
    """Return the page's files by name."""
    found = {}
    for entry in (files("orthanc_deid.host") / "web" / "app").iterdir():
        suffix = entry.name[entry.name.rfind(".") :]
        if suffix in CONTENT_TYPES:
            found[entry.name] = _page_file(entry.read_bytes(), CONTENT_TYPES[suffix])
    found[CATALOGUE] = _page_file(_catalogue_module().encode(), CONTENT_TYPES[".js"])
    found[DRAWING_STYLE] = _page_file(drawing_css().encode(), CONTENT_TYPES[".css"])
    return found


def _catalogue_module() -> str:
    """Return the module with words, reasons and states; `catalogue.d.ts` has its types."""
    groups = {"All": frozenset(State), "Open": OPEN, "Sent": SENT, "Held": HELD_BACK}
    states = {
        name: [state.capitalize() for state in State if state in group] for name, group in groups.items()
    }
    exported = {
        "WORDS": words_json(),
        "REASONS": reasons_json(),
        "STATES": json.dumps(states),
    }
    return "".join(f"export const {name} = {content.strip()};\n" for name, content in exported.items())


def _page_file(content: bytes, content_type: str) -> PageFile:
    return PageFile(content, content_type, f'"{hashlib.sha256(content).hexdigest()[:32]}"')


@cache
def security_headers() -> Mapping[str, str]:
    """Return the headers of every response: no other origin, and no inline script but the page's own, by its hash.

    That script appends the slash to /deidentify/app, without which the browser resolves the page's files against the
    wrong folder; Orthanc calls the same callback with and without it, so the server cannot redirect.
    """
    html = page_files()[INDEX].content.decode()
    hashes = [
        base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
        for script in _INLINE_SCRIPT.findall(html)
    ]
    scripts = " ".join(["'self'", *(f"'sha256-{each}'" for each in hashes)])
    policy = (
        "default-src 'none'",
        f"script-src {scripts}",
        "style-src 'self'",
        "img-src 'self'",
        "connect-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'self'",
    )
    return {
        "Content-Security-Policy": "; ".join(policy),
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        "Cache-Control": "no-cache",
    }


class PageRoutes:
    """The routes of the page's files."""

    def __init__(self) -> None:
        # Read both now, so that the plugin does not start from a package without its page.
        page_files()
        security_headers()

    def table(self) -> list[Route]:
        """Return the routes; a path with a slash at its end is the same route as one without, as in Orthanc."""
        return [Route(APP, {"GET": self.file}), Route(f"{APP}/{{file}}", {"GET": self.file})]

    def file(self, request: Request) -> Response:
        """Answer a file, or 304 where the browser has it already; the page itself where none is named."""
        file = page_files().get(request.groups[0] if request.groups else INDEX)
        if file is None:
            raise RouteError(HTTPStatus.NOT_FOUND, "the page has no such file")
        headers = {**security_headers(), "ETag": file.etag}
        if _known(request.headers.get("if-none-match", ""), file.etag):
            return Response("", HTTPStatus.NOT_MODIFIED, file.content_type, headers)
        return Response(file.content, media_type=file.content_type, headers=headers)


def _known(header: str, etag: str) -> bool:
    """Whether an If-None-Match names the tag; a proxy that compresses makes it weak (RFC 9110, 13.1.2)."""
    tags = {tag.strip().removeprefix("W/") for tag in header.split(",")}
    return etag in tags or "*" in tags
