#!/usr/bin/env bash
# Fail when a proto change breaks clients of main: on a branch against where it left main, on main against its parent.
set -euo pipefail
cd "$(dirname "$0")/.."
base=$(git merge-base HEAD "${BREAKING_AGAINST:-main}" 2>/dev/null || git rev-parse HEAD)
[ "$base" != "$(git rev-parse HEAD)" ] || base=$(git rev-parse --verify --quiet HEAD~1) || exit 0
git cat-file -e "$base:buf.yaml" 2>/dev/null || exit 0
npx --yes @bufbuild/buf@1.75.0 breaking --against ".git#ref=$base"
