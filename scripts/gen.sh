#!/usr/bin/env bash
# Generate Python code and stubs from protos/ into protos/gen. Run through `make gen`; the result is committed.
set -euo pipefail
cd "$(dirname "$0")/.."
python=${PYTHON:-.venv/bin/python}
out=protos/gen
find "$out" -mindepth 1 -delete 2>/dev/null || mkdir -p "$out"
PATH="$(dirname "$("$python" -c 'import sys; print(sys.executable)')"):$PATH" \
  "$python" -m grpc_tools.protoc -I protos --python_out="$out" --grpc_python_out="$out" \
  --mypy_out="quiet:$out" --mypy_grpc_out="quiet:$out" $(find protos/likeness -name '*.proto' | sort)
find "$out/likeness" -type d -exec touch {}/__init__.py \;
touch "$out/likeness/py.typed"
