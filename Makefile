# Everything that people and CI run. `make help` lists it.

SHELL := /bin/sh
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

# The Python that makes the environment, 3.11 or newer.
PYTHON ?= python3
VENV := .venv

# Running ---------------------------------------------------------------------------------------------------------
.PHONY: up
up: $(VENV)/lock.installed ## everything on this machine; PORT and FLOWER_PORT choose other ports than 8000 and 5555
	@exec $(VENV)/bin/python -m project.local

# Testing ---------------------------------------------------------------------------------------------------------
.PHONY: test check unit unit-postgres crashes flows faults faults-quick doubles test-newest
# Tiers that mostly wait, three at once; each one's output comes when it is done.
test: check ## everything that CI runs; tiers whose servers do not answer are named at the end
	$(MAKE) --no-print-directory --jobs=3 --output-sync flows unit unit-postgres crashes
	$(MAKE) --no-print-directory faults-quick

check: $(VENV)/dev-lock.installed ## format, lint, imports, types, migrations
	$(VENV)/bin/ruff format --check --quiet .
	$(VENV)/bin/ruff check --quiet .
	$(VENV)/bin/lint-imports --no-cache > $(VENV)/imports.txt || { cat $(VENV)/imports.txt; exit 1; }
	$(VENV)/bin/mypy
	$(VENV)/bin/python manage.py makemigrations --check --dry-run

unit: $(VENV)/dev-lock.installed ## tests without other processes, on SQLite, with branch coverage
	$(VENV)/bin/coverage run -m pytest tests --ignore=tests/flows --ignore=tests/crashes
	$(VENV)/bin/coverage report --fail-under=95
	$(VENV)/bin/coverage report --fail-under=100 --include='receivers/*,tasks/*,project/jobs/*'

ON_POSTGRES = tests/flows/test_units_on_postgresql.py
unit-postgres: $(VENV)/dev-lock.installed ## the same tests as unit on PostgreSQL
	$(VENV)/bin/pytest $(ON_POSTGRES)

flows: $(VENV)/dev-lock.installed ## stories with real processes: SQLite, PostgreSQL, Redis, RabbitMQ, mail server, browser
	@[ "$$CI" != true ] || sh tests/flows/install_browser.sh
	$(VENV)/bin/pytest tests/flows --ignore=$(ON_POSTGRES)

crashes: $(VENV)/dev-lock.installed ## processes die at every step of the life of a job
	$(VENV)/bin/pytest tests/crashes

# What the program takes further, such as FAULTS="--commits 3000 --seed 7"; `python -m tests.faults --help` says all.
FAULTS ?=

faults: $(VENV)/dev-lock.installed ## the proof: all that can die is killed during thousands of commits, then all is counted; 30 minutes
	$(VENV)/bin/python -m tests.faults --database postgres --broker redis --both $(FAULTS)
	$(VENV)/bin/python -m tests.faults --database postgres --broker rabbitmq $(FAULTS)
	$(VENV)/bin/python -m tests.faults --database sqlite --broker redis $(FAULTS)
	$(VENV)/bin/python -m tests.faults --database sqlite --broker rabbitmq $(FAULTS)

# What it takes further, such as DOUBLES="--kills 1000"; `python -m tests.faults.doubles --help` says all.
DOUBLES ?=

doubles: $(VENV)/dev-lock.installed ## how often a mail goes out twice when its worker is killed; 30 minutes, on a machine that does nothing else
	$(VENV)/bin/python -m tests.faults.doubles --one $(DOUBLES)
	$(VENV)/bin/python -m tests.faults.doubles $(DOUBLES)

faults-quick: $(VENV)/dev-lock.installed ## the same in a minute, on PostgreSQL and Redis
	$(VENV)/bin/python -m tests.faults --database postgres --broker redis --quick $(FAULTS)

test-newest: ## the same tests without other processes on the newest Django and Python 3.13, where that is present
	@command -v python3.13 >/dev/null && python3.13 -c '' 2>/dev/null || { echo "LEFT OUT: there is no python3.13"; exit 0; }
	$(MAKE) --no-print-directory VENV=.venv-newest PYTHON=python3.13 newest

.PHONY: newest
newest: $(VENV)/newest-lock.installed
	$(VENV)/bin/python -m pytest tests --ignore=tests/flows --ignore=tests/crashes

# Measuring -------------------------------------------------------------------------------------------------------
# What the program takes further, such as BENCH="--quick --only ours --only huey".
BENCH ?=

.PHONY: bench measured
bench: ## ours and peers side by side, in an environment of their own; an hour, or 5 minutes with BENCH=--quick
	@$(MAKE) --no-print-directory VENV=.venv-bench measured

measured: $(VENV)/lock.installed $(VENV)/bench.installed
	$(VENV)/bin/python -m tests.bench $(BENCH)

# Their versions are pinned, and what they need themselves is not: nothing of it goes where the site runs.
$(VENV)/bench.installed: requirements/bench.txt $(VENV)/lock.installed
	$(VENV)/bin/pip install --quiet --disable-pip-version-check -r $<
	@touch $@

# Looking ---------------------------------------------------------------------------------------------------------
.PHONY: shots
shots: $(VENV)/dev-lock.installed ## screenshots of pages, mails and an invoice into var/shots/; needs Chromium
	$(VENV)/bin/python -m tests.shots

# Writing ---------------------------------------------------------------------------------------------------------
.PHONY: format lock messages
format: $(VENV)/dev-lock.installed ## format and mend what can be mended
	$(VENV)/bin/ruff format .
	$(VENV)/bin/ruff check --fix .

messages: $(VENV)/dev-lock.installed ## bring the translations up to date; names what is not translated
	$(VENV)/bin/python -m tests.messages

LOCK = $(VENV)/bin/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-emit-find-links \
	--custom-compile-command "make lock"
lock: $(VENV)/dev-lock.installed ## write the lock files anew from the requirements
	$(LOCK) --python-version 3.11 requirements.txt -o requirements/lock.txt
	$(LOCK) --python-version 3.11 requirements/dev.txt -c requirements/lock.txt -o requirements/dev-lock.txt
	$(LOCK) --python-version 3.13 requirements/dev.txt --override requirements/newest.txt -o requirements/newest-lock.txt

# The environment -------------------------------------------------------------------------------------------------
# One file of requirements a stamp: what is installed already is not looked at again until its lock changes.
$(VENV)/%.installed: requirements/%.txt | $(VENV)/bin/pip
	$(VENV)/bin/pip install --quiet --disable-pip-version-check --require-hashes -r $<
	@touch $@

# pip is what comes last: an environment that could not be finished has none.
$(VENV)/bin/pip:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
		echo "PYTHON is $(PYTHON) ($$($(PYTHON) --version 2>/dev/null || echo not found)); expected 3.11 or newer: make up PYTHON=python3.12" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
		echo "$(PYTHON) has no venv; expected Python's own (Debian and Ubuntu: apt install python3-venv)" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)

# Help ------------------------------------------------------------------------------------------------------------
.PHONY: help
help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/\1\t\2/p' $(MAKEFILE_LIST) | sort | awk -F '\t' '{ printf "  make %-14s %s\n", $$1, $$2 }'
