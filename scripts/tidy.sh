#!/usr/bin/env bash
# Runs clang-tidy 19 over tracked C++ sources that the build compiles.
# Usage: scripts/tidy.sh [--all | --since REVISION] [--build DIR=build/dev]
#   By default: what differs from the main branch, committed or not.
set -euo pipefail
cd "$(dirname "$0")/.."

since=main
build=build/dev
while [ $# -gt 0 ]; do
  case "$1" in
    --all) since= ;;
    --since) since=$2; shift ;;
    --build) build=$2; shift ;;
    *) echo "tidy.sh: unknown argument $1" >&2; exit 2 ;;
  esac
  shift
done
if [ ! -f "$build/compile_commands.json" ]; then
  echo "tidy.sh: no $build/compile_commands.json; run scripts/build.sh first" >&2
  exit 2
fi

list_sources() {
  if [ -n "$since" ]; then
    { git -c safe.directory='*' diff --name-only --diff-filter=d "$since" -- '*.cpp'; git -c safe.directory='*' ls-files -o --exclude-standard -- '*.cpp'; } | sort -u
  else
    git -c safe.directory='*' ls-files -- '*.cpp'
  fi
}
# Only what the compilation database knows: a switched-off part has no flags to check with.
list_sources | while read -r source; do
  if grep -qF "\"file\": \"$PWD/$source\"" "$build/compile_commands.json"; then echo "$source"; fi
done | xargs -r -n 1 -P "$(nproc)" clang-tidy-19 -p "$build" --quiet
