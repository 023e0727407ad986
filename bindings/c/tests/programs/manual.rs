//! The examples in the header, in the guides and in examples/c compile and do what their text says.

use atmn_tests::project::{Project, SANDBOX};
use atmn_tests::{pages, repository};

use crate::build::{Checker, Linked, Program, STRICT};
use crate::run::World;

/// The C examples in the comments of the header.
fn header_examples() -> Vec<String> {
    let header = std::fs::read_to_string(repository().join("include/atmn.h")).unwrap();
    let pieces = header.split(" * ```c\n").skip(1).map(|rest| rest.split(" * ```\n").next().unwrap());
    let without_mark = |line: &str| line.strip_prefix(" *").unwrap().to_owned() + "\n";
    pieces.map(|piece| piece.lines().map(without_mark).collect()).collect()
}

/// The C examples in README.md and in the guides.
fn guide_examples() -> Vec<String> {
    pages::names().iter().flat_map(|name| pages::blocks(&pages::read(name), "c")).collect()
}

/// Whether an example defines a function, as opposed to statements with a `static` variable.
fn is_function(example: &str) -> bool {
    ["static atmn_verdict ", "static void "].iter().any(|start| example.trim_start().starts_with(start))
}

/// All examples as one program: each is a function, except those that define one. They run in their order.
fn program(examples: &[String]) -> String {
    let (definitions, bodies): (Vec<&String>, Vec<&String>) = examples.iter().partition(|example| is_function(example));
    let mut program = "#include <poll.h>\n#include <stdio.h>\n#include <string.h>\n#include <atmn.h>\n\n".to_owned();
    program.extend(definitions.into_iter().map(|definition| format!("{definition}\n")));
    for (number, body) in bodies.iter().enumerate() {
        program += &format!("static void example_{number}(void)\n{{\n{body}}}\n\n");
    }
    let calls: String = (0..bodies.len()).map(|number| format!("    example_{number}();\n")).collect();
    format!("{program}int main(void)\n{{\n{calls}    return 0;\n}}\n")
}

#[test]
fn header_examples_compile_and_run() {
    let examples = header_examples();
    assert!(examples.len() >= 7, "{examples:?}");
    let directory = tempfile::tempdir().unwrap();
    let source = directory.path().join("manual.c");
    std::fs::write(&source, program(&examples)).unwrap();
    let mut flags = STRICT.to_vec();
    flags.extend(["-fsanitize=address,undefined", "-fno-sanitize-recover=all"]);
    let program = Program::compile("clang", &flags, &[&source], Linked::Statically, Checker::Sanitizers);
    let world = World::new();
    let output = world.run_in(&Project::new(), &program, &[]);
    output.expect_success("the examples of the header");
    for expected in
        ["publishable live\n", "saved in /", "Logged in to Copper Kettle.\n", "Log in at http://", "401 {\"message\":"]
    {
        assert!(output.stdout.contains(expected), "no {expected}: {}", output.stdout);
    }
    assert!(output.stderr.contains("No API key found"), "{}", output.stderr);
}

/// The header and the guides promise C++, which has no designated initializers before C++20, and converts no `void *`.
#[test]
fn examples_compile_as_cpp() {
    let directory = tempfile::tempdir().unwrap();
    let flags = ["-std=c++17", "-pedantic", "-Wall", "-Wextra", "-Werror"];
    for (name, examples) in [("header.cc", header_examples()), ("guides.cc", guide_examples())] {
        let source = directory.path().join(name);
        std::fs::write(&source, program(&examples)).unwrap();
        for compiler in ["g++", "clang++"] {
            Program::compile(compiler, &flags, &[&source], Linked::Dynamically, Checker::None);
        }
    }
}

#[test]
fn guide_examples_compile_and_run() {
    let examples = guide_examples();
    assert!(examples.len() >= 5, "{examples:?}");
    let directory = tempfile::tempdir().unwrap();
    let source = directory.path().join("pages.c");
    std::fs::write(&source, program(&examples)).unwrap();
    let mut flags = STRICT.to_vec();
    flags.extend(["-fsanitize=address,undefined", "-fno-sanitize-recover=all"]);
    let program = Program::compile("clang", &flags, &[&source], Linked::Statically, Checker::Sanitizers);
    let (world, project) = (World::new(), Project::new());
    project.write(".env", format!("AUTUMN_SECRET_KEY={}\n", world.key()));
    let output = world.run_in(&project, &program, &[]);
    output.expect_success("the examples of the guides");
    for expected in ["from AUTUMN_SECRET_KEY in /", "Logged in to Copper Kettle.\n", "Log in at http://", "200 {"] {
        assert!(output.stdout.contains(expected), "no {expected}: {}{}", output.stdout, output.stderr);
    }
}

#[test]
fn readme_program_runs() {
    let [program] = pages::blocks(&pages::read("bindings/c/README.md"), "c").try_into().unwrap();
    let directory = tempfile::tempdir().unwrap();
    let source = directory.path().join("page.c");
    std::fs::write(&source, program).unwrap();
    let program = Program::compile("gcc", STRICT, &[&source], Linked::Dynamically, Checker::None);
    let (world, project) = (World::new(), Project::new());
    project.write(".env", format!("AUTUMN_SECRET_KEY={SANDBOX}\n"));
    let output = world.run_in(&project, &program, &[]);
    assert!(
        output.stdout.starts_with("am_sk_test_…dbox from AUTUMN_SECRET_KEY in "),
        "{}{}",
        output.stdout,
        output.stderr
    );
}

fn example(name: &str) -> Program {
    let source = repository().join("examples/c").join(name).with_extension("c");
    Program::compile("gcc", STRICT, &[&source], Linked::Dynamically, Checker::None)
}

#[test]
fn key_shows_masked_key_and_location() {
    let (world, project, key) = (World::new(), Project::new(), example("key"));
    let without = world.run_in(&project, &key, &[]);
    assert!(!without.success && without.stderr.contains("login"), "{}", without.stderr);
    project.write(".env", format!("AUTUMN_SECRET_KEY={SANDBOX}\n"));
    let output = world.run_in(&project, &key, &[]);
    assert!(output.stdout.starts_with("am_sk_test_…dbox from AUTUMN_SECRET_KEY in "), "{}", output.stdout);
}

#[test]
fn login_saves_keys_that_request_uses() {
    let (world, project, login, request) = (World::new(), Project::new(), example("login"), example("request"));
    let output = world.run_in(&project, &login, &[]);
    output.expect_success("login");
    assert!(output.stdout.starts_with("Logged in to Copper Kettle.\n/"), "{}", output.stdout);
    assert!(output.stderr.starts_with("Log in at ") && output.stderr.contains("http://"), "{}", output.stderr);
    let output = world.run_in(&project, &login, &[]);
    assert!(output.stdout.contains("were kept"), "{}", output.stdout);
    let output = world.run_in(&project, &request, &[]);
    assert!(output.stdout.contains("cus_42"), "{}{}", output.stdout, output.stderr);
    assert_eq!(output.stderr, "", "no login was needed");
}

#[test]
fn request_logs_in_if_key_is_rejected() {
    let (world, project) = (World::new(), Project::new());
    // After a login, the organization of the key is known, so even a POST request may be repeated.
    world.run_in(&project, &example("login"), &[]).expect_success("login");
    world.revoke_keys();
    let output = world.run_in(&project, &example("request"), &[]);
    assert!(
        output.stdout.contains("cus_42") && output.stderr.contains("Log in at"),
        "{}{}",
        output.stdout,
        output.stderr
    );
    let file = project.read(".env");
    let keys: Vec<&str> = file.lines().filter_map(|line| line.split_once('=')).map(|(_, key)| key).collect();
    assert!(!keys.is_empty() && keys.iter().all(|key| !output.stdout.contains(key) && !output.stderr.contains(key)));
}
