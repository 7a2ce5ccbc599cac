# `make run` and `make test` set everything up by themselves: Python 3.11+, git and make suffice.
SHELL := /bin/bash
PYTHON ?= $(shell for p in python3.13 python3.12 python3.11 python3; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
BIN := .venv/bin
PY_FILES := agents bot processors mcp_servers emulators bench tests
# Bytecode is kept: the service is several processes, which start in two thirds of the time.
export PYTHONDONTWRITEBYTECODE :=

.PHONY: run test bench reliability scenarios lint types lock setup console console-test clean

run: setup console  ## serve on http://localhost:7860
	$(BIN)/python -m bot.run

# Calls run in real time on whatever the machine has left: what failed is tried once more, alone.
test: setup console  ## the whole suite
	$(BIN)/python -m pytest -n 3 --dist worksteal || { test $$? -eq 1 && \
		echo "Once more, one at a time:" && $(BIN)/python -m pytest -v --last-failed; }

bench: setup  ## per-call cost and delay beside a bare bridge
	$(BIN)/python -m bench

reliability: setup  ## place every call of the fault matrix, write the table of docs/reliability.md
	$(BIN)/python -m tests.reliability

scenarios: setup  ## every scenario of every team five times by voice, with a report in data/scenarios
	$(BIN)/python -m emulators.twilio suite tests/scenarios/*.yaml --engine emulator --caller rules \
		--repeat 5 --report data/scenarios --junit data/scenarios/junit.xml

lint: setup
	$(BIN)/ruff check $(PY_FILES)
	$(BIN)/ruff format --check $(PY_FILES)

types: setup
	$(BIN)/mypy

setup: .venv/.installed
console: console/dist/.built

CONSOLE_SOURCES := $(shell find console/src console/public -type f) \
	$(addprefix console/,index.html package.json tsconfig.json vite.config.ts)

console/node_modules/.installed: console/package-lock.json console/.npmrc | setup
	console/with-node npm ci --loglevel=error
	@touch $@

console/dist/.built: console/node_modules/.installed $(CONSOLE_SOURCES)
	console/with-node npm run --silent build
	@touch $@

console-test: console/node_modules/.installed  ## the page's own unit tests
	console/with-node npm test --silent
test: console-test

.venv/.installed: requirements.lock
	@test -n "$(PYTHON)" || { echo "Switchboard needs Python 3.11 or newer on PATH." >&2; exit 1; }
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	$(BIN)/uv pip sync --quiet --require-hashes --python $(BIN)/python requirements.lock
	@touch $@

lock: setup  ## after a change of the dependencies in pyproject.toml
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	$(BIN)/uv pip compile pyproject.toml --group dev --universal --generate-hashes --quiet \
		--no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" -o requirements.lock

clean:
	rm -rf .venv console/node_modules console/dist
