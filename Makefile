# What can be run from a clone. `make` lists it.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.PHONY: help setup test lint format demo lab vm-test bench soak sam-build constraints clean

PYTHON := .venv/bin/python
# The layers are built by `python3 -m pip`, which Debian's own python3 may lack.
SAM := SAM_CLI_TELEMETRY=0 PATH="$(CURDIR)/.venv-sam/bin:$$PATH" .venv-sam/bin/sam

LAB_OPTIONS = $(if $(SEED),--seed $(SEED)) $(if $(TRUNK),--trunk $(TRUNK))

# What waits for the timers of libpri waits together, and what computes has every core. All else runs
# in real time, with voice or as whole processes, and has the machine to itself.
WAITING := $(wildcard tests/wires/test_libpri*.py)
COMPUTING := $(addprefix tests/,admin cloud contracts core flows functions fuzz sim) \
	$(addprefix tests/edge/,cama gateway isdn ops sip store sync test_sync_process.py) \
	$(wildcard tests/wires/test_tshark*.py)
TOGETHER := -n 6 --dist worksteal
EVERY_CORE := -n auto --maxprocesses=4 --dist loadfile

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: ## system packages (when root), .venv and .venv-sam; instant when nothing changed
	@tools/setup

test: setup ## lint, types and every test that needs no virtual machine
	@$(MAKE) --no-print-directory lint
	@failed=; \
	echo "test: pytest, what waits for libpri's timers"; \
	$(PYTHON) -m pytest $(TOGETHER) $(WAITING) || failed=1; \
	echo "test: pytest, what computes"; \
	$(PYTHON) -m pytest $(EVERY_CORE) $(COMPUTING) || failed=1; \
	echo "test: pytest, what runs in real time"; \
	$(PYTHON) -m pytest $(addprefix --ignore=,$(WAITING) $(COMPUTING)) || failed=1; \
	if [[ $$failed ]]; then echo "test: FAILED"; exit 1; fi; echo "test: everything passed"

lint: setup ## ruff and mypy --strict
	@echo "lint: ruff check"
	@.venv/bin/ruff check .
	@echo "lint: ruff format --check"
	@.venv/bin/ruff format --check .
	@echo "lint: mypy --strict"
	@.venv/bin/mypy $(wildcard layers/core/e911 layers/cloud/e911_cloud edge_agent functions admin lab bench tests)

format: setup ## let ruff lay out the code and mend what it can
	@.venv/bin/ruff check --fix .
	@.venv/bin/ruff format .

demo: setup ## the story of the main job, in a lab on loopback, with measured times (TRUNK=cama, SEED=n: other people)
	@$(PYTHON) -m lab.story $(LAB_OPTIONS)

lab: setup ## the same world, kept running (TRUNK=cama, SEED=n: other people)
	@$(PYTHON) -m lab $(LAB_OPTIONS)

vm-test: setup ## the DAHDI driver against the real kernel driver, in a virtual machine
	@tools/vm/test

bench: setup ## the budgets, measured; results in bench/results
	@$(PYTHON) -m bench

soak: setup ## the simulation with 10,000 seeds, and every cell of libpri with 1,000 calls each way
	@SIM_SEEDS=10000 $(PYTHON) -m pytest -n auto tests/sim --timeout=0
	@LIBPRI_CALLS=1000 $(PYTHON) -m pytest $(TOGETHER) tests/wires/test_libpri_matrix.py --timeout=0 -rP

sam-build: setup ## what `sam deploy` would upload
	@$(SAM) validate --lint
	@$(SAM) build

constraints: ## resolve the newest allowed versions into constraints.txt
	@tools/resolve-constraints

clean: ## forget everything that was made from this tree
	rm -rf .venv .venv-sam .aws-sam build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
