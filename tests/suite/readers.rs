//! Real `.env` files, our edits of them, and six readers: a variable that a reader could read before, it must
//! read after.
//!
//! The cases are data, in `tests/vectors/env`. Their bytes are the specification and written by hand.
//! `ATMN_GENERATE=1 cargo test -p atmn-tests readers` rewrites the `readers` columns, and nothing else; look at the diff.

mod case;
mod format;
mod seen;

use std::collections::BTreeSet;

use atmn_tests::readers::Reader;
use case::{ReaderCase, SANDBOX, Step};

#[test]
fn edits_produce_expected_bytes() {
    let mut failures = Vec::new();
    for (_, cases) in case::load() {
        cases.iter().for_each(|case| failures.extend(check_edits(case)));
    }
    report(&failures);
}

fn check_edits(case: &ReaderCase) -> Vec<String> {
    let mut failures = Vec::new();
    let reading = case::our_reading(&case.before);
    if reading != case.json["key"] {
        failures.push(format!("{} we read {reading}, not {}", case.name, case.json["key"]));
    }
    for &stage in Step::ALL {
        let Some(expected) = case.expected(stage) else { continue };
        let mut found = stage.apply(&case.before);
        for times in ["once", "twice"] {
            if found != expected {
                failures.push(format!(
                    "{} {} {times}\n  in       {}\n  expected {}\n  found    {}",
                    case.name,
                    stage.name(),
                    case.before.escape_ascii(),
                    expected.escape_ascii(),
                    found.escape_ascii()
                ));
            }
            found = stage.apply(&found);
        }
    }
    failures
}

#[test]
fn readers_see_expected_values() {
    let mut files = case::load();
    let mut failures = Vec::new();
    for &reader in Reader::ALL {
        let cases: Vec<&ReaderCase> = files.iter().flat_map(|(_, cases)| cases).collect();
        let mut columns = Vec::new();
        for (case, seen) in cases.iter().zip(seen::ask(reader, &cases)) {
            columns.push(seen.column(case));
            failures.extend(seen.surprises(case, reader.name()));
        }
        if std::env::var_os("ATMN_GENERATE").is_some() {
            let cases = files.iter_mut().flat_map(|(_, cases)| cases);
            cases.zip(columns).for_each(|(case, column)| case.json["readers"][reader.name()] = column.into());
        } else {
            failures.extend(cases.iter().zip(columns).filter_map(|(case, found)| check_column(case, reader, &found)));
        }
    }
    if std::env::var_os("ATMN_GENERATE").is_some() {
        write(&files);
    }
    report(&failures);
}

fn check_column(case: &ReaderCase, reader: Reader, found: &str) -> Option<String> {
    let expected = case.column(reader.name());
    let bytes = |stage| case.expected(stage).unwrap_or_default().escape_ascii().to_string();
    (found != expected).then(|| {
        format!(
            "{} {}\n  expected {expected}\n  found    {found}\n  before {}\n  set    {}\n  remove {}",
            case.name,
            reader.name(),
            case.before.escape_ascii(),
            bytes(Step::Set),
            bytes(Step::Remove)
        )
    })
}

fn write(files: &[(std::path::PathBuf, Vec<ReaderCase>)]) {
    for (path, cases) in files {
        let cases: Vec<_> = cases.iter().map(|case| case.json.clone()).collect();
        std::fs::write(path, format::file(&cases)).unwrap();
    }
}

#[test]
fn vectors_name_every_reader() {
    let files = case::load();
    let mut names = BTreeSet::new();
    let mut failures = Vec::new();
    for case in files.iter().flat_map(|(_, cases)| cases) {
        if !names.insert(&case.name) {
            failures.push(format!("{} occurs twice", case.name));
        }
        for reader in Reader::ALL.iter().copied().map(Reader::name) {
            let surprising = case.column(reader) != case.plain_column();
            if surprising != case.note(reader).is_some() {
                failures.push(format!("{} {reader} {}: note {:?}", case.name, case.column(reader), case.note(reader)));
            }
        }
        if case.json["changes"].is_object() && !case.json["changes"]["why"].is_string() {
            failures.push(format!("{} does not say why others change", case.name));
        }
    }
    for (path, cases) in &files {
        let cases: Vec<_> = cases.iter().map(|case| case.json.clone()).collect();
        if std::fs::read_to_string(path).unwrap() != format::file(&cases) {
            failures.push(format!("{}: run with ATMN_GENERATE=1 to lay it out", path.display()));
        }
    }
    report(&failures);
    assert!(names.len() >= 100);
}

/// Too large to store, and quick only if the editor takes linear time.
#[test]
fn edit_of_sixty_thousand_lines_is_fast() {
    let clean = |key: &str, range: std::ops::Range<u32>| {
        let lines = range.map(|n| format!("V{n}=\"value {n}\"\n")).collect::<String>();
        format!("{lines}{key}")
    };
    let key = |value: &str| format!("{}={value}\n", SANDBOX.0);
    let before = clean(&key("am_sk_test_first"), 0..30_000) + &clean(&key("am_sk_test_old"), 30_000..60_000);
    let after = clean(&key(SANDBOX.1), 0..60_000);
    assert!(Step::Set.apply(before.as_bytes()) == after.as_bytes());
    assert!(Step::Remove.apply(before.as_bytes()) == clean("", 0..60_000).as_bytes());
    // The others take longer than a test may.
    for reader in [Reader::Dotenv, Reader::Node] {
        assert_eq!(reader.ask(&[after.clone().into_bytes()])[0].value(SANDBOX.0), Some(SANDBOX.1.as_bytes()));
    }
}

#[test]
fn edit_of_sixty_thousand_nasty_lines_is_fast() {
    let lines = ["A=1", "B=\"open", "C=it's", "D=`tick", "junk", "export E F", "   ", "AUTUMN_SECRET_KEY='old", "G=\\"];
    let before: String = lines.iter().cycle().take(60_000).flat_map(|line| [line, "\n"]).collect();
    let after = Step::Set.apply(before.as_bytes());
    assert!(Step::Set.apply(&after) == after);
    assert_eq!(case::our_reading(&after)["text"], SANDBOX.1);
    let removed = Step::Remove.apply(&after);
    assert!(case::our_reading(&removed).is_null());
}

#[test]
fn edit_of_three_megabyte_line_is_fast() {
    let long = "x".repeat(3_000_000);
    let before = format!("A={long}\nAUTUMN_SECRET_KEY=am_sk_test_old\nB=\"{long}\"\n");
    let after = Step::Set.apply(before.as_bytes());
    assert!(after == before.replace("am_sk_test_old", SANDBOX.1).as_bytes());
    // The system starts no program with so long a variable, and bash is asked by starting one.
    for reader in Reader::ALL.iter().copied().filter(|reader| *reader != Reader::Bash) {
        let answers = reader.ask(&[before.clone().into_bytes(), after.clone()]);
        assert_eq!(answers[1].value(SANDBOX.0), Some(SANDBOX.1.as_bytes()), "{}", reader.name());
        for name in ["A", "B"] {
            assert!(answers[0].value(name) == answers[1].value(name), "{} {name}", reader.name());
        }
    }
}

fn report(failures: &[String]) {
    assert!(failures.is_empty(), "{} failures\n\n{}", failures.len(), failures.join("\n\n"));
}
