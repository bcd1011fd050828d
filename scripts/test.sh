#!/bin/bash
# Install what the tests need and run all of them; pytest's own summary is the last line.
set -euo pipefail
cd "$(dirname "$0")/.."
scripts/install.sh test
scripts/check.sh --no-tests
exec .venv/bin/python -m pytest -q -n 2 --dist loadfile </dev/null
