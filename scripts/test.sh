#!/usr/bin/env bash
# Installs what is missing, builds, and runs every test. The last line is
# `N passed, N failed` over all of them; the exit status is 0 only if none failed.
# Usage: scripts/test.sh [--quick] [PATH...]
#   --quick  the dev build, without test/end-to-end
#   PATH     folders or files under test/, instead of all of it
set -euo pipefail
cd "$(dirname "$0")/.."

preset=ci
arguments=()
for argument in "$@"; do
  case "$argument" in
    --quick) preset=dev; arguments+=(--quick) ;;
    *) arguments+=("$argument") ;;
  esac
done

scripts/setup.sh
scripts/build.sh "$preset"
exec /usr/bin/python3 scripts/run_tests.py --build "build/$preset" "${arguments[@]}"
