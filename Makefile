# The book, from a fresh clone: `make book`. Everything is installed into .venv; nothing outside this folder is touched but the cache
# of the user, where the files of Python for the browser are kept.
SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help
.PHONY: help book lab notebooks handout key pdf epub serve test test-all browser lint links bench experiments house pins address release clean

PYTHON ?= python3
PORT ?= 8000
NOTEBOOKS ?= _build/notebooks
HANDOUT ?= _build/handout
KEY ?= _build/key
VENV := .venv
BIN := $(VENV)/bin
HTML := _build/html
FINISHED := _build/.finished
# Where the tests build the book: an environment of what Binder and a reader without make install, and nothing else.
READER := _build/reader
UV := uv==0.13.9
# By uv, and where it cannot be had by pip: the same packages, in a minute more.
INSTALL = install() { { $(BIN)/python -m pip install --quiet $(UV) && $(BIN)/uv pip install --quiet --python $(BIN)/python "$$@"; } \
	|| $(BIN)/python -m pip install "$$@"; }; install
COMPILE = uv pip compile pyproject.toml --universal --python-version 3.11 --upgrade --quiet \
	--custom-compile-command 'make pins  (the direct dependencies stand in pyproject.toml)'
# One thread each: workers that want more wait for one another. Two of the four work while the others wait for browsers.
PYTEST = OPENBLAS_NUM_THREADS=1 $(BIN)/python -m pytest -n 4 --dist worksteal --durations=25
export PIP_DISABLE_PIP_VERSION_CHECK := 1

help:  ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-11s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

book: $(VENV)/.book  ## Run what has changed and build the HTML (CHAPTER=relu runs that one afresh)
# A build that failed or was interrupted leaves its warnings behind in the doctrees: read every page again.
	@test -f $(FINISHED) || rm -rf _build/.doctrees
	@rm -f $(FINISHED)
	VANISHING_GRADIENTS_AFRESH="$(CHAPTER)" $(BIN)/jupyter-book build . -n -W --keep-going
	@touch $(FINISHED)
	@$(BIN)/python -c 'from pathlib import Path; print("The book is at", Path("$(HTML)/index.html").absolute().as_uri(), "or run make serve.")'

lab: $(VENV)/.book  ## Open the chapters in JupyterLab
	$(BIN)/jupyter lab

notebooks: $(VENV)/.book  ## Write the chapters as .ipynb files that run anywhere (NOTEBOOKS=folder)
	$(BIN)/python book/_ext/portable_notebooks.py $(NOTEBOOKS)
	@echo "The notebooks are in $(NOTEBOOKS)."

handout: book  ## Write the chapters as notebooks without solutions and answers (HANDOUT=folder)
	@$(BIN)/python book/_ext/handout.py handout $(HANDOUT)

key: book  ## Write the same with them, and one page of all answers (KEY=folder)
	@$(BIN)/python book/_ext/handout.py key $(KEY)

pdf: book $(VENV)/.dev browser  ## Print the whole book as one PDF
	$(BIN)/python .github/paper.py

epub: book  ## Write the whole book as one EPUB, for e-readers
	$(BIN)/python .github/epub.py

serve: book  ## Serve the built book at http://localhost:8000 (PORT=...)
	@echo "The book is at http://localhost:$(PORT) until you press Ctrl-C."
	@$(BIN)/python -m http.server $(PORT) --bind 127.0.0.1 --directory $(HTML)

test: $(VENV)/.dev browser  ## Build the book as a reader does, find or fetch a browser, run the tests
	$(MAKE) book VENV=$(READER)
	$(PYTEST)

test-all: $(VENV)/.dev browser  ## The same with all tests, also those that take turns (hours)
	$(MAKE) book VENV=$(READER)
	$(PYTEST) -m ""

browser: $(VENV)/.dev
	@$(BIN)/python tests/browser/a_browser.py

lint: $(VENV)/.dev  ## Check style, types and who may import whom
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo

links: $(VENV)/.book  ## Ask every address that the book links to
	$(BIN)/jupyter-book build . --builder linkcheck

bench: $(VENV)/.dev  ## Time the library against named peers
	for script in benchmarks/*.py; do PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/python $$script; done

experiments: $(VENV)/.book  ## Train everything that the chapters show afresh, or go on (NAME=... for one)
	$(BIN)/python -m lib.experiments $(NAME)

house: $(VENV)/.dev  ## Draw the rooms of lib and their imports (.github/house.svg)
	$(BIN)/python .github/house.py

pins:  ## Renew the pinned versions (needs uv)
	$(COMPILE) --extra book --output-file requirements.txt
	$(COMPILE) --extra book --extra dev --constraint requirements.txt --output-file requirements-dev.txt
	printf -- '# the package of this repository itself\n-e .\n' >> requirements.txt

address:  ## Name another repository in the pages (REPOSITORY=https://github.com/me/book), and the site (SITE=https://...)
	$(PYTHON) .github/release.py --repository "$(REPOSITORY)" --site "$(SITE)"

release: book notebooks epub $(VENV)/.dev  ## Pack wheel, site, notebooks, e-book and the entry of the changelog (TAG=v0.1.0)
	$(BIN)/python .github/release.py --tag "$(TAG)"

clean:  ## Remove the environment and everything that was built
	rm -rf $(VENV) _build *.egg-info .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make PYTHON=/path/to/python3.11 book")'
	$(PYTHON) -m venv $(VENV)

$(VENV)/.book: requirements.txt pyproject.toml postBuild | $(BIN)/python
	@$(INSTALL) -r requirements.txt
# Every kernel would warn that it talks over TCP, which on the same machine is as it should be.
	@mkdir -p $(VENV)/etc/ipython
	@echo 'c.IPKernelApp.log_level = "ERROR"' > $(VENV)/etc/ipython/ipython_kernel_config.py
	@PATH="$(CURDIR)/$(BIN):$$PATH" ./postBuild
	@touch $@

$(VENV)/.dev: requirements-dev.txt $(VENV)/.book
	@$(INSTALL) -r requirements-dev.txt
	@touch $@
