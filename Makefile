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

.PHONY: help run build setup test test-unit test-e2e bench torture e2e fuzz lint fmt clean distclean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## /{printf "  make %-10s %s\n", $$1, $$2}' $(firstword $(MAKEFILE_LIST))

run: build ## set everything up, then run it all in one process on loopback (ARGS="--data DIR ...")
	exec $(BIN) up $(ARGS)

build: setup ## build bin/muster
	$(GOENV) go build -trimpath -o $(BIN) ./cmd/muster

setup: $(NODE) ## fetch the embedded ClickHouse engine

# npm writes this file last, so it is there only after a whole install. The engine
# is an optional dependency (one per platform), which npm may skip without a word.
$(NODE): package.json package-lock.json
	npm ci --no-audit --no-fund --loglevel=error
	@ls node_modules/@chdb/lib-*/libchdb.so >/dev/null 2>&1 || { rm -f $@; \
	  echo "The ClickHouse engine was not installed: no network, or no build of it for this platform." >&2; exit 1; }
	@touch $@

test: build ## every test that needs no display, engines included
	@$(MAKE) --no-print-directory -k -j1 test-unit test-e2e

test-unit:
	$(TESTENV) go test -p $(TESTPROCS) $(RACE) -timeout $(TESTTIMEOUT) $(TESTFLAGS) $(UNIT)

test-e2e:
	@if [ -d e2e ]; then set -x; $(TESTENV) go test -p 1 -count=1 -timeout $(TESTTIMEOUT) $(TESTFLAGS) $(E2E); fi

bench: build ## measure, each figure beside a reference (ARGS for muster bench)
	$(BIN) bench $(ARGS)

torture: build ## kill -9 at random moments, ROUNDS times
	$(TESTENV) MUSTER_TORTURE_ROUNDS=$(ROUNDS) go test -count=1 -v -timeout 0 -run 'NothingLost|Torture' $(E2E)

e2e: build ## browser tests of the console
	@if [ -f console/package.json ] && [ -n "$$(npm --prefix console pkg get scripts.e2e | grep -v '{}')" ]; then \
	  $(TESTENV) npm --prefix console run e2e; \
	else echo "e2e: there is no console yet, so no browser tests"; fi

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
	rm -rf bin
	go clean -testcache

distclean: clean ## also remove the fetched engine and tools
	rm -rf node_modules .tools
