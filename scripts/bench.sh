#!/bin/bash
# Measure beside other tools, as ratios within one run; `--against FOLDER` compares this checkout with another one.
set -euo pipefail
cd "$(dirname "$0")/.."
scripts/install.sh bench
export PYTHONPATH=plugin:tests
exec .venv/bin/python -m benchmarks "$@"
