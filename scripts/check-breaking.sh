#!/usr/bin/env bash
# Fail when a proto change breaks clients of main. Nothing can break before main has protos.
set -euo pipefail
cd "$(dirname "$0")/.."
base=$(git merge-base HEAD "${BREAKING_AGAINST:-main}")
git cat-file -e "$base:buf.yaml" 2>/dev/null || exit 0
npx --yes @bufbuild/buf@1.75.0 breaking --against ".git#ref=$base"
