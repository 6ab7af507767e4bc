# Needs Python 3.10 or later with venv, git, and a Python package index. Everything that is made
# stays in .venv and .cache.

PYTHON ?= $(firstword $(foreach name,python3 python3.14 python3.13 python3.12 python3.11 python3.10,\
    $(shell $(name) -c 'import sys, ensurepip, venv; sys.exit(sys.version_info < (3, 10))' \
        2>/dev/null && echo $(name))))
VENV := .venv/bin
BENCH_FILES ?=

.PHONY: help env tools demo test bench clean

help:
	@echo 'make env    make .venv with helm-compat and what its development needs'
	@echo 'make tools  fetch the real Helm 3, Helm 4 and kubectl into .cache/tools'
	@echo 'make demo   render two charts through real Helm and show what happens'
	@echo 'make test   check format, lint, types; run all tests'
	@echo 'make bench  measure; BENCH_FILES="FILE…" measures manifests of your own'
	@echo 'make clean  remove .venv and .cache'

env: .venv/complete

.venv/complete: pyproject.toml
	@test -n '$(PYTHON)' || \
	    { echo 'no Python 3.10 or later with venv found; name it: make PYTHON=…' >&2; exit 1; }
	$(PYTHON) -m venv --clear .venv
	$(VENV)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	$(VENV)/python -m compileall -q helm_compat
	@touch $@

tools: env
	$(VENV)/python tools/fetch_binaries.py

demo: env tools
	$(VENV)/python demo/run.py

test: env tools
	$(VENV)/ruff format --check .
	$(VENV)/ruff check .
	$(VENV)/mypy
	$(VENV)/python -X warn_default_encoding -m pytest --numprocesses auto --dist loadfile

bench: env tools
	$(VENV)/python benchmarks/render.py $(BENCH_FILES)
	$(VENV)/python benchmarks/lint.py
	$(VENV)/python benchmarks/inventory.py
	$(VENV)/python benchmarks/plan.py
	$(VENV)/python benchmarks/mirror.py

clean:
	rm -rf .venv .cache
