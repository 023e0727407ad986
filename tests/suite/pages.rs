//! The pages for users: every block is of a kind that is compiled or run. Links are looked at in
//! `documents.rs`.

use atmn_tests::pages;

/// Who compiles or runs the blocks of a language: `core/src/lib.rs`, `bindings/c/tests/programs/manual.rs`,
/// `bindings/node/tests/docs.test.mjs`, `bindings/python/tests/test_documents.py` and
/// `bindings/shell/tests/process/documents.rs`. Rust's are the ones that have to be named page by page.
fn is_tested(page: &str, language: &str) -> bool {
    match language {
        "rust" | "rust,no_run" => matches!(page, "README.md" | "docs/rust.md"),
        "c" | "js" | "python" | "console" | "sh" => true,
        // No code: a tree, a form of words.
        "text" => true,
        _ => false,
    }
}

#[test]
fn every_block_is_compiled_or_run() {
    let mut found = 0;
    for name in pages::names() {
        for (language, block) in pages::fences(&pages::read(&name)) {
            assert!(is_tested(&name, &language), "{name}: nobody tests this `{language}`:\n{block}");
            found += 1;
        }
    }
    assert!(found > 20, "only {found} blocks found: does this test still read the pages?");
}

#[test]
fn the_front_page_is_short() {
    let lines = pages::read("README.md").lines().count();
    assert!(lines < 250, "{lines} lines; move details to docs");
}
