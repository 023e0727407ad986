//! `atmn doctor`

mod checks;
mod network;

use std::process::ExitCode;

use libatmn::Error;
use serde_json::{Value, json};

use crate::cli::{DoctorArguments, Global};
use crate::output::{CALLER, Output};
use crate::signals::Signals;

/// The result of a check.
#[derive(Clone, Copy, PartialEq, Eq)]
enum CheckOutcome {
    Ok,
    Warning,
    Failed,
}

impl CheckOutcome {
    fn name(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Warning => "warning",
            Self::Failed => "failed",
        }
    }
}

/// One line of the report.
struct Check {
    subject: &'static str,
    outcome: CheckOutcome,
    message: String,
    hint: Option<String>,
}

impl Check {
    fn ok(subject: &'static str, message: impl Into<String>) -> Self {
        Self { subject, outcome: CheckOutcome::Ok, message: message.into(), hint: None }
    }

    fn warning(subject: &'static str, message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { subject, outcome: CheckOutcome::Warning, message: message.into(), hint: Some(hint.into()) }
    }

    fn failed(subject: &'static str, message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { subject, outcome: CheckOutcome::Failed, message: message.into(), hint: Some(hint.into()) }
    }

    /// An error of the core, with its hint.
    fn of_error(subject: &'static str, outcome: CheckOutcome, error: &Error) -> Self {
        let error = error.clone().for_caller(&CALLER);
        let hint = error.hint.map(|hint| hint.to_string());
        Self { subject, outcome, message: error.message, hint }
    }

    fn json(&self) -> Value {
        json!({
            "check": self.subject,
            "outcome": self.outcome.name(),
            "message": self.message,
            "hint": self.hint,
        })
    }
}

pub(crate) fn run(arguments: &DoctorArguments, global: &Global, output: &Output) -> ExitCode {
    let signals = Signals::for_call();
    let mut failed = false;
    let mut printed = ExitCode::SUCCESS;
    let mut all = Vec::new();
    let mut report = |check: Check| {
        failed |= check.outcome == CheckOutcome::Failed;
        if output.json {
            all.push(check.json());
        } else if printed == ExitCode::SUCCESS {
            printed = output.check(check.outcome.name(), check.subject, &check.message, check.hint.as_deref());
        }
    };
    checks::of_machine(arguments, global, &mut report);
    network::of_server(arguments, global, &signals, output, &mut report);
    if output.json {
        printed = output.data_json(&json!({ "checks": all }));
    }
    signals.exit_code().unwrap_or(if failed { ExitCode::FAILURE } else { printed })
}
