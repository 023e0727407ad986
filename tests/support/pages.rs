//! The pages for users, and the blocks of code on them.

use crate::repository;

/// The front page and every page in `docs`, by their paths from the top of the repository.
#[must_use]
pub fn names() -> Vec<String> {
    let files = std::fs::read_dir(repository().join("docs")).unwrap().map(|entry| entry.unwrap().file_name());
    let names = files.map(|name| format!("docs/{}", name.to_str().unwrap()));
    let mut names: Vec<String> = names.filter(|name| name.ends_with(".md")).collect();
    names.push("README.md".to_owned());
    names.sort();
    names
}

/// The text of a page.
#[must_use]
pub fn read(name: &str) -> String {
    std::fs::read_to_string(repository().join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// The blocks of one language, without their fences.
#[must_use]
pub fn blocks(page: &str, language: &str) -> Vec<String> {
    fences(page).into_iter().filter(|(known, _)| known == language).map(|(_, block)| block).collect()
}

/// All blocks, each with the language of its fence.
#[must_use]
pub fn fences(page: &str) -> Vec<(String, String)> {
    let mut fences: Vec<(String, String)> = Vec::new();
    let mut open = false;
    for line in page.lines() {
        match (line.strip_prefix("```"), open) {
            (Some(language), false) => fences.push((language.to_owned(), String::new())),
            (None, true) => fences.last_mut().unwrap().1 += &format!("{line}\n"),
            (None, false) | (Some(_), true) => {}
        }
        open ^= line.starts_with("```");
    }
    fences
}
