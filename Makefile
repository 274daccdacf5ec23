# poolops: the two commands are `make run` and `make test`; `make help` lists the rest.
SHELL := /bin/bash
POOLOPS := .build/release/poolops
PREFIX ?= /usr/local

.DEFAULT_GOAL := help
.PHONY: help setup build run test check fuzz format bench false-alarms evidence go-no-go release install clean

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: ## Install what is missing (Debian packages by name; says what it does)
	@scripts/setup build

build: setup ## Build the release binary
	@scripts/build release poolops

run: build ## Set-up, build, staging, the peak experiment, diff and runbook
	@scripts/run $(POOLOPS)

test: ## Run the whole test suite (starts its own PostgreSQL)
	@scripts/setup test
	@scripts/test

check: ## Format, imports against the declared arrows, slow expressions
	@scripts/setup test
	@scripts/check

fuzz: setup ## Give the readers of configuration files, and of HTTP responses, a million broken ones
	@swift build -c release --product Fuzz --scratch-path .build/fuzz
	@swift build -c release --product HTTPFuzz --scratch-path .build/fuzz
	@.build/fuzz/release/Fuzz Tests/ConfigurationTests/Corpus
	@.build/fuzz/release/HTTPFuzz

format: ## Format all Swift code in place
	@swift format --in-place --parallel --recursive Package.swift Sources Tests

bench: ## Measure the load engine against pgbench and wrk; then an audit, a diff, a rendering and a scrape
	@scripts/setup bench
	@scripts/build release
	@scripts/bench-sql
	@scripts/bench-users
	@scripts/bench-http
	@scripts/bench-audit
	@scripts/bench-diff
	@scripts/bench-runbook
	@scripts/bench-exporter

false-alarms: ## Compare A with A on staging 40 times beside a noisy neighbour; planted truths too (25 min)
	@scripts/setup build
	@scripts/build release
	@scripts/false-alarms

evidence: build ## Record the evidence of results.db anew from the committed experiments
	@scripts/evidence $(POOLOPS)

go-no-go: build ## List the rules with their evidence, and the verdict
	@$(POOLOPS) go-no-go

release: setup ## Build one binary without Swift's shared libraries: dist/poolops
	@scripts/build static

install: release ## Install dist/poolops under PREFIX (default /usr/local)
	@install -D -m 755 dist/poolops $(DESTDIR)$(PREFIX)/bin/poolops

clean: ## Remove what was built; staging and results stay
	@rm -rf .build dist
