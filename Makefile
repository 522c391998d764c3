# What a developer, a reader and CI call. Each target makes its own .venv; nothing is installed outside it.
PYTHON ?= python3
BIN    := .venv/bin
PIP    := -m pip -qq --disable-pip-version-check install
ARGS   ?=

.DEFAULT_GOAL := help
.PHONY: help venv demo test lint docs screenshots bench prove lock wheel-check clean python-version
.DELETE_ON_ERROR:

help:  ## show the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' Makefile
	@echo "With another Python: make test PYTHON=python3.12"

demo: venv  ## run the demo shop (its options: make demo ARGS="...")
	$(BIN)/ashop demo $(ARGS)

test: lint  ## everything a change needs: lint, docs up to date, tests
	$(BIN)/python docs/build.py --check
	$(BIN)/python -m pytest -n 2 -q $(ARGS)

lint: venv  ## format, lint, types, who may import whom
	$(BIN)/ruff format --check --quiet
	$(BIN)/ruff check --quiet
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo

docs: venv  ## write the generated pages anew
	$(BIN)/python docs/build.py

screenshots: venv  ## draw the mails with a real Chromium (installs Debian's, as root)
	$(BIN)/python docs/screenshots.py

bench: venv  ## measure
	$(BIN)/python benchmarks/run.py $(ARGS)

prove: venv  ## the long proofs: races, crashes, many orders
	$(BIN)/python -m pytest -m prove -q -p no:randomly --timeout 3600

venv: .venv/installed  ## make .venv, or bring it up to date

# Two steps, so that a change in pyproject.toml alone does not fetch everything again. --clear: what has left the lock
# leaves .venv too. The stamp is written last, so that an interrupted step is done again.
.venv/locked: requirements.lock
	@$(MAKE) --no-print-directory python-version
	@echo "Making .venv from requirements.lock (about half a minute) ..."
	@$(PYTHON) -m venv --clear .venv
	@$(BIN)/python $(PIP) --require-hashes -r requirements.lock
	@touch $@

.venv/installed: .venv/locked pyproject.toml
	@$(BIN)/python $(PIP) --no-deps --no-build-isolation --editable .
	@touch $@

python-version:
	@command -v $(PYTHON) >/dev/null || { echo "No $(PYTHON) here. Name another: make PYTHON=python3.12" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "Ashop needs Python 3.11 or newer; $(PYTHON) is $$($(PYTHON) --version 2>&1)." >&2; \
	  echo "Name a newer one: make PYTHON=python3.12" >&2; exit 1; }

# Pins stay as they are where they still fit; ARGS=--upgrade takes the newest. No address is written.
lock: python-version  ## write requirements.lock anew from pyproject.toml (ARGS=--upgrade: newest versions)
	$(PYTHON) -m venv --clear .venv-lock
	.venv-lock/bin/python $(PIP) uv
	.venv-lock/bin/uv pip compile --quiet --universal --python-version 3.11 --all-extras --group dev \
	  --generate-hashes --no-emit-index-url --no-emit-find-links --no-annotate --no-header \
	  $(ARGS) --output-file requirements.lock pyproject.toml
	@if grep -nE '[a-z+]+://' requirements.lock; then echo "requirements.lock holds an address" >&2; exit 1; fi
	rm -rf .venv-lock

# The wheel as a stranger gets it, away from this folder: is every package in it, and does the command start?
wheel-check: venv  ## build the wheel and try it in a fresh environment
	rm -rf dist .venv-wheel
	$(BIN)/hatchling build -t wheel -d dist
	$(PYTHON) -m venv .venv-wheel
	.venv-wheel/bin/python $(PIP) --require-hashes -r requirements.lock
	.venv-wheel/bin/python $(PIP) --no-deps dist/*.whl
	cd .venv-wheel && bin/ashop --help
	cd .venv-wheel && bin/python -c 'from importlib.metadata import distribution as d; [p.load() for p in d("ashop").entry_points]'
	rm -rf .venv-wheel

clean:  ## remove what make made, .venv too
	rm -rf .venv .venv-lock .venv-wheel dist build .coverage htmlcov
	rm -rf .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find ashop_core plugins tests docs benchmarks -name __pycache__ -type d -prune -exec rm -rf {} + 2>/dev/null || true
