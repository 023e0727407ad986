//! The pages for users: every block of code is compiled or run. `documents.rs` checks links.

use atmn_tests::pages;

/// Whether the blocks of a language are compiled or run, by `tests/support/lib.rs`, `bindings/c/tests/programs/manual.rs`,
/// `bindings/node/tests/docs.test.mjs`, `bindings/python/tests/test_documents.py` and
/// `bindings/shell/tests/process/documents.rs`. The doctests of Rust name their pages one by one.
fn is_tested(page: &str, language: &str) -> bool {
    match language {
        "rust" | "rust,no_run" => matches!(page, "README.md" | "docs/rust.md"),
        "c" | "js" | "python" | "console" | "sh" => true,
        // `cmake_lines_of_the_guide_work` of the C tests.
        "cmake" => page == "docs/c.md",
        // Not code, such as a tree of files.
        "text" => true,
        _ => false,
    }
}

#[test]
fn code_blocks_are_compiled_or_run() {
    let mut found = 0;
    for name in pages::names() {
        for (language, block) in pages::fences(&pages::read(&name)) {
            assert!(is_tested(&name, &language), "{name}: no test runs this `{language}` block:\n{block}");
            found += 1;
        }
    }
    assert!(found > 20, "only {found} blocks found: does this test still read the pages?");
}

#[test]
fn readme_is_short() {
    let lines = pages::read("README.md").lines().count();
    assert!(lines <= 150, "{lines} lines; move details to docs");
}

/// The website has the pages that the tables of `docs/README.md` list, and no others.
#[test]
fn index_lists_every_page_once() {
    let index = pages::read("docs/README.md");
    let names = pages::names().into_iter().filter(|name| name.starts_with("docs/") && name != "docs/README.md");
    for name in names {
        let target = format!("]({}) |", name.trim_start_matches("docs/"));
        let rows = index.lines().filter(|line| line.starts_with("| [") && line.contains(&target));
        assert_eq!(rows.count(), 1, "{name}");
    }
}
