# Likeness. `make` lists the targets.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
DISTRIBUTIONS := protos common services/tts services/animator services/compositor gateway client
PACKAGES := common/likeness_common services/tts/likeness_tts services/animator/likeness_animator \
  services/compositor/likeness_compositor gateway/likeness_gateway client/likeness_client
BUF := npx --yes @bufbuild/buf@1.75.0
INPUTS := constraints.txt pyproject.toml scripts/setup.sh $(DISTRIBUTIONS:%=%/pyproject.toml) \
  $(wildcard common/likeness_common/weights/manifests/*.toml)

.DEFAULT_GOAL := help
.PHONY: help setup demo test soak check format gen lock bench realism images train e2e clean

help: ## List the targets
	@grep -hE '^[a-z0-9]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  %-8s %s\n", $$1, $$2}'

setup: $(VENV)/.run-ready ## Install Likeness and the face models into .venv

$(VENV)/.run-ready: $(INPUTS)
	PYTHON=$(PYTHON) scripts/setup.sh run

$(VENV)/.test-ready: $(INPUTS)
	PYTHON=$(PYTHON) scripts/setup.sh test

$(VENV)/.check-ready: $(INPUTS)
	PYTHON=$(PYTHON) scripts/setup.sh check

demo: $(VENV)/.run-ready ## Render out/demo.mp4: a real photo speaks two sentences
	$(BIN)/likeness demo

# One thread for each process: threads of several processes would only wait for each other.
test: $(VENV)/.test-ready ## Run every test
	scripts/system-packages.sh
	OMP_NUM_THREADS=1 $(BIN)/pytest -m "not e2e" --numprocesses auto --maxprocesses 4 --dist loadfile
	$(BIN)/pytest -m e2e

e2e: $(VENV)/.test-ready ## Run the end-to-end tests only
	$(BIN)/pytest -m e2e

soak: $(VENV)/.test-ready ## A 15-minute script: memory and drift of every process
	$(BIN)/python -m bench.soak

bench: $(VENV)/.test-ready ## Latency and throughput through four processes
	$(BIN)/python -m bench.pipeline
	$(BIN)/python -m bench.mesh_frame

realism: $(VENV)/.test-ready ## Lips, life and likeness, measured in films of several portraits
	$(BIN)/python -m bench.realism

images: $(VENV)/.test-ready ## Draw docs/images anew
	$(BIN)/python -m bench.contact_sheet

check: $(VENV)/.check-ready ## Lint, types, imports, protos, generated code, README lines
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy $(PACKAGES) tests bench scripts training
	$(BIN)/lint-imports
	$(BUF) lint
	$(BUF) format --diff --exit-code
	scripts/check-breaking.sh
	scripts/check-generated.sh
	$(BIN)/python scripts/check_readme.py

format: $(VENV)/.check-ready ## Format code and protos
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	$(BUF) format -w

gen: $(VENV)/.check-ready ## Generate code from protos/
	scripts/gen.sh

train: ## Train the network that hears mouth shapes, in .venv-train; needs flite
	PYTHON=$(PYTHON) scripts/train.sh

lock: ## Write constraints.txt anew from the newest versions
	PYTHON=$(PYTHON) scripts/lock.sh

clean: ## Remove .venv, out and caches
	rm -rf $(VENV) .venv-train out .mypy_cache .ruff_cache .pytest_cache .hypothesis
