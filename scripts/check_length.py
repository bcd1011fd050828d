"""Fail where a source file is longer than its folder allows; data files (CSV, JSON, TOML, text) do not count."""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LIMITS = {"plugin": 350, "scripts": 350, "tests": 400}  # lines
SUFFIXES = {".css", ".html", ".js", ".mjs", ".py", ".sh", ".ts"}
SKIPPED = {"__pycache__", "node_modules"}


def too_long(root: Path = ROOT) -> list[str]:
    """Return one line for each file that is too long: its path, its number of lines, and the limit."""
    found = []
    for folder, limit in LIMITS.items():
        for path in sorted((root / folder).rglob("*")):
            if path.suffix in SUFFIXES and not SKIPPED & set(path.parts):
                name = path.relative_to(root).as_posix()
                lines = len(path.read_text(encoding="utf-8").splitlines())
                if lines > limit:
                    found.append(f"{name}: {lines} lines, at most {limit} are allowed")
    return found


if __name__ == "__main__":
    problems = too_long()
    print("\n".join(problems), end="\n" if problems else "")
    sys.exit(bool(problems))
