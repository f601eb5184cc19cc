#!/usr/bin/env bash
# Install Likeness into .venv for one purpose: run, test (run and the test tools) or check (test and the linters).
set -euo pipefail
cd "$(dirname "$0")/.."
purpose=$1
python=${PYTHON:-python3}

"$python" - <<'EOF'
import sys
if sys.version_info < (3, 11):
    sys.exit(f"Likeness needs Python 3.11 or newer; {sys.executable} is {sys.version.split()[0]}. "
             "Install one and run: make PYTHON=python3.11 setup")
EOF
[ -x .venv/bin/python ] || "$python" -m venv .venv
pip() { .venv/bin/python -m pip --quiet --disable-pip-version-check "$@"; }

echo "installing ($purpose) ..."
pip install --upgrade "pip>=25.1"
case $purpose in
  run) groups=(--group run) ;;
  test) groups=(--group run --group test) ;;
  check) groups=(--group run --group test --group check) ;;
  *) echo "usage: setup.sh run|test|check" >&2; exit 2 ;;
esac
pip install --constraint constraints.txt "${groups[@]}"
distributions=()
for directory in protos common services/tts services/animator services/compositor gateway client; do
  distributions+=(--editable "./$directory")
done
pip install --constraint constraints.txt --no-build-isolation "${distributions[@]}"
.venv/bin/python -m likeness_common.weights pull face
for done in run test check; do
  touch ".venv/.$done-ready"
  [ "$done" = "$purpose" ] && break
done
