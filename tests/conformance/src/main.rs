//! Feeds every vector to every face; see README.md.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a failed assumption is a failed test
#![allow(clippy::print_stdout)] // the table is what this program is for

mod case;
mod check;
mod driver;
mod exceptions;
mod load;
mod shell;
mod table;
mod world;

use std::path::PathBuf;
use std::process::ExitCode;

use atmn_tests::repository;
use serde_json::Value;

use case::Case;
use driver::Driver;
use shell::Shell;
use table::Table;
use world::World;

/// What is asked.
enum Face {
    Driver(Driver),
    Shell(Shell),
}

impl Face {
    fn ask(&mut self, case: &Case, world: &World) -> Result<Value, String> {
        match self {
            Self::Driver(driver) => driver.ask(case, world),
            Self::Shell(shell) => shell.ask(case, world),
        }
    }

    fn end(&mut self) -> Result<(), String> {
        match self {
            Self::Driver(driver) => driver.end(),
            Self::Shell(_) => Ok(()),
        }
    }
}

/// The faces of `faces.json` and the shell, the core first: the others are compared with it.
fn faces() -> Vec<(String, Face)> {
    let target = target();
    let text = std::fs::read_to_string(repository().join("tests/conformance/faces.json")).expect("faces.json");
    let listed: serde_json::Map<String, Value> = serde_json::from_str(&text).expect("faces.json");
    let only: Vec<String> = std::env::args().skip(1).collect();
    let face = |(name, command): (&String, &Value)| {
        (name.clone(), Face::Driver(Driver::new(&driver::words(command, &target, &repository()))))
    };
    let mut faces: Vec<_> = listed.iter().map(face).collect();
    faces.push(("shell".into(), Face::Shell(Shell::new(target.join("atmn")))));
    faces.sort_by_key(|(name, _)| (name != "core", name == "shell"));
    let unknown = only.iter().find(|name| faces.iter().all(|(face, _)| face != *name));
    assert_eq!(unknown, None, "no such face");
    faces.retain(|(name, _)| name == "core" || only.is_empty() || only.contains(name));
    faces
}

/// Cargo's folder of finished programs, this one among them.
fn target() -> PathBuf {
    std::env::current_exe().expect("this program").parent().expect("its folder").to_path_buf()
}

fn main() -> ExitCode {
    let world = World::new();
    let mut faces = faces();
    let names: Vec<String> = faces.iter().map(|(name, _)| name.clone()).collect();
    let mut table = Table::new(&names);
    for case in load::all() {
        run(&case, &mut faces, &world, &mut table);
    }
    for (name, face) in &mut faces {
        table.note(face.end().map_err(|reason| format!("{name}: {reason}")));
    }
    print!("{table}");
    if table.is_clean() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Asks every face the same, and holds each against the vector and the core.
fn run(case: &Case, faces: &mut [(String, Face)], world: &World, table: &mut Table) {
    let root = world.root();
    let case = case.placed(&[("{root}", &root.to_string_lossy())]);
    let mut reference = None;
    for (name, face) in faces {
        if let Some(reason) = exceptions::excuse(name, &case) {
            table.excused(&case, name, reason);
            continue;
        }
        world.make(&case);
        let answer = face.ask(&case, world).map(|answer| check::settled(&answer, &root));
        let verdict = answer.and_then(|answer| {
            judge(&case, name, &answer, reference.as_ref(), world)?;
            if name == "core" {
                reference = Some(answer);
            }
            Ok(())
        });
        table.answered(&case, name, verdict);
    }
}

fn judge(case: &Case, face: &str, answer: &Value, reference: Option<&Value>, world: &World) -> Result<(), String> {
    if !check::fits(answer, &case.expect) {
        return Err(format!("expected {}\n    got      {answer}", case.expect));
    }
    if let Some(wrong) = check::misshapen(case.op(), answer) {
        return Err(wrong);
    }
    if let Some(secret) = check::given_away(case, answer) {
        return Err(format!("the error repeats {secret:?}: {answer}"));
    }
    if let Some(difference) = reference.and_then(|core| check::difference(case, face, core, answer)) {
        return Err(difference);
    }
    match world.differences(case).as_slice() {
        [] => Ok(()),
        differences => Err(differences.join("\n    ")),
    }
}
