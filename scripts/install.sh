#!/usr/bin/env bash
# Builds advx as users get it and installs it below PREFIX: the compiler, the standard library, the
# runtime that executables link, the manual, completion for bash, zsh and fish.
# Usage: scripts/install.sh [PREFIX=$HOME/.local]
# Only the set-up of packages needs root, and it asks for nothing where they are there already.
# $ADVX_PRESET, by default release, is the build that is taken.
set -euo pipefail

if [ $# -gt 1 ] || [[ ${1:-} == -* ]]; then
  echo "usage: scripts/install.sh [PREFIX]   (default: \$HOME/.local)" >&2
  exit 2
fi
prefix=$(realpath -m -- "${1:-$HOME/.local}")
cd "$(dirname "$0")/.."
if ! mkdir -p "$prefix/bin" || [ ! -w "$prefix/bin" ]; then
  echo "install.sh: cannot write below $prefix; name another folder, or run it as root" >&2
  exit 1
fi

started=$(date +%s)
scripts/setup.sh
preset=${ADVX_PRESET:-release}
# The largest process is measured so that no document has to guess what a build needs.
memory=$(mktemp)
trap 'rm -f "$memory"' EXIT
/usr/bin/python3 -c 'import resource, subprocess, sys
code = subprocess.call(sys.argv[2:])
open(sys.argv[1], "w").write(str(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss >> 10))
sys.exit(code)' "$memory" scripts/build.sh "$preset"
cmake --install "build/$preset" --prefix "$prefix" >/dev/null

size() { du -sh "$1" | cut -f1; }
echo
echo "advx is installed in $prefix ($(size "$prefix/lib/advx") runtime, build folder $(size "build/$preset"), largest process $(cat "$memory") MiB), after $((($(date +%s) - started + 59) / 60)) min."
case ":$PATH:" in
  *":$prefix/bin:"*) ;;
  *) echo "Put it on the path, in ~/.profile too:  export PATH=\"$prefix/bin:\$PATH\"" ;;
esac
echo "Then: advx new my_idea; man advx"
