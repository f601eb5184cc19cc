#!/usr/bin/env bash
# Generate Python code and stubs from protos/ into protos/gen, or the folder given. The result is committed.
set -euo pipefail
cd "$(dirname "$0")/.."
out=${1:-protos/gen}
mkdir -p "$out"
find "$out" -mindepth 1 -delete
mapfile -t protos < <(find protos/likeness -name '*.proto' | sort)
PATH="$PWD/.venv/bin:$PATH" .venv/bin/python -m grpc_tools.protoc -I protos --python_out="$out" \
  --grpc_python_out="$out" --mypy_out="quiet:$out" --mypy_grpc_out="quiet:$out" "${protos[@]}"
find "$out/likeness" -type d -exec touch {}/__init__.py \;
touch "$out/likeness/py.typed"
