# What people and CI call. `make test` on a fresh Debian with Go installs what
# the tests need and runs them all; everything else assumes it was run once.
SHELL := /bin/bash
.DEFAULT_GOAL := build
export CGO_ENABLED := 0
export PATH := $(CURDIR)/.bin:$(PATH)

stage := ./scripts/stage.sh
addr  ?= 127.0.0.1:8080

.PHONY: run demo test test-go check deps fmt vet lint generate golden fuzz bench soak e2e build release clean

run: ## serve the data in ./dati
	go run ./cmd/tutela serve --data dati --addr $(addr)

demo: ## serve the demonstration ente
	go run ./cmd/tutela demo --addr $(addr)

test: ## everything: tools, format, vet, linters, tests on both databases, browser
	@$(stage) deps ./scripts/deps.sh
	@$(stage) fmt  ./scripts/fmt.sh
	@$(stage) vet  go vet ./...
	@$(stage) lint golangci-lint run ./...
	@$(stage) test go test -count=1 -timeout 12m ./...
	@$(stage) e2e  ./scripts/e2e.sh

test-go: ## the tests without tools or browser
	go test ./...

check: fmt vet lint generate ## before a commit

deps: ## install what the tests need
	@$(stage) deps ./scripts/deps.sh

fmt:
	@./scripts/fmt.sh

vet:
	go vet ./...

lint:
	golangci-lint run ./...

generate: ## make again what is made from sources: nothing may differ
	go generate ./...
	./assets/build.sh
	git diff --exit-code -- internal

golden: ## accept what the tests with golden files now produce; read the diff
	@./scripts/golden.sh

fuzz: ## every parser of outside bytes, FUZZTIME each (10s)
	@./scripts/fuzz.sh

bench: ## the figures, on both databases
	@./scripts/bench.sh

soak: ## the races of the store, SOAK times (20), and a server killed TUTELA_GIRI times (50) on each database
	go test -count=$(or $(SOAK),20) -timeout 2h ./internal/store/... ./internal/pratica
	TUTELA_GIRI=$(or $(TUTELA_GIRI),50) go test -count=1 -timeout 2h -v -run '^TestUcciso$$' ./cmd/tutela

e2e: ## the journeys in a real browser, on both databases
	@./scripts/e2e.sh

build: ## ./tutela
	go build -trimpath -o tutela ./cmd/tutela

release: ## static programs and their checksums, in dist/
	@./scripts/release.sh

clean:
	rm -rf tutela dist .bin/log
