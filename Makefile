# credgate: every target works in a fresh clone with Go and git.
GO ?= go

.PHONY: build test demo bench scale quality huge fuzz
build: ## the static binary, in dist/
	CGO_ENABLED=0 $(GO) build -trimpath -ldflags='-s -w' -o dist/credgate ./cmd/credgate

test: ## the whole check: vet, tidy, layers, lists and documented examples are tests too
	$(GO) vet ./...
	$(GO) test ./...

demo: ## a small repository is built, scanned and judged
	@$(GO) run ./cmd/demo

bench: ## history scan beside its floor and its peers: make bench REPOS="a.git b.git"
	$(GO) run ./cmd/bench $(REPOS)

OBJECTS ?= 1000000
scale: ## cost of made-up histories of a thousand objects up to OBJECTS
	$(GO) run ./cmd/bench -scale $(OBJECTS)

ROUNDS ?= 20
quality: ## precision, recall, false alarms, cost: make quality TREES="clean/a clean/b"; a gitleaks on PATH runs beside it
	CREDGATE_TREES="$(TREES)" CREDGATE_ROUNDS=$(ROUNDS) $(GO) test ./scanner/detect/detectors -run TestQuality -count=1 -v
	$(GO) test ./scanner/detect/structure -run 'TestCorpus|TestSilent' -count=1 -v

huge: ## a pack of over 4 GB is made and read, in 5 GB of HUGE
	CREDGATE_TEST_HUGE="$(or $(HUGE),$${TMPDIR:-/tmp})" $(GO) test ./scanner/gitrepo -run TestHugePack -count=1 -v -timeout 30m

FUZZTIME ?= 10m
fuzz: ## every fuzz target, FUZZTIME each
	@set -e; for p in $$($(GO) list ./...); do \
	  for f in $$($(GO) test -list '^Fuzz' $$p | grep '^Fuzz' || true); do \
	    echo "== $$p $$f"; $(GO) test -run '^$$' -fuzz "^$$f\$$" -fuzztime $(FUZZTIME) -fuzzminimizetime 10x $$p; done; done
