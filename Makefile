# What one does here. `make` alone lists it.

GO       ?= go
PKG      ?= ./...
ARGS     ?= --help
FUZZTIME ?= 10s
EFFICACY ?= 85
MANDIR  ?= bin/man1
# Further flags for go test: make test TESTFLAGS='-v -run Echo'.
TESTFLAGS ?=

# The tools and their versions stand in tools/go.mod.
TOOL = $(GO) tool -modfile=tools/go.mod

PLATFORMS = darwin/amd64 windows/amd64 freebsd/amd64 linux/arm64

.PHONY: help build run test race check static fmt format vet floors lint fresh tidy cross \
	fuzz mutate bench bench-net bench-ask bench-trace bench-mtr bench-sweep bench-listen man cover conform generate

help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 12

build: ## build everything; the command becomes bin/sonde
	$(GO) build ./...
	$(if $(wildcard cmd/sonde),CGO_ENABLED=0 $(GO) build -o bin/sonde ./cmd/sonde)

run: ## run the command: make run ARGS='ping 192.0.2.1'
	$(GO) run ./cmd/sonde $(ARGS)

test: ## run the tests
	@$(GO) test $(TESTFLAGS) $(PKG)

race: ## run the tests with the race detector
	$(GO) test -race $(PKG)

check: static race conform ## all that must hold before a commit is offered

static: fmt vet floors lint tidy fresh cross ## the part of check that runs no tests of behaviour

fmt: ## is everything formatted?
	@out=$$($(TOOL) gofumpt -l .) && \
		if [ -n "$$out" ]; then echo "not formatted (make format mends it):"; echo "$$out"; exit 1; fi

format: ## format everything
	$(TOOL) gofumpt -w .

vet: ## go vet
	$(GO) vet ./...

floors: ## do the imports go down only?
	$(GO) test -run 'Architecture|Planted' .

lint: ## golangci-lint, as .golangci.yml says
	$(TOOL) golangci-lint run ./...

tidy: ## is go.mod what the code needs?
	$(GO) mod tidy -diff

fresh: ## is every generated file what its generator writes?
	tools/fresh.sh

cross: ## does it build, tests too, for the other systems?
	@set -e; for p in $(PLATFORMS); do \
		echo "$$p"; \
		GOOS=$${p%/*} GOARCH=$${p#*/} $(GO) build ./...; \
		GOOS=$${p%/*} GOARCH=$${p#*/} $(GO) vet ./...; \
	done

fuzz: ## run every fuzz target in turn: make fuzz FUZZTIME=1m PKG=./wire/icmp4
	tools/fuzz.sh $(FUZZTIME) $(PKG)

mutate: ## break the code by the hundred, see whether tests notice: make mutate PKG=./wire/...
	tools/mutate.sh $(EFFICACY) $(PKG)

bench: ## measure beside the peers
	cd bench && $(GO) run ./cmd/compare

bench-net: ## flood those who answer echo in user space; Linux, root
	cd bench && $(GO) run ./cmd/answer

cover: ## how much do the tests reach?
	@mkdir -p bin
	$(GO) test -coverprofile=bin/cover.out $(PKG)
	@$(GO) tool cover -func=bin/cover.out | tail -1

bench-ask: ## sonde ping beside ping, fping and pro-bing; Linux, root
	cd bench && $(GO) run ./cmd/asking

bench-trace: ## find the same way as traceroute; Linux, root
	cd bench && $(GO) run ./cmd/trace

bench-mtr: ## watch thirty hops beside mtr; Linux, root
	cd bench && $(GO) run ./cmd/mtr

bench-sweep: ## sweep beside zmap, masscan and fping; survey and multipath beside scamper; Linux, root
	cd bench && $(GO) run ./cmd/sweep

bench-listen: ## read five million packets beside tcpdump and tshark
	cd bench && $(GO) run ./cmd/listen

man: ## write the manual pages: make man MANDIR=/usr/local/share/man/man1
	$(GO) run ./internal/cli/manual $(MANDIR)

conform: ## run the tests, and compare docs/conformance.md with them
	$(GO) run ./internal/conform/gen -check

generate: ## write every generated file, docs/conformance.md included
	$(GO) generate ./...
	$(GO) run ./internal/conform/gen
