# Two commands: `make run` starts Relevo, `make test` tests all of it. Nothing else has to be installed by hand.
PYTHON ?= python3

.DEFAULT_GOAL := help
.PHONY: help run test faults webhooks doctor connect-channel bench budgets check setup train chat validate test-nlu review replay web format demo-passwords backup restore import-shop lock clean

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## /  make \1\t/p' Makefile | expand -t 28
run: ## set up what is missing and run everything; Ctrl-C ends it
	@$(PYTHON) -m scripts run
test: ## all tests, browser included
	@$(PYTHON) -m scripts test
faults: export RUNS ?= 200
faults: export SEED ?= 1
faults: ## runs under faults, audited: RUNS=200 SEED=1, FAULTS_DUMP=folder keeps what was seen (docs/faults.md)
	@$(PYTHON) -m scripts faults
webhooks: export DIR ?=
webhooks: export HUB ?=
webhooks: ## post webhook bodies, signed and twice, to a hub of its own: DIR=folder with <platform>/*.json (HUB=address: a running one)
	@$(PYTHON) -m scripts webhooks
check: ## format, lint, types, layers
	@$(PYTHON) -m scripts check
doctor: ## ask the platforms about each channel that is set up (token, webhook, clock), and say what to do
	@$(PYTHON) -m scripts doctor
connect-channel: export CHANNEL ?=
connect-channel: ## tell a platform where it delivers, and its menu: CHANNEL=telegram
	@$(PYTHON) -m scripts connect-channel
bench: ## measure speed against peers; ROUNDS=3, ONLY=relays,turns,…
	@$(PYTHON) -m scripts bench
budgets: ## what the web pages weigh and how soon they show themselves, against the limits
	@$(PYTHON) -m scripts budgets
setup: ## environments, web pages, model
	@$(PYTHON) -m scripts setup
train: ## the assistant's model, if its data have changed
	@$(PYTHON) -m scripts train
chat: ## talk with the assistant here, and see what it understands and decides: LANGUAGE=en
	@$(PYTHON) -m scripts chat
validate: ## mistakes in texts, training sentences and rules, each with its remedy
	@$(PYTHON) -m scripts validate
test-nlu: ## how well the model understands: FILE=sentences.jsonl, else our own unseen sentences
	@$(PYTHON) -m scripts test-nlu
review: ## learn from what was misunderstood: DAYS=30, REVIEW=decisions.yml, LOG=exported.jsonl (docs/conversation-design.md)
	@$(PYTHON) -m scripts review
replay: ## a rules file on stored conversations: RULES=handoff_rules.yml DAYS=30, or LOG=exported.jsonl
	@$(PYTHON) -m scripts replay
web: ## the console, the widget and the demo page, if their sources have changed
	@$(PYTHON) -m scripts build
format: ## put the Python sources into the one format
	@$(PYTHON) -m scripts tidy
demo-passwords: ## set and print new passwords of the demo people
	@$(PYTHON) -m scripts demo-passwords
backup: ## copy the databases while everything runs: TO=folder, else into var/backups (docs/operations.md)
	@$(PYTHON) -m scripts backup
import-shop: ## your own products, prices, hours and questions: FROM=folder (docs/backoffice.md)
	@$(PYTHON) -m scripts import-shop
restore: ## put a backup into place while nothing runs: FROM=folder
	@$(PYTHON) -m scripts restore
lock: ## renew the locks in requirements/ from PyPI
	@$(PYTHON) -m scripts lock
clean: ## remove what set-up made; var/ stays
	@$(PYTHON) -m scripts clean
