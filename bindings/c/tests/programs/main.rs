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

/// Not under valgrind, which sees that a child leaves alone what it shares with its parent, as it must.
#[test]
fn a_client_works_on_both_sides_of_a_fork() {
    World::new().run(&Program::build("fork", Finder::Sanitizers)).ok("fork");
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
