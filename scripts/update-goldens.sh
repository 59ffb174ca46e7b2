#!/usr/bin/env bash
# Writes the goldens of every test that compares with test/goldens.py anew; look at
# `git diff` before committing them.
# Usage: scripts/update-goldens.sh [BUILD]   (default: build/dev)
set -euo pipefail
cd "$(dirname "$0")/.."

build=$(realpath "${1:-build/dev}")
export PATH="$build/bin:$PATH"
grep -rl --include='*.test' 'goldens\.py' test | sort | while read -r file; do
  echo "$file"
  sed -n 's/^RUN: *//p' "$file" | grep 'goldens\.py' |
    sed -e "s|%{python}|/usr/bin/python3|g; s|%{srcdir}|$PWD|g; s|%S|$PWD/$(dirname "$file")|g" \
      -e 's|goldens\.py|goldens.py --update|' | bash -e
done
