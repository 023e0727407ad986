//! `.env` readers of other languages: the variables that each of them reads from a file.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::path::PathBuf;
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use crate::{latin1, repository};

/// The result of a reader for one file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reading {
    /// Names and values; `None` for a name without a value.
    Values(BTreeMap<Vec<u8>, Option<Vec<u8>>>),
    /// The reader refused the whole file.
    Refuses,
    /// The reader took too long.
    Hangs,
}

impl Reading {
    /// The value of a variable, if the reader has one.
    #[must_use]
    pub fn value(&self, name: &str) -> Option<&[u8]> {
        match self {
            Self::Values(values) => values.get(name.as_bytes())?.as_deref(),
            Self::Refuses | Self::Hangs => None,
        }
    }
}

/// A reader.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reader {
    /// npm `dotenv`.
    Dotenv,
    /// Node's own parser, also below Vite.
    Node,
    /// `python-dotenv`.
    Python,
    /// Ruby's `dotenv`, Debian's version.
    Ruby,
    /// `set -a; . .env`.
    Bash,
    /// The `dotenvy` crate.
    Dotenvy,
}

impl Reader {
    /// All of them.
    pub const ALL: &[Self] = &[Self::Dotenv, Self::Node, Self::Python, Self::Ruby, Self::Bash, Self::Dotenvy];

    /// The name, as the vectors have it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Dotenv => "dotenv",
            Self::Node => "node",
            Self::Python => "python",
            Self::Ruby => "ruby",
            Self::Bash => "bash",
            Self::Dotenvy => "dotenvy",
        }
    }

    /// Asks about each file; `make setup` must have run.
    #[must_use]
    pub fn ask(self, files: &[Vec<u8>]) -> Vec<Reading> {
        match self {
            Self::Dotenv => driver(&["node", "node/dotenv.mjs"], files),
            Self::Node => driver(&["node", "node/parse_env.mjs"], files),
            Self::Python => driver(&[".venv/bin/python", "python/read.py"], files),
            Self::Ruby => driver(&["ruby", "ruby/read.rb"], files),
            Self::Bash => driver(&["python3", "bash/read.py"], files),
            Self::Dotenvy => files.iter().map(|file| dotenvy_sees(file)).collect(),
        }
    }
}

/// Runs a driver of `tests/readers` over all files.
fn driver(command: &[&str], files: &[Vec<u8>]) -> Vec<Reading> {
    let folder = repository().join("tests/readers");
    let program = if command[0].contains('/') { folder.join(command[0]) } else { PathBuf::from(command[0]) };
    let mut child = Command::new(program)
        .args(&command[1..])
        .current_dir(folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| panic!("{command:?}: {error}; run `make setup`"));
    let mut stdin = child.stdin.take().unwrap();
    let cases: Vec<String> = files
        .iter()
        .enumerate()
        .map(|(id, file)| json!({ "id": id, "bytes": latin1::text(file) }).to_string())
        .collect();
    let writer = std::thread::spawn(move || {
        for case in cases {
            writeln!(stdin, "{case}").expect("the driver stopped listening");
        }
    });
    let stdout = BufReader::new(child.stdout.take().unwrap());
    let answers: Vec<Reading> = stdout.lines().map(|line| parse(&line.unwrap())).collect();
    writer.join().unwrap();
    assert!(child.wait().unwrap().success(), "{command:?} failed");
    assert_eq!(answers.len(), files.len(), "{command:?} did not answer every case");
    answers
}

fn parse(line: &str) -> Reading {
    let answer: Value = serde_json::from_str(line).unwrap();
    if answer["refuses"] == true {
        return Reading::Refuses;
    }
    if answer["hangs"] == true {
        return Reading::Hangs;
    }
    let pair = |(name, value): (&String, &Value)| (latin1::bytes(name), value.as_str().map(latin1::bytes));
    Reading::Values(answer["values"].as_object().unwrap().iter().map(pair).collect())
}

/// What `dotenvy::dotenv()` would set: the first of two wins, and any error gives up on the file.
fn dotenvy_sees(file: &[u8]) -> Reading {
    let mut values = BTreeMap::new();
    for item in dotenvy::from_read_iter(file.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(file)) {
        let Ok((name, value)) = item else { return Reading::Refuses };
        values.entry(name.into_bytes()).or_insert(Some(value.into_bytes()));
    }
    Reading::Values(values)
}
