# All commands of this repository. Newcomers need `make demo` and `make test`.

CARGO ?= cargo
# Tests must not change the versions in the lock files.
LOCKED = --locked

PREFIX ?= /usr/local
LIBDIR ?= $(PREFIX)/lib

.PHONY: help demo test setup fmt lint doc cross-check unit c node python conformance better-auth windows arm64 install installcheck \
	uninstall install-command package platforms languages recipes source-archive release-rehearsal reproduce generate site \
	site-check fuzz audit soak bench clean

help:
	@echo "make demo             log in to an Autumn on this machine, find the keys, log out (needs only make and Rust)"
	@echo "make test             install the dependencies of the tests, then run every check that decides whether a change may land"
	@echo "make setup            install the dependencies of the tests: .env readers, C compilers, valgrind, Better Auth, a browser"
	@echo "make cross-check      lint core, command and C library for Windows and macOS (part of make test)"
	@echo "make c                test C programs against libatmn, under sanitizers and valgrind (part of make test)"
	@echo "make node             pack the npm package, install it in an empty folder and test it there (part of make test)"
	@echo "make python           build the wheel, install it in a new virtual environment and test it there (part of make test)"
	@echo "make conformance      ask all bindings the same questions and compare the answers (part of make test)"
	@echo "make better-auth      log in against Better Auth in a real browser (part of make test)"
	@echo "make windows          test the core, the command and the C library as Windows programs under Wine"
	@echo "make arm64            test the core and the packages of make platforms as programs for arm64 under qemu"
	@echo "make install          install the C library: header, libraries, files for pkg-config and CMake (PREFIX=/usr/local DESTDIR= LIBDIR=)"
	@echo "make installcheck     test an installed C library with a C compiler, pkg-config and CMake, without cargo (PREFIX= LIBDIR=)"
	@echo "make uninstall        remove an installed C library (PREFIX=/usr/local DESTDIR= LIBDIR=)"
	@echo "make install-command  install the command with man pages and completions (PREFIX=/usr/local DESTDIR=)"
	@echo "make package          build C library, npm packages, wheel and sdist for glibc 2.28 and later, in build/"
	@echo "make platforms        build, examine and run the packages of all platforms, and update docs/platforms.md (ONLY= ARTEFACTS=)"
	@echo "make languages        run the examples for C++, C#, Go, Java, Lua, PHP, Ruby and Zig over the C library"
	@echo "make recipes          check the recipes for package managers, and build and install the Debian packages"
	@echo "make source-archive   pack the last commit with all crates, and build from that without a network"
	@echo "make reproduce        build the last commit twice for Linux x64, in two folders, and compare every byte"
	@echo "make release-rehearsal  do everything of a release that needs no account, for Linux x64, and print what it would publish"
	@echo "make generate         rewrite all generated files: error table and page, atmn.h, completions, man pages, licences"
	@echo "make site             make the website of all pages and references in build/site, and check its links"
	@echo "make site-check       look at the website in a browser: phone and desktop, light and dark, accessibility, search"
	@echo "make fuzz             fuzz the parsers of untrusted bytes, and saving against another process, ten minutes each (SECONDS=600 TARGETS=...)"
	@echo "make audit            check licences, sources and advisories of all dependencies (needs the network and four tools)"
	@echo "make soak             run longer races and file tests, and 200 logins in one process"
	@echo "make bench            measure libatmn and its peers, and update docs/benchmarks.md (needs a quiet machine)"
	@echo "make clean            remove everything that was built or installed here"

demo:
	@$(CARGO) build $(LOCKED) --quiet --package atmn-cli --package atmn-examples
	@$(CARGO) run $(LOCKED) --quiet --package atmn-examples --bin demo

# Two steps run at a time, because many wait for downloads and other processes. Each prints its output when it ends. Where the
# system allows no network namespaces, steps would compete for the callback ports, so they run one after the other.
TEST_JOBS ?= $(shell unshare -n true 2>/dev/null && echo 2 || echo 1)
test:
	$(MAKE) --no-print-directory --jobs=$(TEST_JOBS) --output-sync=target IN_ORDER=1 \
		setup fmt lint doc cross-check unit c node python conformance better-auth

# Cargo builds one thing at a time in a folder. The tests of the bindings use what `unit` builds.
ifdef IN_ORDER
lint: fmt
doc: lint
cross-check: doc
unit: setup cross-check
c node python: unit
# Cargo would limit its compilers to the jobs of make.
unexport MAKEFLAGS MFLAGS
endif

setup:
	tests/readers/setup
	bindings/c/tests/setup
	tests/better-auth/setup
	tests/support/npm-install bindings/node --ignore-scripts
	bindings/python/setup

fmt:
	$(CARGO) fmt --all --check

lint:
	$(CARGO) clippy $(LOCKED) --workspace --all-targets -- --deny warnings

doc:
	RUSTDOCFLAGS="--deny warnings" $(CARGO) doc $(LOCKED) --workspace --no-deps

# Rust's libraries for the other systems are downloaded once.
cross-check:
	tests/cross/setup
	CARGO=$(CARGO) tests/cross/check

# Builds first, because the suite runs the `atmn` program.
unit:
	$(CARGO) build $(LOCKED) --workspace --all-targets
	# Locks and pending logins of the tests go to a folder that can be deleted.
	XDG_STATE_HOME=$(CURDIR)/target/state $(CARGO) test $(LOCKED) --workspace --exclude libatmn-c

c:
	bindings/c/test

# Packs the npm packages and tests an installation of them.
node:
	bindings/node/test

# Builds the wheel and tests an installation of it.
python:
	bindings/python/test

# Runs every vector in every binding. The drivers use the packages that `node` and `python` install.
conformance: node python
	CARGO=$(CARGO) tests/conformance/run

better-auth: node python
	CARGO=$(CARGO) tests/better-auth/build
	tests/better-auth/test

windows:
	CARGO=$(CARGO) tests/windows/run

# Takes the packages that `make platforms ONLY=linux-arm64-gnu` has built. ONLY names some of core, node, python.
arm64:
	tests/platforms/suites $(ONLY)

install:
	$(CARGO) build $(LOCKED) --release --package libatmn-c
	bindings/c/install "$${CARGO_TARGET_DIR:-target}/release" "$(PREFIX)" "$(DESTDIR)" "$(LIBDIR)"

installcheck:
	bindings/c/installcheck "$(PREFIX)" "$(LIBDIR)"

uninstall:
	bindings/c/uninstall "$(PREFIX)" "$(DESTDIR)" "$(LIBDIR)"

install-command:
	$(CARGO) build $(LOCKED) --release --package atmn-cli
	bindings/shell/install "$${CARGO_TARGET_DIR:-target}/release" "$(PREFIX)" "$(DESTDIR)"

package:
	bindings/c/package
	bindings/node/package
	bindings/python/package

# Each needs minutes for its own build. ONLY names platforms, ARTEFACTS some of command, c, addon, wheel.
platforms:
	tests/platforms/run $(ONLY)

languages:
	tests/languages/run $(ONLY)

# The Debian packages and the action take the release that `make platforms` has built.
recipes:
	ARTEFACTS="command c" tests/platforms/run linux-x64-gnu
	ARTEFACTS=command tests/platforms/run linux-x64-musl
	packaging/test build/platforms/target/x86_64-unknown-linux-gnu/release build/platforms/linux-x64-musl/atmn-*.tar.gz

source-archive:
	packaging/source

reproduce:
	packaging/reproduce

release-rehearsal:
	packaging/rehearse

generate:
	$(CARGO) build $(LOCKED) --workspace --all-targets
	ATMN_GENERATE=1 $(CARGO) test $(LOCKED) --package atmn-tests --package atmn-cli --package libatmn --package libatmn-c generated
	tests/support/third-party

# The setup needs the network; the rest does not.
site:
	docs/site/setup
	CARGO=$(CARGO) docs/site/build

site-check: site
	tests/better-auth/setup
	node --test --test-reporter=spec docs/site/look.mjs

SECONDS ?= 600
TARGETS ?= dotenv callback authenticate answers inputs exchange
# libFuzzer's instrumentation needs an unstable compiler option, which RUSTC_BOOTSTRAP allows for this target only.
fuzz:
	cd tests/fuzz && for target in $(TARGETS); do \
		RUSTC_BOOTSTRAP=1 $(CARGO) fuzz run --fuzz-dir . $$target -- -max_total_time=$(SECONDS) -max_len=4096 || exit 1; \
	done

# Not part of `make test`: new advisories change the result without a change here.
audit:
	$(CARGO) deny --locked check
	$(CARGO) audit --file tests/fuzz/Cargo.lock
	cd bindings/node && npm audit
	cd tests/readers/node && npm audit
	cd tests/better-auth && npm audit
	cd docs/site && npm audit
	pip-audit --requirement tests/readers/python/requirements.txt --requirement bindings/python/requirements-tests.txt \
		--requirement docs/site/requirements.txt

# Builds everything first. The tests would otherwise build the command in the middle of a race.
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
	rm -rf tests/platforms/.venv tests/workflows/node_modules docs/site/node_modules
