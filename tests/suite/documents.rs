//! The Markdown pages: links have targets, cited tests exist, and prose is wrapped.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use atmn_tests::repository;

/// Folders that are not the repository's own.
const FOREIGN: &[&str] = &[".git", ".venv", "build", "corpus", "node_modules", "target"];

/// All pages of the repository.
fn pages() -> Vec<PathBuf> {
    let (mut pages, mut folders) = (Vec::new(), vec![repository()]);
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            if path.is_dir() && !FOREIGN.contains(&name.as_str()) {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "md") {
                pages.push(path);
            }
        }
    }
    pages
}

/// The text of a page without its code blocks.
fn prose(page: &Path) -> String {
    let text = std::fs::read_to_string(page).unwrap();
    text.split("\n```").step_by(2).collect::<Vec<_>>().join("\n")
}

/// All texts between the two marks.
fn between<'a>(text: &'a str, open: &'a str, close: &'a str) -> impl Iterator<Item = &'a str> {
    text.split(open).skip(1).filter_map(move |rest| Some(rest.split_once(close)?.0))
}

/// The link definitions of a page: `[label]: target`.
fn definitions(prose: &str) -> BTreeMap<&str, &str> {
    prose.lines().filter_map(|line| line.strip_prefix('[')?.split_once("]: ")).collect()
}

/// The anchor of a heading.
fn anchor(heading: &str) -> String {
    let kept = heading.trim().to_lowercase();
    let kept = kept.chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
    kept.map(|c| if c == ' ' { '-' } else { c }).collect()
}

fn has_heading(page: &Path, wanted: &str) -> bool {
    let text = prose(page);
    text.lines().filter(|line| line.starts_with('#')).any(|line| anchor(line.trim_start_matches('#')) == wanted)
}

fn leads_somewhere(page: &Path, target: &str) -> bool {
    let (file, heading) = target.split_once('#').map_or((target, None), |(file, heading)| (file, Some(heading)));
    let found = if file.is_empty() { page.to_path_buf() } else { page.parent().unwrap().join(file) };
    found.exists() && heading.is_none_or(|heading| has_heading(&found, heading))
}

#[test]
fn links_have_targets() {
    let mut count = 0;
    for page in pages() {
        let prose = prose(&page);
        let known = definitions(&prose);
        let inline = between(&prose, "](", ")");
        let pictures = ["src=\"", "srcset=\""].into_iter().flat_map(|tag| between(&prose, tag, "\""));
        for target in inline.chain(pictures).chain(known.values().copied()).filter(|target| !target.contains("://")) {
            assert!(leads_somewhere(&page, target), "{}: {target}", page.display());
            count += 1;
        }
        for label in between(&prose, "][", "]") {
            assert!(known.contains_key(label), "{}: [{label}] is not defined", page.display());
        }
        for label in known.keys() {
            assert!(
                prose.contains(&format!("[{label}] ")) || prose.contains(&format!("][{label}]")),
                "{label} is unused"
            );
        }
    }
    assert!(count > 20, "only {count} links found: does this test still read them?");
}

/// Tables, HTML, headings, code and link definitions cannot be wrapped, and two pages are as their generators write them.
#[test]
fn prose_ends_at_column_100() {
    let generated = ["docs/events-and-errors.md", "docs/benchmarks.md"].map(|name| repository().join(name));
    let mut long = Vec::new();
    for page in pages().iter().filter(|page| !generated.contains(page)) {
        let prose = prose(page);
        let is_exempt = |line: &str| {
            line.trim_start().starts_with(['|', '<', '#']) || line.starts_with("    ") || line.contains("]: ")
        };
        let lines = prose.lines().filter(|line| line.chars().count() > 100 && !is_exempt(line));
        long.extend(lines.map(|line| format!("{}: {line}", page.display())));
    }
    assert!(long.is_empty(), "{}", long.join("\n"));
}

/// Whether a file defines a test of this name.
fn is_test(file: &Path, name: &str) -> bool {
    let text = std::fs::read_to_string(file).unwrap();
    match file.extension().and_then(|extension| extension.to_str()) {
        Some("rs") => {
            let above = text.split_once(&format!("fn {name}(")).map(|(above, _)| above);
            above.is_some_and(|above| above.lines().rev().take(6).any(|line| line.trim() == "#[test]"))
        }
        Some("mjs") => {
            let starts = ["test('", "test(\"", "browserTest(t, '"];
            starts.iter().any(|start| text.contains(&format!("{start}{name}{}", &start[start.len() - 1..])))
        }
        Some("py") => text.contains(&format!("def {name}(")),
        _ => false,
    }
}

/// On the pages that promise something, a linked name in backticks is a test in the linked file.
#[test]
fn cited_tests_exist() {
    for (name, least) in [("docs/security.md", 100), ("docs/env-files.md", 40)] {
        let count = cited_tests(&repository().join(name));
        assert!(count > least, "only {count} tests found in {name}: does this test still read them?");
    }
    assert!(!is_test(&repository().join("tests/suite/documents.rs"), "is_test"));
}

fn cited_tests(page: &Path) -> usize {
    let prose = prose(page);
    let (known, mut count) = (definitions(&prose), 0);
    for (name, rest) in prose.split("[`").skip(1).filter_map(|rest| rest.split_once("`][")) {
        let label = rest.split(']').next().unwrap_or_default();
        let file = page.parent().unwrap().join(known[label]);
        assert!(is_test(&file, name), "{name} is no test in {}", file.display());
        count += 1;
    }
    count
}

/// Each row of a table with a column "shown by" names a test, or says that there is none to name.
#[test]
fn promises_name_their_tests() {
    let page = prose(&repository().join("docs/security.md"));
    let (mut is_table, mut rows) = (false, 0);
    for line in page.lines() {
        if !line.starts_with('|') {
            is_table = false;
        } else if line.ends_with("| shown by |") {
            is_table = true;
        } else if is_table && !line.starts_with("|---") {
            let last = line.trim_end_matches('|').rsplit('|').next().unwrap().trim();
            assert!(last.contains("`][") || last.starts_with("the same") || last == "–", "{line}");
            rows += 1;
        }
    }
    assert!(rows > 80, "only {rows} rows found: does this test still read them?");
}

/// Distributions refuse packages without licences.
#[test]
fn published_crates_contain_licences() {
    let workspace = std::fs::read_to_string(repository().join("Cargo.toml")).unwrap();
    let members = workspace.lines().filter_map(|line| line.trim().strip_prefix('"')?.strip_suffix("\","));
    let mut published = 0;
    for member in members.map(|member| repository().join(member)) {
        if std::fs::read_to_string(member.join("Cargo.toml")).unwrap().contains("publish = false") {
            continue;
        }
        published += 1;
        for licence in ["LICENSE-APACHE", "LICENSE-MIT"] {
            let text = |path: PathBuf| std::fs::read_to_string(path).unwrap_or_default();
            assert_eq!(text(member.join(licence)), text(repository().join(licence)), "{}", member.display());
        }
    }
    assert_eq!(published, 3, "libatmn, the command, the local server");
}
