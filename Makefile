# Thin aliases; everything works without make. `make help` lists them.
PYTHON := .venv/bin/python
UV := .venv/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes

.DEFAULT_GOAL := help
.PHONY: help start test check bench bench-engine bench-pipeline bench-dry-run bench-record bench-history bench-release bench-pages chaos pictures lock

help: ## Lists these targets
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 20

start: ## Runs everything until Ctrl-C
	python3 start.py

test: ## Runs the whole test suite (ARGS="tests/local -x" for a part)
	python3 start.py test $(ARGS)

check: ## Lints, checks types and import contracts; starts nothing
	$(PYTHON) -m ruff check .
	$(PYTHON) -m ruff format --check .
	$(PYTHON) -m mypy
	.venv/bin/lint-imports

bench: ## Measures event-to-decision times on a copy of its own
	$(PYTHON) -m tests.benchmarks.loop

bench-engine: ## Measures the rule engine beside others (ARGS="--quick", "--help")
	$(PYTHON) -m tests.benchmarks.engine $(ARGS)

bench-pipeline: ## Measures accepting and applying events and how it grows (ARGS="--quick", "--help")
	$(PYTHON) -m tests.benchmarks.pipeline $(ARGS)

bench-dry-run: ## Measures a dry run of 100,000 decisions over 1,000 rules (ARGS="--decisions N")
	$(PYTHON) -m tests.benchmarks.dry_run $(ARGS)

bench-record: ## Measures what a decision and its record cost without Redis
	$(PYTHON) -m tests.benchmarks.record

bench-history: ## Measures asking and verifying 2,000 releases (ARGS="--help")
	$(PYTHON) -m tests.benchmarks.history $(ARGS)

bench-release: ## Measures a release from publish to live in every process
	$(PYTHON) -m tests.benchmarks.release $(ARGS)

bench-pages: ## Measures opening pages with 1,000 rules, 2,000 tags, 500 templates (ARGS="--help")
	$(PYTHON) -m tests.benchmarks.pages $(ARGS)

chaos: ## Proves exactly once at full size (ARGS="--log kafka", "--help")
	$(PYTHON) -m tests.chaos $(ARGS)

pictures: ## Takes the README's pictures of the copy that runs
	$(PYTHON) -m tests.browser.pictures

lock: ## Writes the lock files anew from pyproject.toml
	echo uv==$$(.venv/bin/uv --version | cut -d' ' -f2) | $(UV) - -o requirements-uv.txt
	$(UV) pyproject.toml -o requirements.txt
	$(UV) pyproject.toml --group dev -c requirements.txt -o requirements-dev.txt
