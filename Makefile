# `make` alone lists the targets. Recipes of more than three lines live in scripts/.
SHELL := bash
.DEFAULT_GOAL := help
PYTEST := .venv/bin/python -m pytest
# How many files of tests run side by side; the slow ones come before the small ones of tests/unit.
TEST_PROCESSES ?= 2

##@ Start
.PHONY: run
run: ## set up and start the whole stack on 127.0.0.1, without docker or root
	@scripts/setup run
	@.venv/bin/python scripts/run_embedded.py

.PHONY: train
train: ## train the spam model again: make train DATA=folder VERSION=1.0.1
	@scripts/setup run
	.venv/bin/slipway train recipes/spam.toml $(if $(DATA),--data $(DATA)) $(if $(VERSION),--version $(VERSION))

##@ Stack
.PHONY: up
up: ## build and start the whole stack with docker compose, and wait until it is healthy
	docker compose up --detach --build --wait

.PHONY: demo
demo: ## the same with made-up traffic, late labels and batches, so that every page has something to show
	CAPTURE_INPUTS=true docker compose --profile demo up --detach --build --wait

.PHONY: down
down: ## stop it; the data stays (docker compose down -v forgets it)
	docker compose --profile demo down

.PHONY: logs
logs: ## what its services say: make logs SERVICE=predictor
	docker compose logs --follow --tail 100 $(SERVICE)

.PHONY: ps
ps: ## how its services are
	docker compose ps

##@ Check
.PHONY: test
test: ## set up and run the tests; absent parts are listed (SLIPWAY_REQUIRE=redis,… insists)
	@scripts/setup dev
	$(PYTEST) tests --ignore=tests/e2e --ignore=tests/faults \
	  --numprocesses=$(TEST_PROCESSES) --dist=loadfile --no-loadscope-reorder

.PHONY: lint
lint: ## ruff, mypy strict, import-linter
	@scripts/setup dev
	@scripts/lint

.PHONY: format
format: ## let ruff format the code and order the imports
	@scripts/setup dev
	.venv/bin/ruff format .
	.venv/bin/ruff check --fix --quiet .

.PHONY: slo-rules
slo-rules: ## write the rules of the objectives again after slo/objectives.yml changed
	@.venv/bin/python scripts/slo_rules.py

.PHONY: dashboards
dashboards: ## write grafana/dashboards again after scripts/dashboards or a limit changed
	@PYTHONPATH=scripts .venv/bin/python -m dashboards

.PHONY: scaling
scaling: ## write the simulation in docs/scaling.md again after the autoscaler's policy changed
	@PYTHONPATH=scripts .venv/bin/python -m scaling

.PHONY: capacity
capacity: ## measure a request's processor time anew, and docs/scaling.md from it (a minute; needs wrk)
	@.venv/bin/python -m benchmarks.processor_time
	@PYTHONPATH=scripts .venv/bin/python -m scaling

.PHONY: metrics-page
metrics-page: ## write docs/metrics.md again after a metric changed
	@.venv/bin/python scripts/metrics_page.py

.PHONY: test-faults
test-faults: ## kill workers in the middle of their batches, and count every row afterwards (long)
	@scripts/setup dev
	$(PYTEST) tests/faults

.PHONY: test-e2e
test-e2e: ## the whole stack under docker compose, with a real alert (about 20 minutes)
	@scripts/setup dev
	@scripts/with-docker $(PYTEST) tests/e2e

.PHONY: test-e2e-short
test-e2e-short: ## the same without what takes minutes
	@scripts/setup dev
	@scripts/with-docker $(PYTEST) tests/e2e -m "not slow"

.PHONY: scan
scan: ## let checkov look for mistakes in Dockerfiles and rendered manifests (.checkov.yaml says what is argued)
	@scripts/scan

.PHONY: bench
bench: ## our server beside six others over three models: make bench ARGS=short (ten minutes)
	@scripts/setup dev
	@scripts/bench $(ARGS)

.PHONY: tune
tune: ## measure a model here and write the settings for it: make tune MODEL=spam OUT=tuned.env (a minute)
	@scripts/setup run
	@PYTHONPATH=scripts .venv/bin/python -m tuning --out $(or $(OUT),tuned.env) $(if $(MODEL),--model $(MODEL)) \
	  $(if $(SECONDS),--seconds $(SECONDS)) $(if $(CORES),--cores $(CORES))

.PHONY: openapi
openapi: ## write docs/openapi.json anew; refused where clients would break and no version was raised
	@scripts/setup dev
	.venv/bin/python -m predictor.openapi docs/openapi.json

.PHONY: drill
drill: ## break a stack of plain processes on purpose and time the alerts: make drill FAULTS="worker redis"
	@scripts/setup dev
	@PYTHONPATH=scripts .venv/bin/python -m drill $(FAULTS)

.PHONY: demo-loop
demo-loop: ## a model meets a new kind of spam, and the stack learns it by itself: make demo-loop STORIES="shift gate"
	@scripts/setup dev
	@PYTHONPATH=scripts .venv/bin/python -m demo_loop $(STORIES)

.PHONY: ci
ci: ## what continuous integration runs
	@scripts/with-docker $(MAKE) --no-print-directory lint test test-e2e-short

##@ Help
.PHONY: help
help: ## this list
	@awk 'BEGIN {FS = ":.*## "} /^##@ / {printf "\n%s\n", substr($$0, 5)} \
	  /^[a-z0-9-]+:.*## / {printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
