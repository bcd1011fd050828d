"""The page at /deidentify/app/: its files are package data, served as they are, with a policy that admits no other.

One more is made of the reports' Russian words: `russian.js`, which is their file as a script's module.

The page asks our routes with the browser's own credentials, so that it shows to nobody more than the routes do.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from http import HTTPStatus
from importlib.resources import files

from orthanc_deid.host.http import Request, Response, Route, RouteError
from orthanc_deid.report.catalogue import phrases_json

APP = "/deidentify/app"
INDEX = "index.html"
RUSSIAN = "russian.js"

CONTENT_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}

_INLINE_SCRIPT = re.compile(r"<script>(.*?)</script>", re.DOTALL)


@dataclass(frozen=True, slots=True)
class PageFile:
    """A file of the page: its bytes, their type, and the entity tag by which a browser knows them again."""

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
    found[RUSSIAN] = _page_file(b"export default " + phrases_json(), CONTENT_TYPES[".js"])
    return found


def _page_file(content: bytes, content_type: str) -> PageFile:
    return PageFile(content, content_type, f'"{hashlib.sha256(content).hexdigest()[:32]}"')


@cache
def security_headers() -> Mapping[str, str]:
    """Return the headers of every answer: nothing from elsewhere, nothing to elsewhere, nothing inline but our own.

    The one inline script puts the slash behind /deidentify/app, which Orthanc does not tell callbacks apart, and
    without which the browser looks for the page's files in the wrong place. It is admitted by its hash.
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
        page_files(), security_headers()  # read now: a package without its page does not start

    def table(self) -> list[Route]:
        """Return the routes; Orthanc tells a path with a slash at its end from one without it as little as we do."""
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
