//! Properties that hold for any bytes. `tests/suite/readers.rs` tests other readers.

use proptest::prelude::*;

use super::line::Line;
use super::syntax::top;
use super::{Document, Value};
use crate::secret::SecretBytes;

const NAME: &str = "AUTUMN_SECRET_KEY";
const OTHER: &str = "AUTUMN_PROD_SECRET_KEY";
const KEY: &str = "am_sk_test_0123456789ab";

fn document(bytes: &[u8]) -> Document {
    Document::parse(SecretBytes::from(bytes.to_vec()))
}

fn text(document: &Document, name: &str) -> Option<String> {
    match document.read(name)?.value {
        Value::Text(text) => Some(text.reveal().to_owned()),
        Value::Empty => Some(String::new()),
        Value::Unusable(flaw) => Some(format!("unusable: it {}", flaw.reason)),
    }
}

/// All other assignments, in order.
fn others(document: &Document) -> Vec<(Vec<u8>, Vec<u8>)> {
    document.others(&[NAME]).map(|(name, value)| (name.to_vec(), value.to_vec())).collect()
}

/// The lines cover the file, and every way of iterating finds the same lines.
fn check_lines(document: &Document) {
    let lines: Vec<Line> = document.lines().collect();
    let shown = document.bytes().escape_ascii();
    let (starts, ends) = (lines.iter().map(|line| line.start), lines.iter().map(|line| line.end));
    let (top, bottom) = ([top(document.bytes())], [document.bytes().len()]);
    assert!(top.into_iter().chain(ends).eq(starts.chain(bottom)), "{shown}");
    assert!(document.lines().rev().eq(lines.iter().rev().cloned()), "{shown}");
    for (index, line) in lines.iter().enumerate() {
        assert!((line.start..line.text_end).all(|byte| document.lines().at(byte) == *line), "{line:?} of {shown}");
        assert!(document.lines().from(line.start).eq(lines[index..].iter().cloned()), "{shown}");
        assert!(document.lines().until(line.start).rev().eq(lines[..index].iter().rev().cloned()), "{shown}");
    }
    let named = |line: &&Line| line.names(document.bytes(), NAME);
    assert!(document.lines_of(NAME).eq(lines.iter().filter(named).cloned()), "{shown}");
}

fn check_edits(bytes: &[u8]) {
    let before = document(bytes);
    assert_eq!(before.bytes(), bytes);
    check_lines(&before);
    let set = before.set(NAME, KEY);
    if let Some(plain) = before.set_plainly(&[(NAME, KEY), (OTHER, KEY)]) {
        let one_by_one = set.set(OTHER, KEY);
        assert_eq!(plain.bytes().escape_ascii().to_string(), one_by_one.bytes().escape_ascii().to_string());
    }
    assert_eq!(text(&set, NAME).as_deref(), Some(KEY), "{}", bytes.escape_ascii());
    assert_eq!(set.lines().filter(|line| line.names(set.bytes(), NAME)).count(), 1, "{}", bytes.escape_ascii());
    assert_eq!(others(&set), others(&before), "set: {}", bytes.escape_ascii());
    let twice = set.set(NAME, KEY);
    assert_eq!(twice.bytes().escape_ascii().to_string(), set.bytes().escape_ascii().to_string());
    for start in [before, set] {
        let removed = start.remove(&[NAME]);
        let left = removed.lines().find(|line| line.names(removed.bytes(), NAME));
        assert!(left.is_none(), "{left:?} in {}", removed.bytes().escape_ascii());
        assert_eq!(others(&removed), others(&start), "remove: {}", start.bytes().escape_ascii());
        assert_eq!(removed.remove(&[NAME]).bytes(), removed.bytes());
    }
}

/// Random combinations of pieces that readers interpret differently.
fn nasty() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        Just(&b"\n"[..]),
        Just(&b"\n"[..]),
        Just(&b"\r\n"[..]),
        Just(&b"\r"[..]),
        Just(&b"="[..]),
        Just(&b": "[..]),
        Just(&b"\""[..]),
        Just(&b"'"[..]),
        Just(&b"`"[..]),
        Just(&b"\\"[..]),
        Just(&b" "[..]),
        Just(&b"\t"[..]),
        Just(&b"#"[..]),
        Just(&b"$"[..]),
        Just(&b"export "[..]),
        Just(&b"export FOO "[..]),
        Just(&b"\xC2\xA0"[..]),
        Just(&b"\xEF\xBB\xBF"[..]),
        Just(&b"\0"[..]),
        Just(&b"\xFF"[..]),
        Just(&b"A=1"[..]),
        Just(&b"B='x"[..]),
        Just(&b"C=\"y"[..]),
        Just(&b"word"[..]),
        Just(&b"AUTUMN_SECRET_KEY"[..]),
        Just(&b"AUTUMN_SECRET_KEY="[..]),
        Just(&b"AUTUMN_SECRET_KEY=old"[..]),
        Just(&b"AUTUMN_PROD_SECRET_KEY=old\n"[..]),
    ];
    prop::collection::vec(piece, 0..24).prop_map(|pieces| pieces.concat())
}

/// Only an algorithm with linear time is fast enough.
#[test]
fn reading_takes_linear_time() {
    let document = document("AUTUMN_SECRET_KEY=k\n".repeat(1_000_000).as_bytes());
    assert_eq!(document.assignments(NAME).last().unwrap().line, 1_000_000);
    assert_eq!(document.read(NAME).unwrap().line, 1_000_000);
}

#[test]
fn line_numbers_count_every_line_terminator() {
    for (above, number) in [
        ("", 1),
        ("\n", 2),
        ("\r\n", 2),
        ("\r", 2),
        ("\r\r\n\n\r", 5),
        ("A='\n\r\n'\n", 4),
        ("\u{feff}", 1),
        ("\u{feff}\n", 2),
    ] {
        let document = document(format!("{above}AUTUMN_SECRET_KEY=k").as_bytes());
        assert_eq!(document.read(NAME).unwrap().line, number, "{above:?}");
        assert_eq!(document.assignments(NAME).next().unwrap().line, number, "{above:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 10_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn edits_keep_all_other_assignments(bytes in nasty()) {
        check_edits(&bytes);
    }

    #[test]
    fn edits_accept_any_bytes(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        check_edits(&bytes);
    }
}
