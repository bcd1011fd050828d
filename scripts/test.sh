#!/bin/bash
# Install what the tests need and run all of them; pytest's own summary is the last line of a run that passes.
# Branch coverage is measured in the unit tests only and printed before that line: see tests/support/branch_coverage.py.
set -euo pipefail
cd "$(dirname "$0")/.."
scripts/install.sh test
# The tests start hundreds of processes: without this each compiles the package anew where Python may not write caches.
.venv/bin/python -m compileall -q plugin tests
rm -rf build/coverage
mkdir -p build
export BRANCH_COVERAGE=$PWD/build/coverage

# Format, lint and types run while the integration tests wait for their servers.
scripts/check.sh --no-tests >build/check.log 2>&1 &
check=$!
trap 'kill $check 2>/dev/null || true' EXIT

# Files run in the order of their paths: the longest, which start servers and folder runs, come before the unit tests,
# so that no process is left with one of them at the end. Two processes more than there are cores: servers start slowly.
status=0
.venv/bin/python -m pytest -q -n $(($(nproc) + 2)) --dist loadfile --no-loadscope-reorder </dev/null || status=$?
if ! wait $check; then
  echo "orthanc-deid: the checks failed:" >&2
  cat build/check.log >&2
  exit 1
fi
exit $status
