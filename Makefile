PYTHON ?= python3
VENV ?= .venv
REQUIREMENTS ?= .ci/requirements-test.txt

bin := $(VENV)/bin
installed := $(VENV)/.installed

.PHONY: bench coverage demo dist docs test lint clean requirements venv install-lint

demo: $(installed)
	$(bin)/python docs/examples/quickstart.py

test: $(installed)
	$(bin)/python -m pytest -n auto

# Measuring takes half as long again; the tests that are marked long cover nothing that others don't.
coverage: $(installed)
	$(bin)/python -m coverage erase
	$(bin)/python -m coverage run -m pytest -n auto -m "not long"
	$(bin)/python -m coverage combine --quiet
	$(bin)/python -m coverage report

# Renews docs/performance.md. Takes some ten minutes, in which nothing else should run.
bench:
	$(MAKE) venv VENV=.venv-bench REQUIREMENTS=.ci/requirements-bench.txt
	$(MAKE) venv VENV=.venv-aio REQUIREMENTS=.ci/requirements-aio.txt
	.venv-bench/bin/python -m tests.benchmarks --write docs/performance.md
	.venv-aio/bin/python -m tests.benchmarks.asynchronous --write docs/performance.md

docs:
	$(MAKE) venv VENV=.venv-docs REQUIREMENTS=.ci/requirements-docs.txt
	.venv-docs/bin/python -m sphinx -n -W --keep-going -q -E -a -b html -d build/doctrees docs build/site
	.venv-docs/bin/python -m pytest -q -n 0 tests/site_checks.py

lint: install-lint
	$(bin)/ruff check .
	$(bin)/ruff format --check .
	$(bin)/mypy
	PATH="$(abspath $(bin)):$$PATH" pyright
	$(bin)/codespell
	$(bin)/python -m tests.prose
	$(bin)/python -m tests.pages
	PATH="$(abspath $(bin)):$$PATH" pyright --verifytypes imagebuilder_dist --ignoreexternal

# The last commit's wheel and sdist, in dist/.
dist: .venv-dist/.installed
	.ci/dist .venv-dist/bin/python

.venv-dist/.installed: .ci/requirements-dist.txt
	$(PYTHON) -m venv .venv-dist
	.venv-dist/bin/python -m pip install --quiet --require-hashes --requirement .ci/requirements-dist.txt
	touch $@

venv: $(installed)

# The README and the version are part of the metadata that is installed.
$(installed): $(wildcard .ci/requirements-*.txt) pyproject.toml README.md imagebuilder_dist/_common/version.py
	$(PYTHON) -m venv $(VENV)
	$(bin)/python -m pip install --quiet --require-hashes --requirement $(REQUIREMENTS)
	$(bin)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	touch $@

install-lint: $(installed) .ci/requirements-lint.txt
	$(bin)/python -m pip install --quiet --require-hashes --requirement .ci/requirements-lint.txt

# Renews every pin; after a change in pyproject.toml, `make requirements upgrade=` keeps those that still do.
# Needs uv on the PATH (pip install uv).
upgrade := --upgrade
lock := uv pip compile --quiet --universal --generate-hashes --no-header --no-annotate $(upgrade)
requirements:
	$(lock) --group test pyproject.toml --output-file .ci/requirements-test.txt
	$(lock) --group bench pyproject.toml --constraints .ci/requirements-test.txt --output-file .ci/requirements-bench.txt
	$(lock) --group docs pyproject.toml --constraints .ci/requirements-test.txt --output-file .ci/requirements-docs.txt
	$(lock) --group lint pyproject.toml --constraints .ci/requirements-bench.txt --output-file .ci/requirements-lint.txt
	$(lock) --group dist pyproject.toml --constraints .ci/requirements-test.txt --output-file .ci/requirements-dist.txt
	printf 'boto3==1.38.39\nbotocore==1.38.39\n' | \
		$(lock) --group test pyproject.toml --constraints - --output-file .ci/requirements-oldest.txt
	printf 'boto3==1.43.94\nbotocore==1.43.94\n' | \
		$(lock) --group test pyproject.toml --constraints - --output-file .ci/requirements-1.43.txt
	printf 'aiobotocore==3.10.0\n' | \
		$(lock) --group aio pyproject.toml --constraints - --output-file .ci/requirements-aio.txt
	printf 'aiobotocore==2.23.1\n' | \
		$(lock) --group aio pyproject.toml --constraints - --output-file .ci/requirements-aio-2.txt
	$(PYTHON) .ci/share_pins.py

clean:
	rm -rf .venv* dist build .coverage .coverage.* .hypothesis .mypy_cache .pytest_cache .ruff_cache
