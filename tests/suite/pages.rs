//! The pages for users: every block is of a kind that is compiled or run, and every link leads somewhere.

use std::path::Path;

use atmn_tests::{pages, repository};

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

/// The links of a page that are not addresses elsewhere.
fn links(page: &str) -> Vec<String> {
    let in_text = page.split("](").skip(1).map(|rest| rest.split(')').next().unwrap());
    let in_tags = ["src=\"", "srcset=\""].into_iter().flat_map(|tag| page.split(tag).skip(1));
    let targets = in_text.chain(in_tags.map(|rest| rest.split('"').next().unwrap()));
    targets
        .filter(|target| !target.contains("://"))
        .map(|target| target.split('#').next().unwrap().to_owned())
        .collect()
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
fn every_link_leads_somewhere() {
    let mut found = 0;
    for name in pages::names().iter().map(String::as_str).chain(["CONTRIBUTING.md", "SECURITY.md"]) {
        let folder = Path::new(name).parent().unwrap();
        for target in links(&pages::read(name)) {
            assert!(repository().join(folder).join(&target).exists(), "{name}: {target}");
            found += 1;
        }
    }
    assert!(found > 30, "only {found} links found: does this test still read the pages?");
}

#[test]
fn the_front_page_is_short() {
    let lines = pages::read("README.md").lines().count();
    assert!(lines < 250, "{lines} lines; move details to docs");
}
