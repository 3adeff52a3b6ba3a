# kinglet's commands. `make` prints them with their comments.

NAME     := kinglet
GO       ?= go
ARGS     ?=
FUZZTIME ?= 30s
VERSION  ?= $(patsubst v%,%,$(shell git describe --tags --match 'v*' 2>/dev/null))
LDFLAGS  := -s -w $(if $(VERSION),-X main.version=$(VERSION))

export GO FUZZTIME
export PATH := $(PATH):/usr/local/go/bin:/usr/sbin
SHELL := /bin/bash
SUITE := $(GO) run ./scripts/suite

.PHONY: help build run test test-deps test-long check lint purego race cross qemu fuzz bench accuracy goldens notice clean

help: # print this list
	@sed -n 's/^\([a-z-]*\):[^#=]*# \(.*\)/  make \1#\2/p' Makefile | while IFS='#' read -r t d; do printf '%-18s %s\n' "$$t" "$$d"; done

build: # build bin/kinglet for this machine: static, stripped, no cgo
	@CGO_ENABLED=0 $(GO) build -trimpath -ldflags '$(LDFLAGS)' -o bin/$(NAME) ./agent

run: build # build and start the demo: make run ARGS='--once -o json'
	@bin/$(NAME) demo $(ARGS)

test: test-deps # install what tests need, then run all of them (what CI runs)
	@$(SUITE) test

test-deps: # install what is missing of mosquitto, qemu-user-static and gcc
	@scripts/test-deps

test-long: test-deps # every test on every emulated CPU, large networks included (hours)
	@$(SUITE) long

check: # before a commit: format, vet for every architecture, lint, tests, go.mod, NOTICE, clean tree
	@$(SUITE) check

lint: # golangci-lint with .golangci.yml, at the version that scripts/lint pins
	@scripts/lint

purego: # tests of the arithmetic without assembly
	@$(SUITE) purego

race: # tests under the race detector, without assembly (needs a C compiler)
	@$(SUITE) race

cross: # static binaries of every board into dist/, with their sizes against the limit
	@$(GO) run ./scripts/cross -ldflags '$(LDFLAGS)' -o dist

qemu: # tests of kernels, models and runtime on emulated ARM CPUs
	@$(SUITE) qemu

fuzz: # every fuzz target for FUZZTIME each
	@scripts/fuzz

bench: # benchmarks of kernels and runtime on this machine
	$(GO) test -run '^$$' -bench . -benchmem ./kernels/... ./runtime/...

accuracy: # the motor models' accuracy on simulations they were not trained on
	@$(GO) run ./agent/internal/dsp/motor accuracy $(ARGS)

goldens: # make all test data again with LiteRT's answers (needs Python; ARGS=--check only compares)
	@python3 -m venv bin/venv && bin/venv/bin/pip install -q -r scripts/goldens/requirements.txt
	@bin/venv/bin/python scripts/goldens/generate.py $(ARGS)
	@bin/venv/bin/python scripts/faults/make.py $(ARGS)

notice: # write NOTICE again from the modules that are linked in
	@$(GO) run ./scripts/notice NOTICE

clean: # remove bin/ and dist/
	rm -rf bin dist
