//! Feeds every vector to every face; see README.md.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a failed assumption is a failed test
#![allow(clippy::print_stdout)] // the table is what this program is for

mod autumn;
mod browser;
mod case;
mod check;
mod driver;
mod exceptions;
mod face;
mod load;
mod shell;
mod stage;
mod surface;
mod table;
mod world;

use std::process::ExitCode;
use std::thread;

use serde_json::{Value, json};

use case::Case;
use face::Face;
use stage::Stage;
use table::Table;

/// What came of a case with one face.
enum Played {
    /// It was not asked, for this reason.
    Excused(&'static str),
    Answered(Result<Value, String>),
}

/// What came of everything with one face.
struct Run {
    face: String,
    surface: Result<Value, String>,
    cases: Vec<Played>,
    end: Result<(), String>,
}

fn main() -> ExitCode {
    let only: Vec<String> = std::env::args().skip(1).collect();
    if let [flag, address] = only.as_slice()
        && flag == browser::FLAG
    {
        return browser::follow(address).map_or(ExitCode::FAILURE, |()| ExitCode::SUCCESS);
    }
    let (cases, faces) = (load::all(), face::all(&only));
    // Each face has a stage of its own, so that none waits for another one's pauses.
    let runs: Vec<Run> = thread::scope(|scope| {
        let play = |(name, face)| scope.spawn(|| play(name, face, &cases));
        let threads: Vec<_> = faces.into_iter().map(play).collect();
        threads.into_iter().map(|thread| thread.join().expect("a face that was asked")).collect()
    });
    let names: Vec<String> = runs.iter().map(|run| run.face.clone()).collect();
    let mut table = Table::new(&names);
    compare_surfaces(&runs, &mut table);
    for (index, case) in cases.iter().enumerate() {
        compare(case, index, &runs, &mut table);
    }
    for run in &runs {
        run.end.as_ref().err().into_iter().for_each(|reason| table.differs("the end", &run.face, reason));
    }
    print!("{table}");
    if table.is_clean() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn play(name: String, mut face: Face, cases: &[Case]) -> Run {
    let stage = Stage::new();
    let surface = surface::read(&name, &face::target().join("atmn")).map_or_else(|| stage.surface(&mut face), Ok);
    let play = |case: &Case| match exceptions::excuse(&name, case) {
        Some(reason) => Played::Excused(reason),
        None => Played::Answered(stage.ask(case, &mut face)),
    };
    let cases = cases.iter().map(play).collect();
    Run { surface, cases, end: face.end(), face: name }
}

fn compare_surfaces(runs: &[Run], table: &mut Table) {
    let agreed = surface::agreed();
    for Run { face, surface, .. } in runs {
        let (names, differences) = match surface {
            Ok(found) => surface::compare(face, &agreed, found),
            Err(reason) => (1, vec![reason.clone()]),
        };
        table.compared("surface.json", face, names, &differences);
    }
}

/// Holds the answers to one case against the vector and the core, whose answer is the first.
fn compare(case: &Case, index: usize, runs: &[Run], table: &mut Table) {
    let mut core = None;
    for Run { face, cases, .. } in runs {
        match &cases[index] {
            Played::Excused(reason) => table.excused(case, face, reason),
            Played::Answered(answer) => {
                let verdict = answer.as_ref().map_err(String::clone).and_then(|answer| judge(case, answer, core));
                table.answered(case, face, verdict);
                core = core.or(answer.as_ref().ok().filter(|_| face == "core"));
            }
        }
    }
}

fn judge(case: &Case, answer: &Value, core: Option<&Value>) -> Result<(), String> {
    if !check::fits(answer, &case.expect) {
        return Err(format!("expected {}\n    got      {answer}", case.expect));
    }
    if let Some(wrong) = check::misshapen(case.op(), answer) {
        return Err(format!("{wrong}\n    got      {answer}"));
    }
    if let Some(secret) = check::given_away(case, answer) {
        return Err(format!("the error repeats {secret:?}\n    got      {answer}"));
    }
    core.and_then(|core| check::difference(case, core, answer)).map_or(Ok(()), Err)
}

/// The question that is about the face itself.
fn about_itself() -> Case {
    Case::new("surface.json", "surface", &json!({ "op": "surface" }), Value::Null)
}
