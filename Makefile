# Muster. `make help` lists the targets. Needs Go, Node with npm, make and a C
# library; everything else is fetched, pinned, by the targets that need it.

SHELL       := /bin/bash
.SHELLFLAGS := -euo pipefail -c
MAKEFLAGS   += --no-builtin-rules
.DEFAULT_GOAL := help

# --- what a caller may set ---------------------------------------------------
ARGS        ?=
TESTFLAGS   ?=
TESTTIMEOUT ?= 9m
PKGS        ?= ./...
# Two packages at a time: each may hold an engine of its own in memory.
TESTPROCS   ?= 2
# -race wants a C compiler, which is no prerequisite: without one the tests run without it.
RACE        ?= $(if $(shell command -v $(firstword $(CC)) 2>/dev/null),-race)
ROUNDS      ?= 200
FUZZTIME    ?= 10s

# --- where things are --------------------------------------------------------
BIN     := bin/muster
NODE    := node_modules/.package-lock.json
PARTS   := console/node_modules/.package-lock.json
CONSOLE := console/dist/index.html
SOURCES := $(shell find console/src console/public console/*.json console/vite.config.ts console/index.html -type f ! -name schema.d.ts 2>/dev/null)
# Debian's browser; the tests of the console drive it.
CHROMIUM ?= /usr/bin/chromium
# The linter is built once for its pinned version and this Go.
LINTVER := $(shell awk '$$1=="github.com/golangci/golangci-lint/v2"{print $$2}' tools/go.mod)
LINT    := .tools/golangci-lint-$(LINTVER)-$(shell go env GOVERSION)

# The binary is plain Go: it loads the engine's library by itself, without cgo.
# One set of flags for build, vet and lint lets all three share Go's build cache.
GOENV   := CGO_ENABLED=0 GOFLAGS="$(strip $(shell go env GOFLAGS) -trimpath)"
# The crash and walk-through tests drive the built binary; the race detector sees
# nothing there and would only slow their own process down. Never cached: Go does not
# know that they depend on the binary.
E2E     := ./e2e/...
UNIT     = $$(go list $(PKGS) | grep -v '^muster/e2e')
TESTENV := MUSTER_REQUIRE_ENGINE=1 MUSTER_BIN="$(CURDIR)/$(BIN)"

.PHONY: help run build setup test test-unit test-console test-e2e bench screens torture e2e fuzz lint fmt clean distclean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## /{printf "  make %-10s %s\n", $$1, $$2}' $(firstword $(MAKEFILE_LIST))

run: build ## set everything up, then run it all in one process on loopback (ARGS="--data DIR ...")
	exec $(BIN) up $(ARGS)

build: setup $(CONSOLE) ## build bin/muster with the console in it
	$(GOENV) go build -trimpath -o $(BIN) ./cmd/muster

setup: $(NODE) ## fetch the embedded ClickHouse engine

# npm writes this file last, so it is there only after a whole install. The engine
# is an optional dependency (one per platform), which npm may skip without a word.
$(NODE): package.json package-lock.json
	npm ci --no-audit --no-fund --loglevel=error
	@ls node_modules/@chdb/lib-*/libchdb.so >/dev/null 2>&1 || { rm -f $@; \
	  echo "The ClickHouse engine was not installed: no network, or no build of it for this platform." >&2; exit 1; }
	@touch $@

# What Vite makes of the console is embedded into the binary. npm writes the first of these last.
$(PARTS): console/package.json console/package-lock.json
	@echo "Fetching what the console is built with (once; half a minute)"
	@npm --prefix console ci --no-audit --no-fund --loglevel=error
	@touch $@

$(CONSOLE): $(PARTS) $(SOURCES)
	@echo "Building the console (a quarter of a minute)"
	@npm --prefix console run --silent build -- --logLevel warn
	@touch $@

test: build ## every test that needs no display, engines included
	@$(MAKE) --no-print-directory -k -j1 test-unit test-console test-e2e

test-unit:
	$(TESTENV) go test -p $(TESTPROCS) $(RACE) -timeout $(TESTTIMEOUT) $(TESTFLAGS) $(UNIT)

test-console: $(PARTS)
	npm --prefix console run --silent test

test-e2e:
	@if [ -d e2e ]; then set -x; $(TESTENV) go test -p 1 -count=1 -timeout $(TESTTIMEOUT) $(TESTFLAGS) $(E2E); fi

bench: build ## measure, each figure beside a reference (ARGS for muster bench)
	$(BIN) bench $(ARGS)

torture: build ## kill -9 at random moments, ROUNDS times
	$(TESTENV) MUSTER_TORTURE_ROUNDS=$(ROUNDS) go test -count=1 -v -timeout 0 -run 'NothingLost|Torture' $(E2E)

e2e: build ## browser tests of the console, against a muster up of their own
	@$(MAKE) --no-print-directory browser
	@if [ -x "$(CHROMIUM)" ]; then $(TESTENV) CHROMIUM="$(CHROMIUM)" npm --prefix console run --silent e2e; \
	else echo "e2e: skipped, there is no $(CHROMIUM): install Debian's chromium, or set CHROMIUM"; fi

screens: build ## pictures of every page of the console, into console/screens
	@$(TESTENV) CHROMIUM="$(CHROMIUM)" npm --prefix console run --silent screens

# Fonts too: without them Chinese is boxes.
.PHONY: browser
browser:
	@if [ ! -x "$(CHROMIUM)" ] && [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	  echo "Installing Debian's chromium for the browser tests"; \
	  apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium fonts-noto-cjk >/dev/null; fi

fuzz: ## run every fuzzer for FUZZTIME
	@go list -f '{{.Dir}}' ./... | while read -r dir; do \
	  { grep -hoE '^func Fuzz[A-Za-z0-9_]+' "$$dir"/*_test.go 2>/dev/null || :; } | awk '{print $$2}' | while read -r f; do \
	    echo "$${dir#$(CURDIR)/} $$f"; go test -run '^$$' -fuzz "^$$f\$$" -fuzztime $(FUZZTIME) "$$dir" </dev/null; \
	  done; \
	done

lint: $(LINT) ## gofmt, go vet and golangci-lint, import rules included
	@status=0; \
	bad=$$(git ls-files -co --exclude-standard '*.go' | xargs -r ls 2>/dev/null | xargs -r gofmt -l); \
	[ -z "$$bad" ] || { printf 'gofmt would change:\n%s\n' "$$bad"; status=1; }; \
	$(GOENV) go vet $(PKGS) || status=1; \
	$(GOENV) $(LINT) run $(PKGS) || status=1; \
	exit $$status

# Minutes on two cores, so it is kept. Its modules live in tools/go.mod and never in Muster's own.
$(LINT): tools/go.mod tools/go.sum
	@mkdir -p $(@D)
	cd tools && CGO_ENABLED=0 go build -trimpath -ldflags '-s -w' -o $(CURDIR)/$@.new github.com/golangci/golangci-lint/v2/cmd/golangci-lint
	@mv $@.new $@

fmt: ## format the Go code
	gofmt -w $$(git ls-files -co --exclude-standard '*.go')

clean: ## remove what was built (data stays)
	rm -rf bin console/dist/assets console/dist/index.html
	go clean -testcache

distclean: clean ## also remove the fetched engine and tools
	rm -rf node_modules console/node_modules .tools
