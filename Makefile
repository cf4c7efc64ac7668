PYTHON ?= python3
VENV ?= .venv
REQUIREMENTS ?= .ci/requirements-test.txt

bin := $(VENV)/bin
installed := $(VENV)/.installed

.PHONY: bench bench-aio demo docs test lint clean requirements venv install-lint

demo: $(installed)
	$(bin)/python docs/examples/quickstart.py

test: $(installed)
	$(bin)/python -m coverage erase
	$(bin)/python -m coverage run -m pytest -n auto -m "not long"
	$(bin)/python -m coverage combine --quiet
	$(bin)/python -m coverage report
	$(bin)/python -m pytest -n auto -m long

bench:
	$(MAKE) venv VENV=.venv-bench REQUIREMENTS=.ci/requirements-bench.txt
	.venv-bench/bin/python -m tests.benchmarks

bench-aio:
	$(MAKE) venv VENV=.venv-aio REQUIREMENTS=.ci/requirements-aio.txt
	.venv-aio/bin/python -m tests.benchmarks.asynchronous

docs:
	$(MAKE) venv VENV=.venv-docs REQUIREMENTS=.ci/requirements-docs.txt
	.venv-docs/bin/python -m sphinx -n -W --keep-going -q -E -a -b html -d build/doctrees docs build/site
	.venv-docs/bin/python -m pytest -q -n 0 tests/site_checks.py

lint: install-lint
	$(bin)/ruff check .
	$(bin)/ruff format --check .
	$(bin)/mypy
	PATH="$(abspath $(bin)):$$PATH" pyright
	$(bin)/python -m tests.pages
	PATH="$(abspath $(bin)):$$PATH" pyright --verifytypes imagebuilder_dist --ignoreexternal

venv: $(installed)

$(installed): $(REQUIREMENTS) pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(bin)/python -m pip install --quiet --require-hashes --requirement $(REQUIREMENTS)
	$(bin)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	touch $@

install-lint: $(installed) .ci/requirements-lint.txt
	$(bin)/python -m pip install --quiet --require-hashes --requirement .ci/requirements-lint.txt

# Renews every pin from pyproject.toml. Needs uv on the PATH (pip install uv).
lock := uv pip compile --quiet --universal --generate-hashes --no-header --no-annotate --upgrade
requirements:
	$(lock) --group test pyproject.toml --output-file .ci/requirements-test.txt
	$(lock) --group bench pyproject.toml --constraints .ci/requirements-test.txt --output-file .ci/requirements-bench.txt
	$(lock) --group docs pyproject.toml --constraints .ci/requirements-test.txt --output-file .ci/requirements-docs.txt
	$(lock) --group lint pyproject.toml --constraints .ci/requirements-bench.txt --output-file .ci/requirements-lint.txt
	printf 'boto3==1.38.39\nbotocore==1.38.39\n' | \
		$(lock) --group test pyproject.toml --constraints - --output-file .ci/requirements-oldest.txt
	printf 'boto3==1.43.94\nbotocore==1.43.94\n' | \
		$(lock) --group test pyproject.toml --constraints - --output-file .ci/requirements-1.43.txt
	printf 'aiobotocore==3.10.0\n' | \
		$(lock) --group aio pyproject.toml --constraints - --output-file .ci/requirements-aio.txt
	printf 'aiobotocore==2.23.1\n' | \
		$(lock) --group aio pyproject.toml --constraints - --output-file .ci/requirements-aio-2.txt

clean:
	rm -rf .venv* dist build .coverage .coverage.* .hypothesis .mypy_cache .pytest_cache .ruff_cache
