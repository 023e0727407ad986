# The only list of commands. `make demo` and `make test` are the two that a newcomer needs.

CARGO ?= cargo
# Lock files are the truth; a test that changes them is a different test.
LOCKED = --locked

PREFIX ?= /usr/local
LIBDIR ?= $(PREFIX)/lib

.PHONY: help demo test setup fmt lint doc unit c node python conformance better-auth windows install install-command \
	package generate fuzz audit soak bench clean

help:
	@echo "make demo      log in to an Autumn on this machine, find the keys, log out; needs only make and Rust"
	@echo "make test      set up and run everything that decides whether a change may land"
	@echo "make setup     install what the tests ask: other languages' .env readers, C compilers, valgrind, Better Auth, a browser"
	@echo "make c         C programs against libatmn, under sanitizers and valgrind (part of make test)"
	@echo "make node      pack the npm package, install it in a clean folder, check and test it there"
	@echo "make python    build the Python wheel, install it into a new virtual environment, check and test it there"
	@echo "make conformance  ask every face the same, and compare the answers (part of make test)"
	@echo "make better-auth  log in against Better Auth itself, in a real browser (part of make test)"
	@echo "make windows   the core, the command and the C library as Windows programs, under Wine"
	@echo "make install   the C library: header, libatmn.so, libatmn.a, atmn.pc (PREFIX=/usr/local DESTDIR=)"
	@echo "make install-command  the command with man pages and completions, in the same way"
	@echo "make package   for glibc 2.28 and later: C library, npm packages, Python wheel and its source, in build/"
	@echo "make generate  rewrite what is generated: error table and page, atmn.h, completions, man pages"
	@echo "make fuzz      ten minutes of random bytes each for what reads strangers' bytes (SECONDS=600 TARGETS=…)"
	@echo "make audit     licences, sources and advisories of all that comes along; needs the network and four tools"
	@echo "make soak      more races, more kills, more nasty files than make test has time for; 200 logins in one process"
	@echo "make bench     every figure beside its peer, as a table and a picture in docs/benchmarks.md; wants a quiet machine"

demo:
	@$(CARGO) build $(LOCKED) --quiet --package atmn-cli --package atmn-examples
	@$(CARGO) run $(LOCKED) --quiet --package atmn-examples --bin demo

test: setup fmt lint doc unit c node python conformance better-auth

setup:
	tests/readers/setup
	bindings/c/tests/setup
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
	XDG_STATE_HOME=$(CURDIR)/target/state $(CARGO) test $(LOCKED) --workspace --exclude libatmn-c

c:
	bindings/c/test

# Packs what is published, and tests what an installation of it does.
node:
	bindings/node/test

# Builds the wheel, and tests what an installation of it does.
python:
	bindings/python/test

# Every vector against every face; what a face's driver needs is built before, by the face's own target.
conformance: node python
	CARGO=$(CARGO) tests/conformance/run

better-auth: node python
	CARGO=$(CARGO) tests/better-auth/build
	tests/better-auth/test

windows:
	CARGO=$(CARGO) tests/windows/run

install:
	$(CARGO) build $(LOCKED) --release --package libatmn-c
	bindings/c/install "$${CARGO_TARGET_DIR:-target}/release" "$(PREFIX)" "$(DESTDIR)" "$(LIBDIR)"

install-command:
	$(CARGO) build $(LOCKED) --release --package atmn-cli
	bindings/shell/install "$${CARGO_TARGET_DIR:-target}/release" "$(PREFIX)" "$(DESTDIR)"

package:
	bindings/c/package
	bindings/node/package
	bindings/python/package

generate:
	$(CARGO) build $(LOCKED) --workspace --all-targets
	ATMN_GENERATE=1 $(CARGO) test $(LOCKED) --package atmn-tests --package atmn-cli --package libatmn --package libatmn-c generated

SECONDS ?= 600
TARGETS ?= dotenv callback access answers
# libFuzzer's instrumentation needs a switch that the stable compiler hides; nothing else here depends on it.
fuzz:
	cd tests/fuzz && for target in $(TARGETS); do \
		RUSTC_BOOTSTRAP=1 $(CARGO) fuzz run --fuzz-dir . $$target -- -max_total_time=$(SECONDS) -max_len=4096 || exit 1; \
	done

# What the world knows of our dependencies. Not a test: its answer changes without us.
audit:
	$(CARGO) deny --locked check
	$(CARGO) audit --file tests/fuzz/Cargo.lock
	cd bindings/node && npm audit
	cd tests/readers/node && npm audit
	cd tests/better-auth && npm audit
	pip-audit --requirement tests/readers/python/requirements.txt --requirement bindings/python/requirements-tests.txt

# All of it first: the tests look for the finished command, and would build it in the middle of a race.
soak: setup
	$(CARGO) build --release --workspace --all-targets
	ATMN_SOAK=1 $(CARGO) test --release --package atmn-tests --test suite -- race
	target/release/explore 50000 $$(date +%s)
	CARGO=$(CARGO) tests/soak/run

bench:
	CARGO=$(CARGO) tests/bench/run

clean:
	$(CARGO) clean
	rm -rf build bindings/c/.venv bindings/node/build bindings/node/node_modules bindings/python/.venv
	rm -rf tests/readers/.venv tests/readers/node/node_modules tests/better-auth/node_modules tests/better-auth/screenshots
