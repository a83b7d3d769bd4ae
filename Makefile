# Every task of the project. `make` lists them; each is a thin call, the work is in scripts/.
SHELL := /bin/bash
.DEFAULT_GOAL := help
.PHONY: help venv demo test test-all test-fast test-provision lint format faults simulate bench shots prompts messages package lock clean
# What is compiled is kept: without, each start of the product compiles all of it and all that it
# imports, 1.8 s of a processor, and each worker of pytest rewrites every test.
unexport PYTHONDONTWRITEBYTECODE
PY := .venv/bin/python
OURS := asterisk_callback dialplan flask_app tests

help: ## lists the tasks
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-15s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

venv: ## makes .venv from requirements-dev.lock, when that has changed
	@scripts/venv.sh

demo: ## places a real callback on this machine, then goes on serving
	@scripts/venv.sh run
	@$(PY) -m tests.demo

test: ## sets up and runs the tests: real Asterisk 22 and 16, PostgreSQL, Chromium; 8 min
	@scripts/test.sh $(ARGS)

test-all: ## runs what make test leaves out: variants, second databases, pictures, provision (root)
	@scripts/test.sh --rest $(ARGS)

test-fast: venv ## lint, unit and a slice of web and store on SQLite, in under 30 s
	@scripts/test-fast.sh $(ARGS)

test-provision: venv ## runs the provision script in fresh Debian root file systems (root)
	@scripts/test-setup.sh
	@$(PY) -m pytest -n 2 -m provision tests/provision $(ARGS)

lint: venv ## ruff, mypy, the arrows between the modules, shellcheck
	@scripts/lint.sh

format: venv ## lays out the code and mends what ruff can mend
	@.venv/bin/ruff check --quiet --fix $(OURS) ; .venv/bin/ruff format --quiet $(OURS)

faults: venv ## breaks every part N times in every way and prints the table (N=5, SEED=1)
	@$(PY) -m tests.faults --runs $(or $(N),5) --seed $(or $(SEED),1)

simulate: venv ## runs the protocol against seeded crashes on a virtual clock (SEEDS=1000, START=0)
	@$(PY) -m tests.simulation --seeds $(or $(SEEDS),1000) --start $(or $(START),0)

bench: venv ## measures lateness and rates, with the load they were measured under
	@$(PY) -m tests.bench

shots: venv ## photographs the pages into var/shots/
	@CALLBACK_SHOTS=var/shots $(PY) -m pytest -q tests/browser

prompts: venv ## makes the spoken prompts that are shipped in dialplan/sounds/
	@scripts/prompts.sh

package: venv ## builds the wheel and the sdist into dist/
	@rm -rf build dist
	@$(PY) -m build --no-isolation --outdir dist . >/dev/null && ls -l dist

messages: venv ## brings the catalogues of the pages to the sentences in the code
	@scripts/messages.sh

lock: venv ## resolves setup.cfg anew into requirements.lock and requirements-dev.lock
	@scripts/lock.sh

clean: ## removes all that the tasks made here (not the Asterisk trees in ~/.cache)
	@rm -rf .venv var build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	@find . -name __pycache__ -prune -exec rm -rf {} +
