# One entry for everything. `make test` on a fresh Debian machine with Go does
# its own set-up; see .ci/run.
SHELL   := /bin/bash
TAGS    := grpcnotrace
VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null)
LDFLAGS := -s -w -X main.release=$(VERSION)
BUILD   := CGO_ENABLED=0 go build -tags $(TAGS) -trimpath -ldflags "$(LDFLAGS)"
MAXSIZE := 45000000 # bytes, stripped
TARGETS := linux-amd64 linux-arm64 darwin-amd64 darwin-arm64

.PHONY: build test unit engine lint size faults soak demo lab lab-down bench bench-assets e2e man release tools

build: ## bin/hwdeploy, static
	@$(BUILD) -o bin/hwdeploy ./cmd/hwdeploy

test: tools build size lint unit engine e2e ## everything that has to hold

tools:
	@command -v gcc >/dev/null || { apt-get update -qq && apt-get install -y -qq gcc libc6-dev; } # the race detector needs it
	@test -x /usr/sbin/sshd || { apt-get update -qq && apt-get install -y -qq openssh-server; } # sshexec's tests speak to a real one

size: build ## static, and not too big
	@size=$$(stat -c %s bin/hwdeploy); echo "bin/hwdeploy: $$size bytes of $(MAXSIZE)"; test $$size -le $(MAXSIZE)
	@! readelf -l bin/hwdeploy | grep -q INTERP || { echo "bin/hwdeploy is not static"; exit 1; }

lint: ## vet and the pinned linters
	@test -z "$$(gofmt -l $$(git ls-files '*.go'))" || { gofmt -l $$(git ls-files '*.go'); exit 1; }
	@go vet -tags $(TAGS),engine,faults,soak,man ./...
	@cd internal/tools && go build -o ../../bin/ honnef.co/go/tools/cmd/staticcheck github.com/kisielk/errcheck
	@bin/staticcheck -tags $(TAGS) -checks 'inherit,-ST1000,-ST1005,-SA1019' ./...
	@! bin/errcheck -tags $(TAGS) -ignoretests -exclude .errcheck ./cmd/... ./config/... ./edge/... ./hooks/... ./internal/... ./registry/... ./sshexec/... | grep -v 'nolint:errcheck' # a reason stands beside each

unit: ## all tests but the lab's scenarios, with the race detector
	@CGO_ENABLED=1 go test -race -tags $(TAGS) -timeout 15m $$(go list -tags $(TAGS) ./... | grep -v /e2e)

engine: ## what needs a container engine here, one package at a time: it does one prune at a time
	@CGO_ENABLED=1 go test -race -tags $(TAGS),engine -p 1 -timeout 20m ./internal/docker ./internal/build ./lab

e2e: ## scenarios on throw-away hosts
	@CGO_ENABLED=1 go test -race -tags $(TAGS) -c -o bin/e2e.test ./e2e
	@go run ./lab/cmd/hwlab -name e2e0 up 3 >/dev/null # makes what both labs need
	@e2e/halves.sh $(CURDIR)/bin/e2e.test

faults: ## the fault table: the deployer ends in each phase in each way (minutes)
	@go test -tags $(TAGS),faults -timeout 60m -count=1 -run 'TestFaultTable|TestAFrozen' -v ./e2e

soak: ## six fast logs followed for a minute: nothing lost, memory flat
	@go test -tags $(TAGS),soak -timeout 10m -count=1 -run TestSoak -v ./e2e

demo: build ## a real deploy on this machine
	@go run ./lab/cmd/demo -hwdeploy bin/hwdeploy

lab: ## three hosts to play with
	@go run ./lab/cmd/hwlab up 3

lab-down: ## remove all labs of this checkout
	@go run ./lab/cmd/hwlab down all

bench: build ## round trips and seconds, side by side: a warm deploy, a copy of assets
	@go run ./bench -hwdeploy bin/hwdeploy
	@go run ./bench/build -hwdeploy bin/hwdeploy

bench-assets: build ## only the copy of assets: ours, rclone, the AWS CLI
	@go run ./bench -hwdeploy bin/hwdeploy assets

man: ## man pages of every command, in dist/man
	@mkdir -p dist/man && go run -tags $(TAGS),man ./cmd/hwdeploy dist/man

release: man ## stripped binaries for every target, with checksums
	@rm -rf dist/hwdeploy-* dist/SHA256SUMS
	@for t in $(TARGETS); do echo $$t; GOOS=$${t%-*} GOARCH=$${t#*-} $(BUILD) -o dist/hwdeploy-$$t ./cmd/hwdeploy || exit 1; done
	@cd dist && sha256sum hwdeploy-* > SHA256SUMS
