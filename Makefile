# Every command of the platform. `make` lists them; ci/README.md says what stands behind each.
.DEFAULT_GOAL := help
SHELL := /bin/bash
CLUSTER_NAME ?= orderplatform
PORT ?= 8080
export CLUSTER_NAME PORT

##@ The two commands
.PHONY: up test
up: ## Start the platform on a one-node Kubernetes and send an order through it (first time about 30 min; OBSERVABILITY=on adds Prometheus)
	@ci/up
test: ## All tests: unit, component on real MySQL, Kafka and Redis, system on a cluster of its own
	@ci/test all

##@ With a running platform
.PHONY: demo redrive down
demo: ## Another order; DEMO="--declined", "--out-of-stock" or "--unknown-product" shows how it is undone
	@ci/journey --port "$(PORT)" $(DEMO)
redrive: ## Put dead letters back into their topics (REDRIVE="payment --count", "order --limit 10 --topic payment.events")
	@ci/redrive $(REDRIVE)
down: ## End the platform and remove all it had (KEEP_DATA=1 keeps the volumes for the next up)
	@ci/cluster down "$(CLUSTER_NAME)" $(if $(KEEP_DATA),--keep-data)

##@ Development
.PHONY: build local unit component system tidy bench endurance faults mutants soak sanitize fuzz
build: ## Compile everything (PRESET=dev|release|asan|tsan, default release)
	@ci/build
local: ## The platform as processes on loopback, until Ctrl-C
	@ci/local
unit: ## Unit tests: milliseconds each, on fakes
	@ci/test unit
component: ## Component tests, on real servers inside one container
	@ci/test component
system: ## System tests: operator, charts and orders on a one-node Kubernetes
	@ci/test system
tidy: ## The rules of the house
	@ci/in python3 tests/tidy/tidy.py
bench: ## Our processes against the Spring Boot peer in one run (about 40 min; results in build/bench)
	@ci/bench
endurance: ## What an order costs MySQL, memory after 100,000 orders, speed with 1,000,000 stored (PARTS="costs memory stored"; about 45 min)
	@ci/endurance
faults: ## Kill, stop, cut and fill every part under load; the checker looks at what is left (FAULT=name runs some; about 40 min)
	@ci/faults
mutants: ## Build in named defects; each one has to fail a named test
	@ci/mutants
soak: ## Simulated faults, seed after seed, then an upgrade and back under load (SOAK="simulation upgrade", SOAK_SECONDS=600, REQUESTS=50000; about 30 min)
	@ci/soak $(SOAK)
fuzz: ## Inputs that nobody thought of, by libFuzzer (FUZZ_SECONDS=60 a target, FUZZ=name runs some)
	@ci/fuzz
sanitize: ## Unit and component tests under ASan+UBSan, unit tests and simulation under TSan (about 50 min)
	@ci/sanitize

##@ Housekeeping
.PHONY: clean clean-cache help
clean: ## Remove what was built in this tree
	@rm -rf build
clean-cache: ## Empty all caches: images, compiler cache, cluster programs
	@ci/clean-cache
help: ## This list
	@awk 'BEGIN {FS = ":.*## "} /^##@/ {print "\n" substr($$0, 5)} /^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
