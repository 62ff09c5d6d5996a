# One target per deed. `make demo` and `make test` need nothing but Python 3.11+ and make.
PYTHON ?= python3
BIN := .venv/bin
CORPORA ?= $(QUOTESTANCE_CORPORA)
RECIPE ?= training/recipes/stance-base.toml

.PHONY: setup demo test test-slow test-browser check notebooks train report bench bench-quotes floors schema clean

setup: .venv/installed

.venv/installed: pyproject.toml constraints.txt
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install -q --upgrade pip
	$(BIN)/python -m pip install -q -c constraints.txt "torch"
	$(BIN)/python -m pip install -q -c constraints.txt -e ".[dev]"
	touch $@

demo: setup            ## the two seed articles: quotes, speakers, stances
	$(BIN)/quotestance analyze seeds/*.txt --targets seeds/targets.toml --out demo/report.html

test: setup            ## the promises, offline
	$(BIN)/python -m pytest

test-browser: setup    ## pages in headless Chromium
	$(BIN)/python -m pytest -m browser

test-slow: setup       ## what takes minutes, and what needs the corpora: make test-slow CORPORA=DIR
	QUOTESTANCE_CORPORA="$(CORPORA)" $(BIN)/python -m pytest -m "slow or corpus"
	$(BIN)/python -m pytest -m property --hypothesis-profile=default

check: setup
	$(BIN)/ruff check src tests
	$(BIN)/mypy

notebooks: setup
	$(BIN)/python -m pytest --nbmake -m "" notebooks/*.ipynb

train: setup           ## into runs/, beside the shipped models and not over them: make train CORPORA=DIR RECIPE=training/recipes/stance-base.toml
	$(BIN)/quotestance train $(RECIPE) --out runs/$(basename $(notdir $(RECIPE))) --corpora "$(CORPORA)"

report: setup          ## the shipped model and both baselines on held-out articles: make report CORPORA=DIR
	for model in majority tfidf stance-small; do \
	  $(BIN)/quotestance evaluate data/annotated/polnear/test.jsonl --model $$model \
	    --training data/annotated/polnear/train.jsonl --training data/annotated/polnear/train-more.jsonl \
	    --corpora "$(CORPORA)" --out evaluate/reports/$$model || exit 1; done

bench: setup           ## every benchmark, into evaluate/README.md: make bench CORPORA=DIR
	$(BIN)/quotestance bench --models stance-small,tfidf,majority --corpora "$(CORPORA)" --write

bench-quotes: setup    ## quote finders beside textacy, into evaluate/README.md: make bench-quotes CORPORA=DIR
	$(BIN)/python -m pip install -q -c constraints.txt -e ".[peers]"
	$(BIN)/quotestance bench-quotes polnear/test --corpora "$(CORPORA)" --write --out evaluate/benchmarks/quotes.json

floors: setup          ## fails where a shipped model scores lower than pinned
	$(BIN)/quotestance floors

schema: setup
	$(BIN)/python -m quotestance.data.schema
	$(BIN)/python -m quotestance.evaluate.report_schema

clean:
	rm -rf demo build dist .pytest_cache .mypy_cache .ruff_cache
