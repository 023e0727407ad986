//! The examples in the header, on the pages and in examples/c are programs, and do what they say.

use atmn_tests::project::{Project, SANDBOX};
use atmn_tests::{pages, repository};

use crate::build::{Finder, Linked, Program, STRICT};
use crate::run::World;

/// The pieces of C in the header's comments.
fn examples() -> Vec<String> {
    let header = std::fs::read_to_string(repository().join("include/atmn.h")).unwrap();
    let pieces = header.split(" * ```c\n").skip(1).map(|rest| rest.split(" * ```\n").next().unwrap());
    let unmarked = |line: &str| line.strip_prefix(" *").unwrap().to_owned() + "\n";
    pieces.map(|piece| piece.lines().map(unmarked).collect()).collect()
}

/// The pieces of C on the front page and in the guides.
fn on_pages() -> Vec<String> {
    pages::names().iter().flat_map(|name| pages::blocks(&pages::read(name), "c")).collect()
}

/// All pieces as one program, each as a function, in their order.
fn program(examples: &[String]) -> String {
    let function = |(number, body): (usize, &String)| format!("static void example_{number}(void)\n{{\n{body}}}\n\n");
    let functions: String = examples.iter().enumerate().map(function).collect();
    let calls: String = (0..examples.len()).map(|number| format!("    example_{number}();\n")).collect();
    format!(
        "#include <stdio.h>\n#include <atmn.h>\n\n\
         static atmn_verdict my_verify(void *user_data, const char *key, atmn_kind kind, atmn_environment environment)\n{{\n\
         \x20   (void)user_data, (void)key, (void)kind, (void)environment;\n    return ATMN_VERDICT_UNKNOWN;\n}}\n\n\
         {functions}int main(void)\n{{\n{calls}    return 0;\n}}\n"
    )
}

#[test]
fn the_examples_in_the_header_compile_and_run() {
    let examples = examples();
    assert!(examples.len() >= 7, "{examples:?}");
    let folder = tempfile::tempdir().unwrap();
    let source = folder.path().join("manual.c");
    std::fs::write(&source, program(&examples)).unwrap();
    let mut flags = STRICT.to_vec();
    flags.extend(["-fsanitize=address,undefined", "-fno-sanitize-recover=all"]);
    let program = Program::compile("clang", &flags, &[&source], Linked::Statically, Finder::Sanitizers);
    let world = World::new();
    let done = world.run_in(&Project::new(), &program, &[]);
    done.ok("the header's examples");
    for said in
        ["publishable live\n", "saved in /", "Logged in to Copper Kettle.\n", "Log in at http://", "401 {\"message\":"]
    {
        assert!(done.stdout.contains(said), "no {said}: {}", done.stdout);
    }
    assert!(done.stderr.contains("No API key found"), "{}", done.stderr);
}

#[test]
fn the_examples_on_the_pages_compile_and_run() {
    let examples = on_pages();
    assert!(examples.len() >= 5, "{examples:?}");
    let folder = tempfile::tempdir().unwrap();
    let source = folder.path().join("pages.c");
    std::fs::write(&source, program(&examples)).unwrap();
    let mut flags = STRICT.to_vec();
    // Each is a function of its own here, and only some use what they all may.
    flags.extend(["-Wno-unused-function", "-fsanitize=address,undefined", "-fno-sanitize-recover=all"]);
    let program = Program::compile("clang", &flags, &[&source], Linked::Statically, Finder::Sanitizers);
    let (world, project) = (World::new(), Project::new());
    project.write(".env", format!("AUTUMN_SECRET_KEY={}\n", world.key()));
    let done = world.run_in(&project, &program, &[]);
    done.ok("the pages' examples");
    for said in ["from AUTUMN_SECRET_KEY in /", "First Customer", "Copper Kettle\n", "Log in at http://", "200 {"] {
        assert!(done.stdout.contains(said), "no {said}: {}{}", done.stdout, done.stderr);
    }
}

#[test]
fn the_program_on_the_page_of_this_folder_runs() {
    let [program] = pages::blocks(&pages::read("bindings/c/README.md"), "c").try_into().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let source = folder.path().join("page.c");
    std::fs::write(&source, program).unwrap();
    let program = Program::compile("gcc", &STRICT, &[&source], Linked::Dynamically, Finder::None);
    let (world, project) = (World::new(), Project::new());
    project.write(".env", format!("AUTUMN_SECRET_KEY={SANDBOX}\n"));
    let done = world.run_in(&project, &program, &[]);
    assert!(done.stdout.starts_with("am_sk_test_…dbox from AUTUMN_SECRET_KEY in "), "{}{}", done.stdout, done.stderr);
}

fn example(name: &str) -> Program {
    let source = repository().join("examples/c").join(name).with_extension("c");
    Program::compile("gcc", &STRICT, &[&source], Linked::Dynamically, Finder::None)
}

#[test]
fn key_shows_the_masked_key_and_its_place() {
    let (world, project, key) = (World::new(), Project::new(), example("key"));
    let without = world.run_in(&project, &key, &[]);
    assert!(!without.success && without.stderr.contains("atmn login"), "{}", without.stderr);
    project.write(".env", format!("AUTUMN_SECRET_KEY={SANDBOX}\n"));
    let done = world.run_in(&project, &key, &[]);
    assert!(done.stdout.starts_with("am_sk_test_…dbox from AUTUMN_SECRET_KEY in "), "{}", done.stdout);
}

#[test]
fn login_saves_keys_that_request_uses() {
    let (world, project, login, request) = (World::new(), Project::new(), example("login"), example("request"));
    let done = world.run_in(&project, &login, &[]);
    done.ok("login");
    assert!(done.stdout.starts_with("Logged in to Copper Kettle.\n/"), "{}", done.stdout);
    assert!(done.stderr.starts_with("Log in at this URL: http://"), "{}", done.stderr);
    let done = world.run_in(&project, &login, &[]);
    assert!(done.stdout.contains("were kept"), "{}", done.stdout);
    let done = world.run_in(&project, &request, &[]);
    assert!(done.stdout.contains("cus_42"), "{}{}", done.stdout, done.stderr);
    assert_eq!(done.stderr, "", "no login was needed");
}

#[test]
fn request_logs_in_where_the_key_is_rejected() {
    let (world, project) = (World::new(), Project::new());
    project.write(".env", format!("AUTUMN_SECRET_KEY={SANDBOX}\n"));
    let done = world.run_in(&project, &example("request"), &[]);
    assert!(done.stdout.contains("cus_42") && done.stderr.contains("Log in at"), "{}{}", done.stdout, done.stderr);
    let file = project.read(".env");
    let keys: Vec<&str> = file.lines().filter_map(|line| line.split_once('=')).map(|(_, key)| key).collect();
    assert!(!keys.is_empty() && keys.iter().all(|key| !done.stdout.contains(key) && !done.stderr.contains(key)));
}
