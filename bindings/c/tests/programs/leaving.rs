//! A C++ program whose callbacks end in all ways that the header mentions, and which calls on a small stack.

use std::path::Path;

use atmn_tests::project::Project;

use crate::build::{Checker, Linked, Program};
use crate::run::World;

#[test]
fn callback_that_does_not_return_ends_the_process() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/c/leaving.cc");
    let flags = ["-std=c++11", "-pedantic", "-Wall", "-Wextra", "-Werror", "-g"];
    let world = World::new();
    for linked in [Linked::Dynamically, Linked::Statically] {
        let program = Program::compile("g++", &flags, &[&source], linked, Checker::None);
        let run = |what: &str| {
            let project = Project::new();
            world.run_in(&project, &program, &[what, &world.url(), project.path("").to_str().unwrap()])
        };
        run("return").expect_success("return");
        run("stack").expect_success("stack");
        for what in ["exception", "exception of verify", "exit"] {
            let output = run(what);
            assert!(output.status.contains("SIGABRT"), "{linked:?} {what}: {} {}", output.status, output.stderr);
        }
    }
}
