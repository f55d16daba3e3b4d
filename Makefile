# make run     install the requirements and start http://127.0.0.1:8000
# make test    the test suite, with a browser and a Redis server
# make test-all    the same with all combinations, for instance of sizes and themes; takes much longer
# make check   format, lint, types of Python and JavaScript, Dockerfile; that `make wire` is not due
# make wire    write the page's types and the tables of docs/wire.md from the OpenAPI document
# make test-lowest    a part of the tests, with the lowest versions that pyproject.toml allows
# make test-newest    the same, with the newest versions of everything
# make image-test     build and run the image, alone and as a class, with Docker
# make check-corpus   how many mistakes the checker names
# make bench   the benchmarks
# make clean   remove all files made by these targets
#
# PYTHON=/path/to/python3 chooses the interpreter (3.11 or newer), ARGS="--port 9000" goes to the program.

# Each interpreter has its own virtual environment.
ifdef PYTHON
SUFFIX := -$(shell $(PYTHON) -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null)
endif
VENV := .venv$(SUFFIX)
BIN := $(VENV)/bin
# Biome and TypeScript, with the versions of the lock file. NODE runs them.
JS := scripts/js
NODE := sh scripts/node.sh $(VENV)
SOURCES := pyproject.toml constraints.txt scripts/venv.sh

# Everything that depends on NumPy's loops, autograd's tracer, uvicorn, FastAPI and pydantic.
SMOKE := tests/tape $(addprefix tests/engine/test_,backprop.py trace.py notation.py) tests/proof \
    $(addprefix tests/experiments/test_,training_run.py recipe.py) tests/exports/test_exports.py \
    $(addprefix tests/api/test_,traces.py checks.py experiments.py frames.py datasets.py security.py) \
    tests/web/test_server.py $(addprefix tests/test_,settings.py main.py cli.py)

.PHONY: run test test-all test-lowest test-newest image-test check wire check-corpus bench clean

run: $(VENV)/.installed-run
	@exec $(BIN)/python -m backprop_explorer $(ARGS)

# Each test process has its own server and browser. ARGS="-n 0" for one process.
test: $(VENV)/.installed-test
	@sh scripts/system-tools.sh
	@$(BIN)/python -m pytest -n auto --dist worksteal $(CASES) $(ARGS)

# What the mark "exhaustive" leaves out of `make test` as well.
test-all: CASES := -m ""
test-all: test

# With the oldest Python: make test-lowest PYTHON=python3.11
test-lowest: .venv-lowest$(SUFFIX)/.installed-lowest
test-newest: .venv-newest$(SUFFIX)/.installed-newest
test-lowest test-newest:
	@$(<D)/bin/python -m pytest -n auto --dist worksteal $(SMOKE) $(ARGS)

# Needs Docker, or root and Debian's docker.io; reports what is missing. ARGS="--private"
image-test:
	@$(or $(PYTHON),python3) scripts/image_test $(ARGS)

check: $(VENV)/.installed-test $(JS)/node_modules/.installed
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(NODE) biome ci --error-on-warnings --config-path=$(JS) static/js static/css tests/js
	$(NODE) $(BIN)/python scripts/wire.py --check
	$(NODE) tsc --project $(JS)
	$(BIN)/hadolint Dockerfile

wire: $(VENV)/.installed-test $(JS)/node_modules/.installed
	@$(NODE) $(BIN)/python scripts/wire.py

# Counts the named mistakes of students, and right answers that are marked wrong.
check-corpus: $(VENV)/.installed-test
	@$(BIN)/python -m tests.corpus.report $(ARGS)

# ARGS=--quick for a fast, noisy run; ARGS="updates page" for some benchmarks.
bench: $(VENV)/.installed-test $(VENV)/.installed-bench
	@sh scripts/system-tools.sh
	$(BIN)/python -m bench $(ARGS)

clean:
	rm -rf .venv .venv-* $(JS)/node_modules $(JS)/openapi/node_modules dist build .cache .pytest_cache .mypy_cache .ruff_cache .hypothesis test-output
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# One stamp file for each set of extras: nothing is installed while it is newer than the lists.
$(VENV)/.installed-%: $(SOURCES)
	@sh scripts/venv.sh $(VENV) $*

$(JS)/node_modules/.installed: $(JS)/package-lock.json | $(VENV)/.installed-test
	@echo "Installing the JavaScript tools in $(JS)/node_modules"
	@$(NODE) npm --prefix $(JS) ci --no-audit --no-fund --loglevel=error >/dev/null
	@touch $@

# A new environment each time, so that installed versions do not count.
.venv-lowest$(SUFFIX)/.installed-lowest .venv-newest$(SUFFIX)/.installed-newest: $(SOURCES)
	@rm -rf $(@D)
	@sh scripts/venv.sh $(@D) $(patsubst .installed-%,%,$(@F))
