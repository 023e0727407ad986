//! C programs that use the whole header, under sanitizers and under valgrind; and an installed prefix with header, libraries
//! and pkg-config file. Each program runs its calls twice, so that it can compare what they leave behind.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a failed assumption is a failed test

mod build;
mod installed;
mod leaving;
mod manual;
mod null;
mod reset;
mod run;
mod symbols;

use build::{Checker, Program};
use run::World;

/// Programs that need no server.
const OFFLINE: &[&str] = &["keys", "misuse", "authenticate", "loading", "stress", "exit"];
/// Programs that log in or send requests. They use the callback ports, so they run one after the other.
const ONLINE: &[&str] = &["login", "client", "threads", "steps", "loop", "cancellation"];
/// Programs in which several threads use the library, those that it starts itself included.
const THREADED: &[&str] = &["stress", "exit", "login", "client", "threads", "steps", "loop", "cancellation"];

fn all_programs_under(checker: Checker) {
    let world = World::new();
    for name in OFFLINE.iter().chain(ONLINE) {
        world.run(&Program::build(name, checker)).expect_success(name);
    }
}

#[test]
fn sanitizers_find_nothing() {
    all_programs_under(Checker::Sanitizers);
}

/// Not under valgrind, which reports the memory that the child shares with its parent and must not free.
#[test]
fn client_works_in_both_processes_after_fork() {
    World::new().run(&Program::build("fork", Checker::Sanitizers)).expect_success("fork");
}

/// Not under valgrind, which counts its own descriptors and applies the limit itself.
#[test]
fn descriptors_may_be_closed_or_exhausted() {
    World::new().run(&Program::build("descriptors", Checker::Sanitizers)).expect_success("descriptors");
}

/// Without sanitizers, which start threads themselves.
#[test]
fn lack_of_threads_is_an_error() {
    World::new().run(&Program::build("limited", Checker::None)).expect_success("limited");
}

/// Not under valgrind, which waits for children itself.
#[test]
fn lost_exit_status_is_no_success() {
    World::new().run(&Program::build("children", Checker::Sanitizers)).expect_success("children");
}

#[test]
fn valgrind_finds_nothing() {
    all_programs_under(Checker::Valgrind);
}

#[test]
fn helgrind_finds_nothing() {
    let world = World::new();
    for name in THREADED {
        world.run(&Program::build(name, Checker::Helgrind)).expect_success(name);
    }
}

/// Proves that sanitizers and valgrind are active.
#[test]
fn checkers_detect_planted_mistakes() {
    let race = World::new().run_with(&Program::build("mistake", Checker::Helgrind), &["race"]);
    assert!(!race.success && race.stderr.contains("Possible data race"), "{}", race.stderr);
    for checker in [Checker::Sanitizers, Checker::Valgrind] {
        let world = World::new();
        for (mistake, found) in [("leak", "lost|LeakSanitizer"), ("late", "Invalid read|heap-use-after-free")] {
            let output = world.run_with(&Program::build("mistake", checker), &[mistake]);
            assert!(!output.success, "{checker:?} did not find the {mistake}");
            assert!(
                found.split('|').any(|word| output.stderr.contains(word)),
                "{checker:?} {mistake}: {}",
                output.stderr
            );
        }
    }
}
