"""The page at /deidentify/app/: its files are package data, served as they are, with a policy that admits no other.

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
from typing import Any

from orthanc_deid.host.answers import Answer, Request, error_answer, send
from orthanc_deid.host.gateway import Gateway, RestOutput, send_status

APP = "/deidentify/app"
INDEX = "index.html"

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
            content = entry.read_bytes()
            etag = f'"{hashlib.sha256(content).hexdigest()[:32]}"'
            found[entry.name] = PageFile(content, CONTENT_TYPES[suffix], etag)
    return found


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


def register_page(gateway: Gateway) -> None:
    """Serve the page below /deidentify/app."""
    page_files(), security_headers()  # read now: a package without its page does not start
    gateway.register_route(f"{APP}(?:/([^/]+))?", _answer)


def _answer(output: RestOutput, uri: str, **given: Any) -> None:
    if given["method"] != "GET":
        output.SendMethodNotAllowed("GET")
        return
    groups = given.get("groups") or ()
    file = page_files().get(groups[0] if groups and groups[0] else INDEX)
    if file is None:
        request = Request("GET", uri)
        missing: Answer = error_answer(request, HTTPStatus.NOT_FOUND, "the page has no such file")
        send(output, missing)
        return
    for name, value in (*security_headers().items(), ("ETag", file.etag)):
        output.SetHttpHeader(name, value)
    if _known((given.get("headers") or {}).get("if-none-match", ""), file.etag):
        send_status(output, HTTPStatus.NOT_MODIFIED.value, "")
    else:
        output.AnswerBuffer(file.content, file.content_type)


def _known(header: str, etag: str) -> bool:
    """Whether an If-None-Match names the tag; a proxy that compresses makes it weak (RFC 9110, 13.1.2)."""
    tags = {tag.strip().removeprefix("W/") for tag in header.split(",")}
    return etag in tags or "*" in tags
