#!/usr/bin/env bash
# Formats every tracked C++ file with clang-format 19, or, with --check, only says which are not.
# Usage: scripts/format.sh [--check]
set -euo pipefail
cd "$(dirname "$0")/.."

mode=(-i)
[ "${1:-}" != --check ] || mode=(--dry-run --Werror)
git -c safe.directory='*' ls-files -z -- '*.h' '*.cpp' | xargs -0 -r clang-format-19 "${mode[@]}"
