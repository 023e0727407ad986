//! No file uses a banned word: `language/banned.txt` lists them, `language/exceptions.txt` the exceptions with reasons.

use atmn_tests::repository;
use atmn_tests::source::files;

/// The lines of a list that are not comments.
fn lines(list: &'static str) -> impl Iterator<Item = &'static str> {
    list.lines().filter(|line| !line.is_empty() && !line.starts_with('#'))
}

/// The text in lower case, with one space between words and around it; identifiers are split into their words.
fn words(text: &str) -> String {
    let (mut words, mut last) = (" ".to_owned(), ' ');
    for c in text.chars() {
        let boundary = !(c.is_alphanumeric() || c == '\'') || (c.is_uppercase() && last.is_lowercase());
        if boundary && !words.ends_with(' ') {
            words.push(' ');
        }
        if c.is_alphanumeric() || c == '\'' {
            words.extend(c.to_lowercase());
        }
        last = c;
    }
    words + " "
}

/// Each banned word of a file, with its line. A phrase that continues on the next line counts on its last line.
fn banned(path: &str, text: &str) -> Vec<String> {
    let exceptions: Vec<_> =
        lines(include_str!("language/exceptions.txt")).map(|line| line.split('\t').collect()).collect();
    let phrases = exceptions.iter().filter(|row: &&Vec<&str>| row[0] == "*" || row[0] == path).map(|row| row[1]);
    let phrases: Vec<&str> = phrases.collect();
    let (mut found, mut last) = (Vec::new(), " ".to_owned());
    for (index, line) in text.lines().enumerate() {
        let line = words(&phrases.iter().fold(line.to_owned(), |line, phrase| line.replace(phrase, " ")));
        let both = last.clone() + line.trim_start();
        for word in lines(include_str!("language/banned.txt")) {
            let word = format!(" {word} ");
            if both.matches(&word).count() > last.matches(&word).count() {
                found.push(format!("{path}:{}: {}", index + 1, word.trim()));
            }
        }
        last = line;
    }
    found
}

#[test]
fn banned_finds_words_phrases_and_parts_of_identifiers() {
    let found = |text: &str| banned("a.rs", text).len();
    assert_eq!(found("Nobody waits.\nfn who_ever(faces: IsFace) {}\n// this has to\n// be so"), 4);
    assert_eq!(found("fn surface() { error(login_unattended); } // a thousand\n// be so"), 0);
}

#[test]
fn no_file_uses_a_banned_word() {
    let folders = ["core", "bindings", "docs", "tests", "examples", "include"];
    let pages = ["README.md", "CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md"];
    let mut found = Vec::new();
    for path in folders.iter().chain(&pages).flat_map(|folder| files(folder, &[])) {
        let foreign = path.ends_with("-lock.json")
            || path.ends_with(".lock")
            || path.contains("LICENSE")
            || path.contains("THIRD-PARTY");
        let own = path.starts_with("tests/suite/language");
        let text = std::fs::read(repository().join(&path)).ok().and_then(|bytes| String::from_utf8(bytes).ok());
        found.extend(text.filter(|_| !foreign && !own).map(|text| banned(&path, &text)).unwrap_or_default());
    }
    assert!(found.is_empty(), "{}\n{} banned words", found.join("\n"), found.len());
}
