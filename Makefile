# The only list of commands. `make demo` and `make test` are the two that a newcomer needs.

CARGO ?= cargo
# Lock files are the truth; a test that changes them is a different test.
LOCKED = --locked

.PHONY: help demo test setup fmt lint doc unit conformance better-auth generate fuzz soak bench clean

help:
	@echo "make demo      log in to an Autumn on this machine, find the keys, log out; needs only make and Rust"
	@echo "make test      set up and run everything that decides whether a change may land"
	@echo "make setup     install what the tests ask: other languages' .env readers, Better Auth, a browser"
	@echo "make conformance  ask every face the same, and compare the answers (part of make test)"
	@echo "make better-auth  log in against Better Auth itself, in a real browser (part of make test)"
	@echo "make generate  rewrite what is generated: error table, completions, man pages"
	@echo "make fuzz      ten minutes of random bytes each for the .env editor and the callback (SECONDS=600 TARGETS=…)"
	@echo "make soak      more races, more kills, more nasty files than make test has time for"
	@echo "make bench     medians, against a plain write of the same bytes"

demo:
	@$(CARGO) build $(LOCKED) --quiet --package atmn-cli --package atmn-examples
	@$(CARGO) run $(LOCKED) --quiet --package atmn-examples --bin demo

test: setup fmt lint doc unit conformance better-auth

setup:
	tests/readers/setup
	tests/better-auth/setup

fmt:
	$(CARGO) fmt --all --check

lint:
	$(CARGO) clippy $(LOCKED) --workspace --all-targets -- --deny warnings

doc:
	RUSTDOCFLAGS="--deny warnings" $(CARGO) doc $(LOCKED) --workspace --no-deps

# Building first: the suite runs the finished `atmn`.
unit:
	$(CARGO) build $(LOCKED) --workspace --all-targets
	# Locks and half-done logins of the tests go where they can be thrown away.
	XDG_STATE_HOME=$(CURDIR)/target/state $(CARGO) test $(LOCKED) --workspace

# Every vector against every face; what a face's driver needs is built before.
conformance:
	CARGO=$(CARGO) tests/conformance/run

better-auth:
	$(CARGO) build $(LOCKED) --package atmn-cli --package atmn-examples
	tests/better-auth/test

generate:
	$(CARGO) build $(LOCKED) --workspace --all-targets
	ATMN_GENERATE=1 $(CARGO) test $(LOCKED) --package atmn-tests --package atmn-cli generated

SECONDS ?= 600
TARGETS ?= dotenv callback
# libFuzzer's instrumentation needs a switch that the stable compiler hides; nothing else here depends on it.
fuzz:
	cd tests/fuzz && for target in $(TARGETS); do \
		RUSTC_BOOTSTRAP=1 $(CARGO) fuzz run --fuzz-dir . $$target -- -max_total_time=$(SECONDS) -max_len=4096 || exit 1; \
	done

soak: setup
	$(CARGO) build --release --package atmn-tests --package atmn-cli
	ATMN_SOAK=1 $(CARGO) test --release --package atmn-tests --test suite -- race
	target/release/explore 50000 $$(date +%s)

bench:
	$(CARGO) bench --package libatmn

clean:
	$(CARGO) clean
	rm -rf tests/readers/.venv tests/readers/node/node_modules tests/better-auth/node_modules tests/better-auth/screenshots
