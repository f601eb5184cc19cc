#!/usr/bin/env bash
# Resolve the newest versions in a throwaway environment and write them to constraints.txt.
set -euo pipefail
cd "$(dirname "$0")/.."
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
"${PYTHON:-python3}" -m venv "$scratch/venv"
pip() { "$scratch/venv/bin/python" -m pip --quiet --disable-pip-version-check "$@"; }
pip install --upgrade "pip>=25.1"
pip install --group run --group test --group check
distributions=()
for directory in protos common services/tts services/animator services/compositor gateway client; do
  distributions+=("./$directory")
done
pip install --no-build-isolation "${distributions[@]}"
{
  echo '# Every version that `make setup` installs. Update on purpose: `make lock`.'
  pip freeze | grep -v '^likeness-'
} >constraints.txt
