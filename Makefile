# make run     install what is needed and start http://127.0.0.1:8000
# make test    the test suite, with a browser and a Redis server
# make check   format, lint, types, Dockerfile
# make check-corpus   how many mistakes the checker names
# make bench   the benchmarks
# make clean   remove what the above made
#
# PYTHON=/path/to/python3 chooses the interpreter (3.11 or newer), ARGS="--port 9000" goes to the program.

VENV := .venv
BIN := $(VENV)/bin
SOURCES := pyproject.toml constraints.txt scripts/venv.sh

.PHONY: run test check check-corpus bench clean

run: $(VENV)/.installed-run
	@exec $(BIN)/python -m app $(ARGS)

# Each process of tests has a server and a browser of its own. ARGS="-n 0" for one process.
test: $(VENV)/.installed-test
	@sh scripts/system-tools.sh
	@$(BIN)/python -m pytest -n auto --maxprocesses 4 --dist worksteal $(ARGS)

check: $(VENV)/.installed-test
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/hadolint Dockerfile

# How many mistakes of students are named, and how many right answers are called wrong.
check-corpus: $(VENV)/.installed-test
	@$(BIN)/python -m tests.corpus.report $(ARGS)

# ARGS=--quick for a first look, ARGS="updates page" for some.
bench: $(VENV)/.installed-test $(VENV)/.installed-bench
	@sh scripts/system-tools.sh
	$(BIN)/python -m bench $(ARGS)

clean:
	rm -rf $(VENV) dist build .cache .pytest_cache .mypy_cache .ruff_cache .hypothesis test-output
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# One stamp for each set of extras: as long as it is newer than the lists, nothing is installed.
$(VENV)/.installed-%: $(SOURCES)
	@sh scripts/venv.sh $(VENV) $*
