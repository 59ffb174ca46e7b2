#!/usr/bin/env bash
# Installs the Debian 12 packages that advx is built from and tested with.
# Usage: scripts/setup.sh        as root, or with sudo at hand.
# Idempotent: asks dpkg first, and touches apt only where something is missing.
set -euo pipefail

packages=(
  # The compiler: MLIR and LLVM as shared libraries, mlir-tblgen, lit, FileCheck.
  llvm-19-dev libmlir-19-dev mlir-19-tools llvm-19-tools
  # The front end: ANTLR's tool needs a Java runtime at build time only.
  antlr4 libantlr4-runtime-dev default-jre-headless
  # The runtime: oneDNN, data sets in gzip and tar, JSON, command lines.
  libdnnl-dev zlib1g-dev libarchive-dev nlohmann-json3-dev libcli11-dev
  # The data set of the examples.
  dataset-fashion-mnist
  # The tests: a framework, and the oracle; without OpenBLAS it is 20 to 60 times slower.
  libgtest-dev libtorch-dev python3 python3-torch python3-numpy libopenblas0-openmp
  python3-jsonschema
  # Building.
  git cmake ninja-build g++ lld-19 ccache
  # Fuzzing the readers of files.
  clang-19 libclang-rt-19-dev
  # Style.
  clang-format-19 clang-tidy-19
)

missing=()
for package in "${packages[@]}"; do
  status=$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null || true)
  [ "$status" = installed ] || missing+=("$package")
done
if [ ${#missing[@]} -eq 0 ]; then
  exit 0
fi

as_root=()
if [ "$(id -u)" -ne 0 ]; then
  if ! command -v sudo >/dev/null; then
    echo "setup.sh: needs root or sudo to install: ${missing[*]}" >&2
    exit 1
  fi
  as_root=(sudo)
fi

echo "setup.sh: installing ${missing[*]}"
"${as_root[@]}" apt-get update -q
"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
  apt-get install -y -q --no-install-recommends "${missing[@]}"
