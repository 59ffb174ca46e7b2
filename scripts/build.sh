#!/usr/bin/env bash
# Configures (only where needed) and builds one preset of CMakePresets.json into build/PRESET.
# Usage: scripts/build.sh [PRESET=dev] [TARGET...]
set -euo pipefail
cd "$(dirname "$0")/.."

preset=${1:-dev}
[ $# -eq 0 ] || shift
if [ ! -f "build/$preset/build.ninja" ] || [ CMakePresets.json -nt "build/$preset/build.ninja" ]; then
  cmake --preset "$preset"
fi
exec ninja -C "build/$preset" "$@"
