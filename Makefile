PYTHON ?= python3
VENV ?= .venv
REQUIREMENTS ?= .ci/requirements-test.txt

bin := $(VENV)/bin
installed := $(VENV)/.installed
# Linters, type checkers, Sphinx, build tools and the benchmark's peers have an environment of their own.
dev := .venv-dev/bin

.PHONY: bench coverage demo dev dist docs test lint clean requirements venv

demo: $(installed)
	$(bin)/python docs/examples/quickstart.py

test: $(installed)
	$(bin)/python -m pytest -n auto --dist loadgroup

coverage: $(installed)
	$(bin)/python -m coverage erase
	$(bin)/python -m coverage run -m pytest -n auto --dist loadgroup
	$(bin)/python -m coverage combine --quiet
	$(bin)/python -m coverage report

lint: dev
	$(dev)/ruff check .
	$(dev)/ruff format --check .
	$(dev)/lint-imports
	$(dev)/mypy
	PATH="$(abspath $(dev)):$$PATH" pyright
	$(dev)/codespell
	$(dev)/python -m tests.pages
	PATH="$(abspath $(dev)):$$PATH" pyright --verifytypes imagebuilder_dist --ignoreexternal

docs: dev
	$(dev)/python -m sphinx -n -W --keep-going -q -E -a -b html -d build/doctrees docs build/site
	$(dev)/python -m pytest -q -n 0 tests/site_checks.py

# The last commit's wheel and sdist, in dist/.
dist: dev
	.ci/dist $(dev)/python

# Prints the tables of docs/performance.md. Takes some ten minutes, in which nothing else should run.
bench: dev
	$(dev)/python .ci/bench.py

dev:
	@$(MAKE) --no-print-directory venv VENV=.venv-dev REQUIREMENTS=.ci/requirements-dev.txt

venv: $(installed)

# The README and the version are part of the metadata that is installed.
$(installed): $(REQUIREMENTS) pyproject.toml README.md imagebuilder_dist/_common/version.py
	$(PYTHON) -m venv $(VENV)
	$(bin)/python -m pip install --quiet --require-hashes --requirement $(REQUIREMENTS)
	$(bin)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	touch $@

# Renews every pin; after a change in pyproject.toml, `make requirements upgrade=` keeps those that still fit.
# Needs uv on the PATH (pip install uv).
upgrade := --upgrade
lock := uv pip compile --quiet --universal --generate-hashes --no-header --no-annotate $(upgrade)
requirements:
	$(lock) --group test pyproject.toml --output-file .ci/requirements-test.txt
	$(lock) --group dev pyproject.toml --constraints .ci/requirements-test.txt --output-file .ci/requirements-dev.txt
	$(lock) --group aio pyproject.toml --output-file .ci/requirements-aio.txt
	uv pip compile --quiet --no-header --no-annotate --no-deps --all-extras --resolution lowest-direct \
		--python-version 3.12 pyproject.toml | \
		$(lock) --group test pyproject.toml --constraints - --output-file .ci/requirements-lowest.txt

clean:
	rm -rf .venv* dist build .coverage .coverage.* .hypothesis .mypy_cache .pytest_cache .ruff_cache
