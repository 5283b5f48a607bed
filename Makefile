# skranke: `make run` and `make test` do all the set-up on a fresh machine with Python 3.11+.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
ARGS ?=
LIVES ?= 1000

.PHONY: run test quick check lint fuzz bench clean
.DEFAULT_GOAL := help

help:
	@echo "make run    a whole demo town to connect to       make test   every test"
	@echo "make check  format, lint, types, contracts, tests  make quick  the tests of under a minute"
	@echo "make fuzz   hostile frames, the model run long     make bench  measure against references"

$(STAMP): pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	touch $@

run: $(STAMP)
	$(BIN)/skranke demo $(ARGS)

test: $(STAMP)
	$(BIN)/python -m pytest $(ARGS)

quick: $(STAMP)
	$(BIN)/python -m pytest -m 'not slow' $(ARGS)

lint: $(STAMP)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

check: lint test

fuzz: $(STAMP)
	$(BIN)/python -m tests.fuzz $(ARGS)
	$(BIN)/python -m tests.model --examples $(LIVES)

bench: $(STAMP)
	$(BIN)/python -m benchmarks $(ARGS)

clean:
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis dist build
