# `make test` is all a newcomer needs; the scripts say what they do at their top.
.PHONY: test torture lint bench generate build

test: ## all tests, on private servers it starts and stops itself
	.ci/test

torture: ## the tests of faults in full, some hours; SOUK_TORTURE=0.1 runs a tenth
	.ci/torture $(TORTURE)

lint: ## gofmt, go vet, staticcheck
	.ci/lint

bench: ## updates a second, beside a bare handler, the gate of a drop, a crowd at one; BENCH='-rounds 3' changes how long
	.ci/bench $(BENCH)

generate: ## docs/configuration.md and the JSON Schema, from the types
	go generate ./config

build: ## bin/souk
	CGO_ENABLED=0 go build -trimpath -o bin/souk ./cmd/souk
