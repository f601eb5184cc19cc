#!/usr/bin/env bash
# Make the corpus, train the network of the mesh engine's ears and measure it. An environment of its own keeps torch out
# of Likeness's. About an hour of one core; writes the ONNX file into the animator's package.
set -euo pipefail
cd "$(dirname "$0")/.."
command -v flite >/dev/null || { echo "Training needs flite: sudo apt-get install flite" >&2; exit 1; }
[ -x .venv-train/bin/python ] || "${PYTHON:-python3}" -m venv .venv-train
pip() { .venv-train/bin/python -m pip --quiet --disable-pip-version-check "$@"; }
pip install --upgrade "pip>=25.1"
pip install --constraint constraints.txt editables hatchling --group train
distributions=()
for directory in protos common services/tts services/animator; do
  distributions+=(--editable "./$directory")
done
pip install --constraint constraints.txt --no-build-isolation "${distributions[@]}"
export OMP_NUM_THREADS=1
for seed in 1 2 3 4; do
  .venv-train/bin/python -m training.corpus "out/corpus-$seed.npz" --hours 2.5 --seed "$seed"
done
.venv-train/bin/python -m training.train out/corpus-[1-4].npz
.venv-train/bin/python -m training.measure
