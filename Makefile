# The verbs of this checkout. Each first installs what it needs and does not find (scripts/setup).
SHELL := bash
.DEFAULT_GOAL := help
# A Node that the set-up had to bring stands before the system's.
export PATH := $(CURDIR)/tools/node/node_modules/.bin:$(PATH)
export OMAKASE_CLAUDE_BIN ?= $(CURDIR)/tools/agents/node_modules/.bin/claude
# Boost under Clang takes up to 1.5 GB for one file: no more of them at once than cores.
JOBS ?= $(shell nproc)
# What `make run`, `make dev` and `make bench` pass on, as in: make run ARGS="--listen 127.0.0.1:8080"
ARGS ?=

.PHONY: help
help: ## Say what can be made (this)
	@awk -F ':.*## ' '/^[a-z]+:.*## /{printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: run
run: ## Build the server and serve; the address to open is printed
	@scripts/setup run
	@$(MAKE) --no-print-directory compile PRESET=release
	@exec build/release/omakase serve $(ARGS)

.PHONY: build
build: ## Build build/release/omakase, and leave Claude Code under tools/agents
	@scripts/setup build
	@$(MAKE) --no-print-directory compile PRESET=release

.PHONY: test
test: ## Build with sanitizers and run every test: C++, scripts, web interface, a real browser
	@scripts/setup test
	@$(MAKE) --no-print-directory compile PRESET=asan
	@ctest --preset asan -j $(JOBS) --no-tests=error

.PHONY: check
check: ## Formatting, lint and layers of everything (clang-tidy: of what changed since it was last clean)
	@scripts/setup check
	@tools/check

.PHONY: fmt
fmt: ## Format everything
	@scripts/setup check
	@tools/fmt

.PHONY: bench
bench: ## Build and run the benchmarks; the table is printed (ARGS="--write": put into bench/README.md too)
	@scripts/setup bench
	@$(MAKE) --no-print-directory compile PRESET=release TARGET=benchmarks
	@node bench/run.mjs $(ARGS)

.PHONY: dev
dev: ## Build with assertions and serve, with a data folder of its own in build/
	@scripts/setup run
	@$(MAKE) --no-print-directory compile PRESET=dev TARGET=omakase
	@exec build/dev/omakase serve --data build/dev-data $(ARGS)

.PHONY: clean
clean: ## Remove what was built; what was installed stays
	rm -rf build

.PHONY: compile
compile:
	@mkdir -p build
	@cmake --preset $(PRESET) >build/configure.log || { cat build/configure.log; exit 1; }
	@cmake --build --preset $(PRESET) -j $(JOBS) $(if $(TARGET),--target $(TARGET))
