#!/usr/bin/env bash
# Installs what is missing, builds the compiler, compiles two pages, trains them on the whole of
# Fashion-MNIST, attacks both, and prints one table.
# Usage: scripts/demo.sh [ARGUMENT...]   arguments go to `train`, such as --epochs 1 or --threads 1
# $ADVX_PRESET, by default release, is the build that is used. Runs lie in runs/demo; one that was
# interrupted goes on where it stopped, a finished one is reused.
set -euo pipefail
cd "$(dirname "$0")/.."

scripts/setup.sh
preset=${ADVX_PRESET:-release}
scripts/build.sh "$preset" advx advx_runtime

data=$(dirname "$(dpkg -L dataset-fashion-mnist | grep -m 1 train-images)")
pages=(pgd_at pgd_at_he)
for page in "${pages[@]}"; do
  run=runs/demo/$page
  mkdir -p "$run"
  echo "== examples/fashion_mnist/$page.advx"
  "build/$preset/bin/advx" build "examples/fashion_mnist/$page.advx" -o "$run/$page"
  "$run/$page" train --data "$data" --out "$run" --resume "$@"
done

echo
"build/$preset/bin/advx" compare "${pages[@]/#/runs/demo/}"
