//! Reads the repository's own sources, for tests of rules that no compiler can check.

use std::process::Command;

use crate::repository;

/// The tracked or new files below a folder with one of these extensions, by their paths in the repository; all files if
/// no extension is given.
#[must_use]
pub fn files(folder: &str, extensions: &[&str]) -> Vec<String> {
    let mut git = Command::new("git");
    git.args([
        "ls-files",
        "--cached",
        "--others",
        "--exclude-standard",
        "--",
        if folder.is_empty() { "." } else { folder },
    ]);
    let output = git.current_dir(repository()).output().expect("git");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let fits =
        |path: &&str| extensions.is_empty() || path.rsplit_once('.').is_some_and(|(_, end)| extensions.contains(&end));
    let mut paths: Vec<String> =
        String::from_utf8_lossy(&output.stdout).lines().filter(fits).map(str::to_owned).collect();
    paths.retain(|path| repository().join(path).is_file());
    paths
}

/// The text of a Rust file without comments and unit tests; empty for a file of tests.
#[must_use]
pub fn code(path: &str) -> String {
    if path.split('/').any(|part| matches!(part, "tests" | "tests.rs")) {
        return String::new();
    }
    let text = std::fs::read_to_string(repository().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"));
    let text = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
    text.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
}

/// The identifier that a text begins with.
#[must_use]
pub fn identifier(text: &str) -> String {
    text.trim_start().chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect()
}

/// The items of a list whose opening brace was read already; each item keeps the lists inside it.
#[must_use]
pub fn items(list: &str) -> Vec<String> {
    let (mut depth, mut items) = (1, vec![String::new()]);
    for c in list.chars() {
        depth += i32::from(c == '{') - i32::from(c == '}');
        match (c, depth) {
            (_, 0) => break,
            (',', 1) => items.push(String::new()),
            _ => items.last_mut().unwrap().push(c),
        }
    }
    items.retain(|item| !item.trim().is_empty());
    items
}
