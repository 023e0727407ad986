//! Feeds every vector to every binding; see `README.md`.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a failed assumption is a failed test
#![allow(clippy::print_stdout)] // the table is what this program is for

mod autumn;
mod browser;
mod case;
mod check;
mod driver;
mod exceptions;
mod binding;
mod load;
mod shell;
mod bench;
mod surface;
mod table;
mod workspace;

use std::process::ExitCode;
use std::thread;

use serde_json::{Value, json};

use bench::Bench;
use binding::Binding;
use case::Case;
use table::Table;

/// The result of a case in one binding.
enum CaseResult {
    /// The binding cannot play it, for this reason.
    Excused(&'static str),
    Answered(Result<Value, String>),
}

/// All results of one binding.
struct Run {
    binding: String,
    surface: Result<Value, String>,
    cases: Vec<CaseResult>,
    end: Result<(), String>,
}

fn main() -> ExitCode {
    let only: Vec<String> = std::env::args().skip(1).collect();
    if let [flag, address] = only.as_slice()
        && flag == browser::FLAG
    {
        return browser::follow(address).map_or(ExitCode::FAILURE, |()| ExitCode::SUCCESS);
    }
    let (cases, bindings) = (load::all(), binding::all(&only));
    // Each binding has its own bench, so that none waits for the pauses of another.
    let runs: Vec<Run> = thread::scope(|scope| {
        let play = |(name, binding)| scope.spawn(|| play(name, binding, &cases));
        let threads: Vec<_> = bindings.into_iter().map(play).collect();
        threads.into_iter().map(|thread| thread.join().expect("a thread for the binding")).collect()
    });
    let names: Vec<String> = runs.iter().map(|run| run.binding.clone()).collect();
    let mut table = Table::new(&names);
    compare_surfaces(&runs, &mut table);
    for (index, case) in cases.iter().enumerate() {
        compare(case, index, &runs, &mut table);
    }
    for run in &runs {
        run.end.as_ref().err().into_iter().for_each(|reason| table.differs("exit", &run.binding, reason));
    }
    print!("{table}");
    if table.is_clean() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn play(name: String, mut binding: Binding, cases: &[Case]) -> Run {
    let bench = Bench::new();
    let surface = surface::read(&name, &binding::target().join("atmn")).map_or_else(|| bench.surface(&mut binding), Ok);
    let play = |case: &Case| match exceptions::excuse(&name, case) {
        Some(reason) => CaseResult::Excused(reason),
        None => {
            let answer = bench.ask(case, &mut binding);
            CaseResult::Answered(answer.map(|answer| check::with_core_names(&name, answer)))
        }
    };
    let cases = cases.iter().map(play).collect();
    Run { surface, cases, end: binding.end(), binding: name }
}

fn compare_surfaces(runs: &[Run], table: &mut Table) {
    let agreed = surface::agreed();
    for Run { binding, surface, .. } in runs {
        let (names, differences) = match surface {
            Ok(found) => surface::compare(binding, &agreed, found),
            Err(reason) => (1, vec![reason.clone()]),
        };
        table.compared("surface.json", binding, names, &differences);
    }
}

/// Compares the answers to one case with the vector and with the core's answer, which is the first.
fn compare(case: &Case, index: usize, runs: &[Run], table: &mut Table) {
    let mut core = None;
    for Run { binding, cases, .. } in runs {
        match &cases[index] {
            CaseResult::Excused(reason) => table.excused(case, binding, reason),
            CaseResult::Answered(answer) => {
                let result = answer.as_ref().map_err(String::clone).and_then(|answer| evaluate(case, answer, core));
                table.answered(case, binding, result);
                core = core.or(answer.as_ref().ok().filter(|_| binding == "core"));
            }
        }
    }
}

fn evaluate(case: &Case, answer: &Value, core: Option<&Value>) -> Result<(), String> {
    if !check::fits(answer, &case.expect) {
        return Err(format!("expected {}\n    got      {answer}", case.expect));
    }
    if let Some(wrong) = check::misshapen(case.op(), answer) {
        return Err(format!("{wrong}\n    got      {answer}"));
    }
    if let Some(secret) = check::leaked_secret(case, answer) {
        return Err(format!("the error contains {secret:?}\n    got      {answer}"));
    }
    core.and_then(|core| check::difference(case, core, answer)).map_or(Ok(()), Err)
}

/// The request for the names that a binding offers.
fn surface_request() -> Case {
    Case::new("surface.json", "surface", &json!({ "op": "surface" }), Value::Null)
}
