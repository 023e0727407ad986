//! Edits random nasty files and reports each reader that loses a variable it could read before.
//!
//! `explore FILES SEED`. Losses are counted by reader and kind, with the shortest file for each; some cannot be avoided
//! (see `docs/env-files.md`), so this is a tool for changes of the editor, not a test.
#![allow(clippy::print_stdout, clippy::unwrap_used, missing_docs)]

use std::collections::BTreeMap;

use atmn_tests::readers::{Reader, Reading};
use libatmn::__internal::dotenv::Document;
use libatmn::SecretBytes;

const NAME: &str = "AUTUMN_SECRET_KEY";
const NEW: &str = "am_sk_test_new";

const LINES: &[&str] = &[
    "A=1",
    "B=two words",
    "C='q'",
    "D=\"q\"",
    "E=don't",
    "F=isn't",
    "# comment",
    "# don't",
    "  # indented",
    "   ",
    "",
    "",
    "junk",
    "export FOO",
    "H: v",
    "I=",
    "J=a=b",
    "M=\"1\nAUTUMN_SECRET_KEY=decoy\n2\"",
    "N='x\ny'",
    "O=C:\\",
    "P=\"C:\\\\\"",
    "Q=\"a\\\"b\"",
    "R=v#c",
    "S=v # it's",
    "T=`b`",
    "U=${AUTUMN_SECRET_KEY}",
    "AUTUMN_SECRET_KEY=old",
    "export AUTUMN_SECRET_KEY=old",
    "AUTUMN_SECRET_KEY = old",
    "AUTUMN_SECRET_KEY='old'",
    "AUTUMN_SECRET_KEY=\"old\" # mine",
    "AUTUMN_SECRET_KEY: old",
    "AUTUMN_SECRET_KEY",
    "export AUTUMN_SECRET_KEY",
    "AUTUMN_SECRET_KEY=\"o\nld\"",
    "AUTUMN_SECRET_KEY=",
    "X_AUTUMN_SECRET_KEY=no",
    "#AUTUMN_SECRET_KEY=no",
];

struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % limit
    }

    fn file(&mut self) -> Vec<u8> {
        let mut file = Vec::new();
        if self.below(30) == 0 {
            file.extend_from_slice(b"\xEF\xBB\xBF");
        }
        let ends: &[&str] = [&["\n"][..], &["\n"], &["\n"], &["\r\n"]][self.below(4)];
        let count = 1 + self.below(6);
        for index in 0..count {
            file.extend_from_slice(LINES[self.below(LINES.len())].as_bytes());
            if index + 1 < count || self.below(4) > 0 {
                file.extend_from_slice(ends[self.below(ends.len())].as_bytes());
            }
        }
        file
    }
}

fn main() {
    let mut arguments = std::env::args().skip(1).map(|text| text.parse::<u64>().unwrap());
    let (count, seed) = (arguments.next().unwrap_or(2000), arguments.next().unwrap_or(1));
    let mut random = Random(seed);
    let files: Vec<Vec<u8>> = (0..count).map(|_| random.file()).collect();
    let parse = |file: &Vec<u8>| Document::parse(SecretBytes::from(file.clone()));
    let set: Vec<Vec<u8>> = files.iter().map(|file| parse(file).set(NAME, NEW).bytes().to_vec()).collect();
    let removed: Vec<Vec<u8>> = files.iter().map(|file| parse(file).remove(&[NAME]).bytes().to_vec()).collect();
    let mut losses: BTreeMap<String, (usize, Vec<u8>, Vec<u8>)> = BTreeMap::new();
    for &reader in Reader::ALL {
        let before = reader.ask(&files);
        for (what, after) in [("set", &set), ("remove", &removed)] {
            let seen = reader.ask(after);
            for index in 0..files.len() {
                for loss in losses_of(&before[index], &seen[index], what) {
                    let entry = losses.entry(format!("{what} {} {loss}", reader.name())).or_default();
                    entry.0 += 1;
                    if entry.1.is_empty() || files[index].len() < entry.1.len() {
                        (entry.1, entry.2) = (files[index].clone(), after[index].clone());
                    }
                }
            }
        }
    }
    for (kind, (count, before, after)) in losses {
        println!("{count:5} {kind}\n      {}\n      {}", before.escape_ascii(), after.escape_ascii());
    }
}

fn losses_of(before: &Reading, after: &Reading, what: &str) -> Vec<String> {
    let Reading::Values(old) = before else { return Vec::new() };
    let Reading::Values(new) = after else { return vec!["gives up".to_owned()] };
    let mut losses = Vec::new();
    for (name, value) in old.iter().filter(|(name, value)| !concerns_key(name, value.as_deref())) {
        if new.get(name) != Some(value) {
            losses.push(if new.contains_key(name) { "changes another" } else { "loses another" }.to_owned());
        }
    }
    let key = after.value(NAME).map(<[u8]>::trim_ascii_end);
    let had = before.value(NAME).is_some();
    match what {
        "remove" if new.contains_key(NAME.as_bytes()) => losses.push("still has the key".to_owned()),
        "set" if had && key != Some(NEW.as_bytes()) => losses.push("loses the key".to_owned()),
        "set" if !had && key.is_none() => losses.push("(still not seen)".to_owned()),
        _ => {}
    }
    losses
}

/// The key, variables that refer to it, and values that contain it or another line.
fn concerns_key(name: &[u8], value: Option<&[u8]>) -> bool {
    let name = String::from_utf8_lossy(name);
    let value = String::from_utf8_lossy(value.unwrap_or_default());
    name.contains(NAME) || name == "U" || name.contains('\n') || value.contains("old") || value.contains(NAME)
}
