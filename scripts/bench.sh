#!/bin/bash
# Measure the engine beside other tools, in one run, as ratios.
set -euo pipefail
cd "$(dirname "$0")/.."
scripts/install.sh bench
export PYTHONPATH=plugin:tests
exec .venv/bin/python -m benchmarks "$@"
