//! Feeds every vector to every face; see README.md.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a failed assumption is a failed test
#![allow(clippy::print_stdout)] // the table is what this program is for

mod autumn;
mod case;
mod check;
mod driver;
mod exceptions;
mod load;
mod shell;
mod surface;
mod table;
mod world;

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use atmn_tests::repository;
use serde_json::{Value, json};

use autumn::Autumn;
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
    let (world, autumn) = (World::new(), Autumn::start());
    let mut faces = faces();
    let names: Vec<String> = faces.iter().map(|(name, _)| name.clone()).collect();
    let mut table = Table::new(&names);
    compare_surfaces(&mut faces, &world, &mut table);
    for case in load::all() {
        run(&case, &mut faces, &Place { world: &world, autumn: &autumn }, &mut table);
    }
    for (name, face) in &mut faces {
        table.note(face.end().map_err(|reason| format!("{name}: {reason}")));
    }
    print!("{table}");
    if table.is_clean() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn compare_surfaces(faces: &mut [(String, Face)], world: &World, table: &mut Table) {
    let agreed = surface::agreed();
    for (name, face) in faces {
        let found = surface::read(name, &target().join("atmn")).map_or_else(|| surface_of(face, world), Ok);
        let (names, differences) =
            found.map_or_else(|reason| (1, vec![reason]), |found| surface::compare(name, &agreed, &found));
        table.compared("surface.json", name, names, &differences);
    }
}

/// What a face says of itself.
fn surface_of(face: &mut Face, world: &World) -> Result<Value, String> {
    let answer = face.ask(&Case::new("surface.json", "surface", &json!({ "op": "surface" }), Value::Null), world)?;
    answer.get("ok").cloned().ok_or_else(|| format!("no surface: {answer}"))
}

/// Where all happens.
struct Place<'a> {
    world: &'a World,
    autumn: &'a Autumn,
}

/// Asks every face the same, and holds each against the vector and the core.
fn run(case: &Case, faces: &mut [(String, Face)], place: &Place<'_>, table: &mut Table) {
    let root = place.world.root();
    let digits: String = root.to_string_lossy().bytes().map(|byte| format!("{byte:02x}")).collect();
    let mut places = place.autumn.places();
    places.extend([("{root}", root.display().to_string()), ("{root_hex}", digits)]);
    let case = case.placed(&places);
    let mut reference = None;
    for (name, face) in faces {
        if let Some(reason) = exceptions::excuse(name, &case) {
            table.excused(&case, name, reason);
            continue;
        }
        let verdict = ask(&case, face, place).and_then(|answer| {
            judge(&case, &answer, reference.as_ref())?;
            if name == "core" {
                reference = Some(answer);
            }
            Ok(())
        });
        table.answered(&case, name, verdict);
    }
}

/// One question to one face, and what it did beside answering.
fn ask(case: &Case, face: &mut Face, place: &Place<'_>) -> Result<Value, String> {
    let Place { world, autumn } = place;
    world.make(case);
    let case = begin(case, face, place)?;
    let before = autumn.prepare(&case);
    let began = Instant::now();
    let answer = face.ask(&case, world)?;
    let took = began.elapsed();
    if took < Duration::from_millis(case.pauses) {
        return Err(format!("pauses of {} ms are due, and all took {took:?}", case.pauses));
    }
    let requests = autumn.requests() - before;
    if case.requests.is_some_and(|expected| expected != requests) {
        return Err(format!("expected {:?} requests, and there were {requests}; {answer}", case.requests));
    }
    match world.differences(&case).as_slice() {
        [] => Ok(check::settled(&case, &answer, &world.root())),
        differences => Err(format!("{}\n    got      {answer}", differences.join("\n    "))),
    }
}

/// Begins the login that a case completes, with the same face, and follows its address as a person would.
fn begin(case: &Case, face: &mut Face, place: &Place<'_>) -> Result<Case, String> {
    let Some(login) = &case.login else { return Ok(case.clone()) };
    let mut request = case::object(&login["begin"]);
    request.insert("op".into(), "begin_login".into());
    let begun = face.ask(&Case { request, ..case.clone() }, place.world)?;
    let url = begun["ok"]["url"].as_str().ok_or_else(|| format!("no login has begun: {begun}"))?;
    Ok(case.placed(&[("{callback}", place.autumn.follow(url, login)?)]))
}

fn judge(case: &Case, answer: &Value, reference: Option<&Value>) -> Result<(), String> {
    if !check::fits(answer, &case.expect) {
        return Err(format!("expected {}\n    got      {answer}", case.expect));
    }
    if let Some(wrong) = check::misshapen(case.op(), answer) {
        return Err(wrong);
    }
    if let Some(secret) = check::given_away(case, answer) {
        return Err(format!("the error repeats {secret:?}: {answer}"));
    }
    match reference.and_then(|core| check::difference(case, core, answer)) {
        None => Ok(()),
        Some(difference) => Err(difference),
    }
}
