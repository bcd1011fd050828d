#!/bin/bash
# Install what the tests need and run all of them; pytest's own summary is the last line.
# Branch coverage is measured in the unit tests only and printed before that line: see tests/support/branch_coverage.py.
set -euo pipefail
cd "$(dirname "$0")/.."
scripts/install.sh test
scripts/check.sh --no-tests
rm -rf build/coverage
export BRANCH_COVERAGE=$PWD/build/coverage
# One process more than there are cores: integration tests wait for servers to start and to stop.
exec .venv/bin/python -m pytest -q -n $(($(nproc) + 1)) --dist loadfile </dev/null
