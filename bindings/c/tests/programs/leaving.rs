//! A C++ program whose callbacks end in all ways that the header mentions, and which calls on a small stack.

use std::path::Path;

use atmn_tests::project::Project;

use crate::build::{Checker, Linked, Program};
use crate::reset::{self, ResettingServer};
use crate::run::{World, output_of};

fn leaving(linked: Linked) -> Program {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/c/leaving.cc");
    let flags = ["-std=c++11", "-pedantic", "-Wall", "-Wextra", "-Werror", "-g"];
    Program::compile("g++", &flags, &[&source], linked, Checker::None)
}

#[test]
fn calls_need_no_more_stack_than_the_header_says() {
    let (world, server) = (World::new(), ResettingServer::start());
    let (project, program) = (reset::project(&server), leaving(Linked::Dynamically));
    let mut command = world.command(&project, &program);
    command.args(["stack", &world.url(), project.path("").to_str().unwrap(), &server.url()]);
    command.env("SSL_CERT_FILE", project.path("root.pem"));
    output_of(&mut command).expect_success("stack");
}

#[test]
fn callback_that_does_not_return_ends_the_process() {
    let world = World::new();
    for linked in [Linked::Dynamically, Linked::Statically] {
        let program = leaving(linked);
        let run = |what: &str| {
            let project = Project::new();
            world.run_in(&project, &program, &[what, &world.url(), project.path("").to_str().unwrap()])
        };
        run("return").expect_success("return");
        for what in ["exception", "exception of verify", "exit"] {
            let output = run(what);
            assert!(output.status.contains("SIGABRT"), "{linked:?} {what}: {} {}", output.status, output.stderr);
        }
    }
}
