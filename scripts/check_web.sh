#!/bin/bash
# Check the pages' JavaScript: ESLint, types (TypeScript, by JSDoc), and unit tests under Node of the files as served.
set -euo pipefail
cd "$(dirname "$0")/.."

# The stamp holds what was installed when npm last succeeded.
wanted=$(cat package.json package-lock.json | sha256sum)
if [ "$(cat node_modules/.installed 2>/dev/null)" != "$wanted" ]; then
  echo "orthanc-deid: installing the npm packages for checks into node_modules" >&2
  npm ci --silent
  echo "$wanted" >node_modules/.installed
fi

npx --no-install eslint --max-warnings 0 plugin tests/web eslint.config.mjs
npx --no-install tsc
.venv/bin/python scripts/write_web_files.py build/web
node --test tests/web/*.test.mjs >build/web-tests.log 2>&1 || { cat build/web-tests.log; exit 1; }
