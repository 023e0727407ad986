//! The checklist of CONTRIBUTING.md, section "To add an operation": its paths exist, and the smallest operation is
//! found in no other file.

use atmn_tests::repository;
use atmn_tests::source::{self, files};

/// The most entries that the list may have.
const LIMIT: usize = 40;

/// Folders of sources that a new operation may touch. Their tests are exempt: a test may call any operation.
const SOURCES: &[&str] =
    &["core/src", "bindings", "examples", "tests/conformance/core", "tests/conformance/c", "tests/conformance/node"];

/// The paths of the two lists: the files to edit, and those that `make generate` writes.
fn checklist() -> (Vec<String>, Vec<String>) {
    let page = std::fs::read_to_string(repository().join("CONTRIBUTING.md")).unwrap();
    let section = page.split("\n## To add an operation\n").nth(1).unwrap().split("\n## ").next().unwrap();
    let paths = |text: &str| {
        let items = text.lines().filter(|line| line.trim_start().starts_with("- "));
        items.flat_map(|item| item.split('`').skip(1).step_by(2)).map(str::to_owned).collect()
    };
    let (edited, generated) = section.split_once("`make generate`").unwrap();
    (paths(edited), paths(generated))
}

/// Whether a source names the operation `logout` in any spelling of an identifier.
fn names_logout(text: &str) -> bool {
    let text = text.to_lowercase();
    text.match_indices("logout").any(|(start, word)| {
        let (before, after) = (text[..start].chars().next_back(), text[start + word.len()..].chars().next());
        // `logout_result`, `LogoutOptions` and `atmn_logout` count; a word of a sentence does not.
        matches!(after, Some('(' | '_' | ':' | '<' | '\'' | '"' | '=' | 'o' | 'r'))
            || matches!(before, Some('_' | '.' | '\'' | '"'))
    })
}

#[test]
fn checklist_names_existing_files() {
    let (edited, generated) = checklist();
    for path in edited.iter().chain(&generated) {
        assert!(repository().join(path).exists(), "{path} does not exist");
    }
    assert!(edited.len() <= LIMIT, "{} files to edit, more than {LIMIT}", edited.len());
}

#[test]
fn checklist_names_every_file_of_the_smallest_operation() {
    let (edited, generated) = checklist();
    let listed = |path: &str| {
        edited
            .iter()
            .chain(&generated)
            .any(|item| path == item || item.ends_with('/') && path.starts_with(item.as_str()))
    };
    let sources = SOURCES.iter().chain(&["tests/conformance/python"]).flat_map(|folder| files(folder, &[]));
    let is_source = |path: &String| !path.contains("/tests/") && !path.ends_with(".md");
    let text = |path: &str| match path.ends_with(".rs") {
        true => source::code(path),
        false => String::from_utf8_lossy(&std::fs::read(repository().join(path)).unwrap()).into_owned(),
    };
    let unlisted: Vec<String> =
        sources.filter(is_source).filter(|path| !listed(path) && names_logout(&text(path))).collect();
    assert!(unlisted.is_empty(), "CONTRIBUTING.md does not list:\n{}", unlisted.join("\n"));
}
