# `make help` lists what there is. Every target sets up what it needs: Python 3.11 or newer, git and make are enough.
#
#   PYTHON=/path/to/python      the interpreter .venv is made with (looked for otherwise)
#   PREFIX=/opt/agent-console   where `make install` puts the program
#   ARGS="…"                    handed on to the program, the tests or the benchmarks

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-builtin-rules --no-print-directory
.DELETE_ON_ERROR:

VENV := .venv
PY := $(VENV)/bin/python
INSTALLED := $(VENV)/.installed
CATALOGUES := $(VENV)/.catalogues
PREFIX ?= /opt/agent-console
ARGS ?=
# how the tests are spread: on two cores four processes, for half of a test's time is waiting (for a screen, a server,
# a disk); tests of one xdist group together
SPREAD ?= -n 4 --dist loadgroup
# the slow ones are about time, and about what dies: fewer at once
SLOW_SPREAD ?= -n 3 --dist loadgroup

export PIP_DISABLE_PIP_VERSION_CHECK := 1
# nothing of the user's own may leak into or out of the environment
export PYTHONNOUSERSITE := 1
unexport PYTHONPATH PYTHONHOME VIRTUAL_ENV
# what is compiled once is kept: hundreds of servers and consoles are started, and each would compile everything anew
unexport PYTHONDONTWRITEBYTECODE PYTHONPYCACHEPREFIX

.PHONY: help
help: ## this list
	@echo 'make TARGET [ARGS="…"]'
	@sed -n 's/^\([a-z][a-z-]*\):.*## \(.*\)/  \1|\2/p' Makefile | awk -F'|' '{printf "%-16s %s\n", $$1, $$2}'

# ---------------------------------------------------------------- set-up

.PHONY: setup
setup: $(CATALOGUES) ## make .venv with what requirements.lock names
	@:

$(INSTALLED): requirements.lock pyproject.toml hatch_build.py
	@PYTHON="$(PYTHON)" .ci/venv $(VENV) $<
	@# hatchling, babel and editables come from the lock too, so nothing is fetched to build our own package
	@$(PY) -m pip install --quiet --no-deps --no-build-isolation -e .
	@touch $@

$(CATALOGUES): $(INSTALLED) tools/translations.py $(wildcard agent_console/locale/*/LC_MESSAGES/*.po)
	@$(PY) tools/translations.py compile
	@touch $@

.PHONY: system-parts
system-parts: ## the programs beside Python that some tests need (installs them as root on Debian)
	@.ci/system-parts

COMPILE = $(PY) -m uv --no-config pip compile --quiet --universal --python-version 3.11 --generate-hashes \
    --no-emit-index-url --no-emit-find-links --custom-compile-command "make lock"

.PHONY: lock
lock: $(INSTALLED) ## write the lock files anew from pyproject.toml (ARGS="--upgrade-package NAME")
	@$(PY) -m pip install --quiet 'uv>=0.9'
	@$(COMPILE) --all-extras $(ARGS) -o requirements.lock pyproject.toml
	@$(COMPILE) --constraints requirements.lock --no-annotate -o requirements-run.lock pyproject.toml
	@if grep -nE '://|(^| )(-i|--index-url|--extra-index-url|--find-links|-e|-f) |@ |file:|/home/' requirements*.lock; then \
	    echo 'a lock file names a place: take the lines above out' >&2; exit 1; fi

# ---------------------------------------------------------------- use

.PHONY: demo
demo: setup ## a contact centre with customers in it, nothing to configure (ARGS="--no-tui --for 20")
	@exec $(PY) -m agent_console demo $(ARGS)

.PHONY: install
install: setup ## install what is needed to run it, and no more, into PREFIX (/opt/agent-console)
	@PYTHON="$(PYTHON)" .ci/install $(PREFIX)

.PHONY: screenshots
screenshots: setup ## docs/images, painted by the real console
	@mkdir -p docs/images
	@$(PY) -m agent_console --lang es demo --seed 7 --screenshot docs/images/inbox.svg $(ARGS)
	@# whoever opens the picture shall not fetch a font from a third party for it
	@sed -e '/url("https:/d' -e 's/\(local("FiraCode-[A-Za-z]*")\),/\1;/' docs/images/inbox.svg > docs/images/inbox.new
	@mv docs/images/inbox.new docs/images/inbox.svg

.PHONY: pictures
pictures: setup ## the guide's pictures in docs/images, from those that the tests hold
	@$(PY) tools/pictures.py

# ---------------------------------------------------------------- quality

.PHONY: test
test: setup system-parts ## all tests but the slow ones (ARGS="tests/cli -k login")
	@$(PY) -m pytest $(SPREAD) -m "not slow" $(ARGS)

.PHONY: slow
slow: setup system-parts ## the slow tests: faults, fuzz, browser
	@$(PY) -m pytest $(SLOW_SPREAD) -m slow $(ARGS)

.PHONY: lint
lint: setup ## style, types, who may import whom, translations
	@$(PY) -m ruff check .
	@$(PY) -m ruff format --check .
	@$(PY) -m mypy
	@$(VENV)/bin/lint-imports --no-cache --no-logo
	@$(PY) tools/translations.py check

.PHONY: check
check: lint test ## lint and test: what to run before a commit

.PHONY: bench
bench: setup ## measurements, printed as JSON (ARGS="ingest")
	@.ci/system-parts neomutt aerc
	@$(PY) -m bench $(ARGS)

.PHONY: clean
clean: ## remove .venv and everything made by the targets above
	@rm -rf $(VENV) dist build .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache snapshot_report.html
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
	@find agent_console/locale -name '*.mo' -delete
