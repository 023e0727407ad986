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

/// The Rust files below a folder, without what was built or installed there.
fn rust_files(top: &Path) -> Vec<PathBuf> {
    let (mut files, mut folders) = (Vec::new(), vec![top.to_path_buf()]);
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let entry = entry.unwrap();
            let (path, name) = (entry.path(), entry.file_name().to_string_lossy().into_owned());
            let foreign = name.starts_with('.') || matches!(&*name, "target" | "build" | "node_modules");
            if entry.file_type().unwrap().is_dir() && !foreign {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                files.push(path);
            }
        }
    }
    files
}

/// The Rust files of each module, without its tests.
fn sources() -> BTreeMap<String, Vec<PathBuf>> {
    let root = repository().join("core/src");
    let mut sources: BTreeMap<String, Vec<PathBuf>> = BTreeMap::new();
    for path in rust_files(&root) {
        let first = path.strip_prefix(&root).unwrap().components().next().unwrap();
        let module = Path::new(&first).with_extension("").to_string_lossy().into_owned();
        sources.entry(module).or_default().push(path);
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
            Some(list) => items(list).into_iter().map(|item| name(item.trim())).collect(),
            None => vec![name(rest)],
        })
        .collect()
}

/// The items of a list in braces, of which the first is open already, whatever lists they have in turn.
fn items(list: &str) -> Vec<String> {
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

#[test]
fn nested_lists_hide_no_import() {
    let code = "use crate::{a::{b, d::{e}}, c,\n f};\nuse crate::g::{h};\nlet i = crate::j();";
    assert_eq!(imports(code), ["a", "c", "f", "g", "j"]);
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
            let location =
                position(&imported).unwrap_or_else(|| panic!("{module} imports {imported}, which is no module"));
            assert!(location <= own, "{module} imports {imported}, which stands below it");
            found += usize::from(location < own);
        }
    }
    assert!(found > 20, "only {found} imports found: does this test still read the code?");
}

/// Other threads may change the environment of the process at any time, so a call takes it once, as a `Host`.
#[test]
fn only_the_host_module_reads_the_environment() {
    let names = ["std::env", "env::var", "env::current_dir"];
    let reads = |path: &PathBuf| {
        let code = code(path);
        let code = code.split("#[cfg(test)]").next().unwrap();
        names.iter().any(|name| code.contains(name))
    };
    for (module, files) in sources() {
        for file in files.iter().filter(|file| reads(file)) {
            assert_eq!(module, "host", "{}", file.display());
        }
    }
    let bindings = ["c", "node", "python", "shell"].map(|name| repository().join("bindings").join(name).join("src"));
    let files: Vec<PathBuf> = bindings.iter().flat_map(|folder| rust_files(folder)).collect();
    assert!(files.len() > 50, "only {} files found", files.len());
    for file in files.iter().filter(|file| reads(file)) {
        panic!("{} reads the environment; use a Host", file.display());
    }
}

/// A new runtime of tokio 1.54 reads a variable of the process. The manifest allows it, since Rust programs are safe.
#[test]
fn locked_tokio_reads_no_environment() {
    let lock = std::fs::read_to_string(repository().join("Cargo.lock")).unwrap();
    assert!(lock.contains("name = \"tokio\"\nversion = \"1.53."));
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

/// The compiler denies it wherever the workspace's lints hold and nobody lifts them.
#[test]
fn only_the_faces_and_windows_may_be_unsafe() {
    let mut read = 0;
    for path in rust_files(&repository()) {
        let name = path.strip_prefix(repository()).unwrap().to_str().unwrap().replace('\\', "/");
        let text = std::fs::read_to_string(&path).unwrap();
        let said = text.lines().map(str::trim).filter(|line| !line.starts_with("//"));
        let said: Vec<_> =
            said.filter(|line| ["unsafe ", "unsafe(", "unsafe_code"].iter().any(|word| line.contains(word))).collect();
        let allowed: &[&str] = match &*name {
            "core/src/lib.rs" => &["#![deny(unsafe_code)]"],
            // The one call to Windows that has no safe interface.
            "core/src/callback/port.rs" => &[
                "#[allow(unsafe_code)] // the only unsafe call of the core",
                "let result = unsafe { setsockopt(raw, SOL_SOCKET, SO_EXCLUSIVEADDRUSE, yes.as_ptr(), 4) };",
            ],
            "core/local-autumn/src/lib.rs" => &["#![forbid(unsafe_code)]"],
            // What its macros write, and nothing that we do.
            "bindings/node/src/lib.rs" => &["#![allow(unsafe_code)]"],
            _ => &[],
        };
        let may = name.starts_with("bindings/c/") || name == "tests/suite/architecture.rs";
        assert!(may || said == allowed, "{name}: {said:?}");
        read += 1;
    }
    assert!(read > 200, "only {read} files found: does this test still read the code?");
}

#[test]
fn the_lints_of_the_workspace_hold_in_every_crate() {
    let text = std::fs::read_to_string(repository().join("Cargo.toml")).unwrap();
    assert!(text.contains("\nunsafe_code = \"deny\""));
    let members = text.split("members = [").nth(1).unwrap().split(']').next().unwrap();
    let members: Vec<_> = members.split('"').skip(1).step_by(2).collect();
    assert!(members.contains(&"core") && members.contains(&"bindings/python"), "{members:?}");
    for member in members {
        let manifest = std::fs::read_to_string(repository().join(member).join("Cargo.toml")).unwrap();
        assert!(manifest.contains("\n[lints]\nworkspace = true\n"), "{member}");
    }
}
