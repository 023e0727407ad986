//! What the compiler does not check about the sources of this crate.
#![allow(clippy::unwrap_used, clippy::panic)] // a failed assumption is a failed test

use std::path::Path;

/// The modules in the order of `lib.rs`, each with its code, without comments.
fn modules() -> Vec<(String, String)> {
    let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let read = |name: &str| {
        let text = std::fs::read_to_string(sources.join(name).with_extension("rs")).unwrap();
        text.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
    };
    let library = read("lib");
    let names = library.lines().filter_map(|line| line.split_once("mod ")?.1.strip_suffix(';'));
    names.map(|name| (name.to_owned(), read(name))).collect()
}

/// The modules that a piece of code imports.
fn imports(code: &str) -> impl Iterator<Item = &str> {
    code.split("crate::").skip(1).map(|rest| rest.split(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap())
}

#[test]
fn modules_import_only_modules_above_them() {
    let modules = modules();
    let position = |name: &str| modules.iter().position(|(module, _)| module == name);
    let mut found = 0;
    for (index, (module, code)) in modules.iter().enumerate() {
        for import in imports(code) {
            let imported =
                position(import).unwrap_or_else(|| panic!("{module} imports `{import}`, which is no module"));
            assert!(imported <= index, "{module} imports {import}, which is below it in lib.rs");
            found += 1;
        }
    }
    assert!(found > 50, "only {found} imports found");
}

#[test]
fn unsafe_blocks_are_in_two_modules() {
    for (module, code) in modules() {
        let has_blocks = code.contains("unsafe {") || code.contains("unsafe impl") || code.contains("unsafe fn");
        assert_eq!(has_blocks, ["pointer", "calling_thread"].contains(&module.as_str()), "{module}");
    }
}
