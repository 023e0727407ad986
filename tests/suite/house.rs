//! The order of the house: each module of the core imports only from those above it, and the big libraries are each
//! known to one module.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use atmn_tests::repository;

/// The modules in the order of `lib.rs`.
fn order() -> Vec<String> {
    let text = std::fs::read_to_string(repository().join("core/src/lib.rs")).unwrap();
    let module = |line: &str| {
        line.strip_prefix("pub ").unwrap_or(line).strip_prefix("mod ")?.strip_suffix(';').map(str::to_owned)
    };
    text.lines().filter_map(module).collect()
}

/// The Rust files of each module, without its tests.
fn sources() -> BTreeMap<String, Vec<PathBuf>> {
    let root = repository().join("core/src");
    let mut sources: BTreeMap<String, Vec<PathBuf>> = BTreeMap::new();
    let mut folders = vec![root.clone()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let first = path.strip_prefix(&root).unwrap().components().next().unwrap();
                let module = Path::new(&first).with_extension("").to_string_lossy().into_owned();
                sources.entry(module).or_default().push(path);
            }
        }
    }
    sources.remove("lib");
    sources
}

/// The code of a file without comments and without its unit tests.
fn code(path: &Path) -> String {
    if path.file_stem().is_some_and(|stem| stem == "tests") || path.components().any(|part| part.as_os_str() == "tests")
    {
        return String::new();
    }
    let text = std::fs::read_to_string(path).unwrap();
    let text = text.split("#[cfg(test)]\nmod tests {").next().unwrap();
    text.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
}

/// The modules that a piece of code names behind `crate::`.
fn imports(code: &str) -> Vec<String> {
    let name = |rest: &str| rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect::<String>();
    code.split("crate::")
        .skip(1)
        .flat_map(|rest| match rest.strip_prefix('{') {
            Some(list) => {
                let list = list.split('}').next().unwrap_or_default();
                list.split(',').map(|item| name(item.trim())).collect::<Vec<_>>()
            }
            None => vec![name(rest)],
        })
        .collect()
}

#[test]
fn modules_import_only_from_those_above_them() {
    let order = order();
    let position = |module: &str| order.iter().position(|known| known == module);
    let sources = sources();
    assert_eq!(order.len(), sources.len(), "lib.rs and the folder disagree: {order:?} {:?}", sources.keys());
    let mut found = 0;
    for (module, files) in sources {
        let own = position(&module).unwrap_or_else(|| panic!("{module} is not in lib.rs"));
        for imported in files.iter().flat_map(|file| imports(&code(file))) {
            let place =
                position(&imported).unwrap_or_else(|| panic!("{module} imports {imported}, which is no module"));
            assert!(place <= own, "{module} imports {imported}, which stands below it");
            found += usize::from(place < own);
        }
    }
    assert!(found > 20, "only {found} imports found: does this test still read the code?");
}

#[test]
fn each_big_library_is_known_to_one_module() {
    for library in ["dotenvy", "oauth2", "reqwest"] {
        for (module, files) in sources() {
            let alone = match library {
                "dotenvy" => "dotenv",
                "oauth2" => "oauth",
                _ => "http",
            };
            let named = files.iter().any(|file| code(file).contains(&format!("{library}::")));
            assert!(module == alone || !named, "{module} names {library}; only {alone} may");
        }
    }
}

#[test]
fn only_the_faces_and_windows_may_be_unsafe() {
    let text = std::fs::read_to_string(repository().join("core/src/lib.rs")).unwrap();
    assert!(text.contains("#![forbid(unsafe_code)]"));
}
