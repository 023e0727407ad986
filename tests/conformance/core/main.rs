//! The driver of the core: what a Rust program gets, one request and one answer a line.
#![allow(clippy::print_stdout)] // the protocol is spoken on stdout

mod answer;
mod operations;
mod request;

use std::io::{self, BufRead, Write};

use request::Request;
use serde_json::{Value, json};

/// Why there is no result.
enum Trouble {
    /// The core said no.
    Error(libatmn::Error),
    /// A request to the program was refused; the answer to it is part of what is compared.
    Refused(libatmn::Error),
    /// The driver does not understand the request.
    Failure(String),
}

impl From<libatmn::Error> for Trouble {
    fn from(error: libatmn::Error) -> Self {
        Self::Error(error)
    }
}

type Outcome<T> = Result<T, Trouble>;

fn main() -> io::Result<()> {
    for line in io::stdin().lock().lines() {
        println!("{}", answer(&line?));
        io::stdout().flush()?;
    }
    Ok(())
}

fn answer(line: &str) -> Value {
    let mut request = match Request::parse(line) {
        Ok(request) => request,
        Err(reason) => return json!({ "failure": reason }),
    };
    let mut answer = match operations::run(&mut request) {
        Ok(result) => json!({ "ok": result }),
        Err(Trouble::Error(error)) => json!({ "error": answer::error(&error) }),
        Err(Trouble::Refused(error)) => json!({ "error": answer::refused(&error) }),
        Err(Trouble::Failure(reason)) => json!({ "failure": reason }),
    };
    if let Some(events) = request.events {
        answer["events"] = events.iter().map(answer::event).collect();
    }
    answer
}
