//! The driver of the core: one request and one answer per line.
#![allow(clippy::print_stdout)] // the protocol uses stdout

mod answer;
mod operations;
mod request;
mod surface;

use std::io::{self, BufRead, Write};

use request::DriverRequest;
use serde_json::{Value, json};

/// Why there is no result.
enum Failure {
    /// The core returned an error.
    Error(libatmn::Error),
    /// `authenticate` refused a request; its HTTP answer is compared too.
    Refused(libatmn::Error),
    /// The driver does not understand the request.
    Protocol(String),
}

impl From<libatmn::Error> for Failure {
    fn from(error: libatmn::Error) -> Self {
        Self::Error(error)
    }
}

type DriverResult<T> = Result<T, Failure>;

fn main() -> io::Result<()> {
    for line in io::stdin().lock().lines() {
        println!("{}", answer(&line?));
        io::stdout().flush()?;
    }
    Ok(())
}

fn answer(line: &str) -> Value {
    let mut request = match DriverRequest::parse(line) {
        Ok(request) => request,
        Err(reason) => return json!({ "failure": reason }),
    };
    let mut answer = match operations::run(&mut request) {
        Ok(result) => json!({ "ok": result }),
        Err(Failure::Error(error)) => json!({ "error": answer::error(&error) }),
        Err(Failure::Refused(error)) => json!({ "error": answer::refused(&error) }),
        Err(Failure::Protocol(reason)) => json!({ "failure": reason }),
    };
    if let Some(events) = request.events {
        answer["events"] = events.iter().map(answer::event).collect();
    }
    answer
}
