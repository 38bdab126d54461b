# `make` alone tells what there is. Set-up happens by itself and only when a lock file changed.

SHELL := /bin/bash
.DEFAULT_GOAL := help
.PHONY: help run test check assets history bench lock clean

PYTHON ?= $(shell for name in python3 python3.14 python3.13 python3.12 python3.11 python; do \
	$$name -c 'import sys, venv; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 \
	&& { command -v $$name; break; }; done)
BIN := .venv/bin
RUNTIME := .venv/.runtime-installed
TEST := .venv/.test-installed
DENO := .venv/.deno-installed
VENDOR := lifecycle/web/static/vendor/htmx.min.js
COMPILE = $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-header --no-annotate $(UPGRADE)

help: ## Say what can be made
	@grep -E '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' \
		| while IFS=$$'\t' read -r name text; do printf '  make %-9s %s\n' "$$name" "$$text"; done

run: $(RUNTIME) ## Set up and start everything: Temporal with its UI, the database, a worker
	@$(MAKE) --no-print-directory assets || true # said why; everything but comfort runs without
	@exec $(BIN)/python -m lifecycle up

test: check assets ## Set up, then lint, types, import contracts and all tests
	$(BIN)/python -m pytest -q -n 2 --dist loadscope $(ARGS)

check: $(TEST) ## Lint, formatting, types and import contracts only
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

assets: $(VENDOR) ## Fetch the scripts of the pages; run and test do it by themselves
	@:

history: $(TEST) ## Record a workflow history of this version for the replay tests
	$(BIN)/python -m tests.histories.record

bench: $(TEST) ## Measure what it costs, against a floor
	$(BIN)/python -m bench

lock: $(TEST) ## Pin the dependencies anew (newest allowed ones: make lock UPGRADE=--upgrade)
	$(COMPILE) --all-extras pyproject.toml -o requirements/runtime.txt
	$(COMPILE) requirements/test.in -o requirements/test.txt
	$(COMPILE) requirements/assets.in -o requirements/assets.txt

clean: ## Remove the environment and caches; what the engine knows (.lifecycle) stays
	rm -rf .venv build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# uv when it is there, else pip: both check the hashes.
define install
	@if [ -x $(BIN)/uv ]; then uv=$(BIN)/uv; else uv=$$(command -v uv || true); fi; \
	if ! { [ -n "$$uv" ] && VIRTUAL_ENV=.venv "$$uv" pip install --quiet --require-hashes -r $(1); }; \
	then $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $(1); fi
	@touch $@
endef

$(BIN)/python:
	@if [ -z "$(PYTHON)" ]; then \
		echo "No Python 3.11 or newer with its venv module was found."; \
		echo "Install one (Debian and Ubuntu: apt install python3 python3-venv), or name it:"; \
		echo "    make run PYTHON=/path/to/python3.11"; \
		exit 1; \
	fi
	@echo "Setting up .venv with $(PYTHON) …"
	@"$(PYTHON)" -m venv .venv

$(RUNTIME): requirements/runtime.txt | $(BIN)/python
	$(call install,requirements/runtime.txt)

$(TEST): requirements/test.txt | $(BIN)/python
	$(call install,requirements/test.txt)
	@touch $(RUNTIME)

$(DENO): requirements/assets.txt | $(BIN)/python
	$(call install,requirements/assets.txt)

$(VENDOR): assets/build.py assets/deno.lock lifecycle/web/vendor.json | $(BIN)/python
	@$(BIN)/python assets/build.py --there \
		|| { $(MAKE) -s $(DENO) && $(BIN)/python assets/build.py; }
	@touch $@
