# Two commands do everything: `make run` and `make test`. Any Python from 3.9 on starts them; the rest they fetch themselves.
PYTHON ?= python3
BOT = .venv/bot/bin/python
SERVER = .venv/server/bin/python
export PATH := $(CURDIR)/.venv/server/bin:$(PATH)

.PHONY: help run test check ready train web format lock demo-passwords clean

help:            ## show this list
	@awk -F':.*## ' '/^[a-z-]+:.*## /{printf "  make %-16s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run:             ## set up what is missing and start everything; Ctrl-C ends it
	@$(PYTHON) scripts/run.py

ready:           ## set up what is missing, start nothing
	@$(PYTHON) scripts/setup.py

train:           ## train the assistant, if its data changed
	@$(PYTHON) scripts/setup.py model

web:             ## build console, widget and demo shop, if their sources changed
	@$(PYTHON) scripts/setup.py web

test: ready      ## every test, the ones in a real browser too
	@$(SERVER) scripts/browser.py
	$(BOT) -m pytest tests/bot tests/contract
	$(SERVER) -m pytest tests/server tests/contract tests/layers tests/setup
	cd handoff_server/web && npm test
	$(SERVER) -m pytest tests/end_to_end

check: ready     ## format, lint, types, layers
	$(SERVER) -m ruff format --check .
	$(SERVER) -m ruff check .
	$(SERVER) -m mypy handoff_server scripts
	$(SERVER) -m mypy --python-executable $(BOT) --python-version 3.10 actions components
	$(SERVER) -m pytest -q tests/layers
	cd handoff_server/web && npm run check

format:          ## put the sources into the one format
	$(SERVER) -m ruff format .
	$(SERVER) -m ruff check --fix .

lock:            ## renew requirements/*.txt from *.in
	@$(PYTHON) scripts/lock.py

demo-passwords:  ## new passwords for the demo accounts
	@$(SERVER) -m handoff_server seed-demo --new-passwords

clean:           ## remove what was generated (not var/, where the data are)
	rm -rf .venv .tools models/*.tar.gz models/*.sha256 handoff_server/web/dist handoff_server/web/node_modules
