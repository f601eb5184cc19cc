#!/usr/bin/env bash
# Fail when protos/gen is not exactly what protos/ generates.
set -euo pipefail
cd "$(dirname "$0")/.."
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
scripts/gen.sh "$scratch"
diff -r --exclude=__pycache__ protos/gen "$scratch" || {
  echo "protos/gen is out of date; run: make gen" >&2
  exit 1
}
