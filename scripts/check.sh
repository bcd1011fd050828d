#!/bin/bash
# Format, lint, types, length of files, and unit tests, of Python and of the pages' JavaScript. `--no-tests` omits the tests.
set -euo pipefail
cd "$(dirname "$0")/.."
[ "${1:-}" = --no-tests ] || scripts/install.sh test
.venv/bin/ruff format --check --quiet .
.venv/bin/ruff check --quiet .
.venv/bin/mypy
.venv/bin/python scripts/check_length.py
scripts/check_web.sh
[ "${1:-}" = --no-tests ] || exec .venv/bin/python -m pytest -q -n 2 --dist loadfile -m "not integration" </dev/null
