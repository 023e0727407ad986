//! Feeds every vector to every binding; see `README.md`.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a failed assumption is a failed test
#![allow(clippy::print_stdout)] // the table is what this program is for

mod autumn;
mod binding;
mod browser;
mod case;
mod check;
mod driver;
mod exceptions;
mod fixture;
mod load;
mod shell;
mod surface;
mod table;
mod workspace;

use std::process::ExitCode;
use std::thread;

use serde_json::{Value, json};

use binding::Binding;
use case::Case;
use fixture::Fixture;
use table::Table;

/// The result of a case in one binding.
enum CaseResult {
    /// The binding cannot run the case, for this reason.
    Exempt(&'static str),
    Answered(Result<Value, String>),
}

/// All results of one binding.
struct BindingRun {
    binding: String,
    surface: Result<Value, String>,
    cases: Vec<CaseResult>,
    end: Result<(), String>,
}

fn main() -> ExitCode {
    let only: Vec<String> = std::env::args().skip(1).collect();
    if let [flag, url] = only.as_slice()
        && flag == browser::FLAG
    {
        return browser::follow(url).map_or(ExitCode::FAILURE, |()| ExitCode::SUCCESS);
    }
    let (cases, bindings) = (load::all(), binding::all(&only));
    // Each binding has a separate fixture, so that no binding waits for the pauses of another.
    let runs: Vec<BindingRun> = thread::scope(|scope| {
        let start = |(name, binding)| scope.spawn(|| run(name, binding, &cases));
        let threads: Vec<_> = bindings.into_iter().map(start).collect();
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

fn run(name: String, mut binding: Binding, cases: &[Case]) -> BindingRun {
    let fixture = Fixture::new();
    let surface = surface::read(&name).map_or_else(|| fixture.surface(&mut binding), Ok);
    let run_case = |case: &Case| match exceptions::exemption(&name, case) {
        Some(reason) => CaseResult::Exempt(reason),
        None => {
            let answer = fixture.ask(case, &mut binding);
            CaseResult::Answered(answer.map(|answer| check::with_core_names(&name, answer)))
        }
    };
    let cases = cases.iter().map(run_case).collect();
    BindingRun { surface, cases, end: binding.end(), binding: name }
}

fn compare_surfaces(runs: &[BindingRun], table: &mut Table) {
    let agreed = surface::agreed();
    for BindingRun { binding, surface, .. } in runs {
        let (names, differences) = match surface {
            Ok(found) => surface::compare(binding, &agreed, found),
            Err(reason) => (1, vec![reason.clone()]),
        };
        table.compared("surface.json", binding, names, &differences);
    }
}

/// Compares the answers to one case with the vector, and with the answer of the core, which runs first.
fn compare(case: &Case, index: usize, runs: &[BindingRun], table: &mut Table) {
    let mut core = None;
    for BindingRun { binding, cases, .. } in runs {
        match &cases[index] {
            CaseResult::Exempt(reason) => table.exempt(case, binding, reason),
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
    if let Some(wrong) = check::shape_difference(case.op(), answer) {
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
