//! `atmn doctor`

use std::process::ExitCode;

use libatmn::__internal::json;
use libatmn::{Check, CheckOutcome, DiagnoseOptions, Diagnosis, Host, Result, Server, blocking};

use crate::cli::{DoctorArguments, Global};
use crate::output::{CALLER, Output};
use crate::program;
use crate::screen::Waiting;
use crate::signals::Signals;

pub(crate) fn run(arguments: &DoctorArguments, global: &Global, output: &Output) -> Result<ExitCode> {
    let signals = Signals::for_call();
    let options = options(arguments, global);
    let server = Server::choose(options.server.as_ref(), &Host::current());
    let server = server.as_ref().map_or("the server", |server| server.api());
    let mut report = Report::new(output, server);
    match blocking::each_check(&options, &mut |check| report.add(check), signals.cancel()) {
        Ok(()) => Ok(report.finish()),
        Err(error) => signals.fail(error, "Check", "", output),
    }
}

fn options(arguments: &DoctorArguments, global: &Global) -> DiagnoseOptions {
    let DoctorArguments { offline, ports } = arguments;
    let defaults = DiagnoseOptions::default();
    DiagnoseOptions {
        directory: global.dir.clone(),
        server: global.server(),
        offline: *offline,
        timeout: defaults.timeout,
        host: None,
        ports: ports.clone().unwrap_or(defaults.ports),
        command: program::command(),
    }
}

/// The checks as they are printed: each at once, or all as JSON at the end.
struct Report<'a> {
    output: &'a Output,
    server: &'a str,
    waiting: Waiting,
    checks: Vec<Check>,
    printed: ExitCode,
}

impl<'a> Report<'a> {
    fn new(output: &'a Output, server: &'a str) -> Self {
        Self { output, server, waiting: output.contacting(server), checks: Vec::new(), printed: ExitCode::SUCCESS }
    }

    fn add(&mut self, check: Check) {
        // The line that says what the command waits for must not be in the line of a check.
        self.waiting.end();
        let check = check.for_caller(&CALLER);
        if !self.output.json && self.printed == ExitCode::SUCCESS {
            self.printed = self.output.check(&check);
        }
        self.checks.push(check);
        self.waiting = self.output.contacting(self.server);
    }

    fn finish(self) -> ExitCode {
        self.waiting.end();
        let failed = self.checks.iter().any(|check| check.outcome == CheckOutcome::Failed);
        let printed = match self.output.json {
            true => self.output.data_json(&json::diagnosis(&Diagnosis { checks: self.checks })),
            false => self.printed,
        };
        if failed { ExitCode::FAILURE } else { printed }
    }
}
