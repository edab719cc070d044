#!/usr/bin/env bash
# run.sh NODE FILE: runs one browser test file; 77, which ctest shows as skipped, without Chromium.
set -euo pipefail
if ! TSUNAGI_CHROMIUM=$(command -v chromium); then
  echo 'skipped: there is no chromium; ./dev test installs it' >&2
  exit 77
fi
export TSUNAGI_CHROMIUM
exec "$1" --test --test-reporter=spec "$2"
