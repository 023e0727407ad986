//! C programs that use all of the header, twice over, under what finds their and our mistakes; and a prefix as a user has
//! it, with nothing but header, libraries and pkg-config file.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a failed assumption is a failed test

mod build;
mod installed;
mod manual;
mod run;
mod symbols;

use build::{Finder, Program};
use run::World;

/// Programs that need no server.
const ALONE: [&str; 3] = ["keys", "misuse", "authenticate"];
/// Programs that log in, or call. They use the callback ports, so one after the other.
const ONLINE: [&str; 3] = ["login", "client", "threads"];

fn all_programs_under(finder: Finder) {
    let world = World::new();
    for name in ALONE.iter().chain(&ONLINE) {
        world.run(&Program::build(name, finder)).ok(name);
    }
}

#[test]
fn sanitizers_find_nothing() {
    all_programs_under(Finder::Sanitizers);
}

#[test]
fn valgrind_finds_nothing() {
    all_programs_under(Finder::Valgrind);
}

/// What looks for mistakes must be able to find one.
#[test]
fn a_program_with_a_mistake_is_found_out() {
    for finder in [Finder::Sanitizers, Finder::Valgrind] {
        let world = World::new();
        for (mistake, found) in [("leak", "lost|LeakSanitizer"), ("late", "Invalid read|heap-use-after-free")] {
            let done = world.run_with(&Program::build("mistake", finder), &[mistake]);
            assert!(!done.success, "{finder:?} did not see the {mistake}");
            assert!(found.split('|').any(|word| done.stderr.contains(word)), "{finder:?} {mistake}: {}", done.stderr);
        }
    }
}
