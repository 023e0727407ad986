//! The architecture: the order of the core's modules, no import cycles between the files of a binding, one module for
//! each big library, and `unsafe` only where a lint allows it by name.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use atmn_tests::repository;
use atmn_tests::source::{self, files};

/// Modules or files, with those that each of them imports.
type Graph = BTreeMap<String, BTreeSet<String>>;

/// The names in `text` that follow one of the marks, such as `error` after `crate::`, with those of a list in braces.
fn names_after<'a>(text: &'a str, mark: &'a str) -> impl Iterator<Item = String> + 'a {
    text.split(mark).skip(1).flat_map(|rest| match rest.strip_prefix('{') {
        Some(list) => source::items(list).iter().map(|item| source::identifier(item)).collect(),
        None => vec![source::identifier(rest)],
    })
}

/// The top-level modules of a Rust crate, without `lib.rs`, `main.rs` and unit tests.
fn modules(folder: &str) -> Graph {
    let mut graph = Graph::new();
    for path in files(folder, &["rs"]) {
        let first = Path::new(&path).strip_prefix(folder).unwrap().components().next().unwrap();
        let module = Path::new(&first).with_extension("").to_string_lossy().into_owned();
        let code = source::code(&path);
        graph.entry(module.clone()).or_default().extend(names_after(&code, "crate::").filter(|name| *name != module));
    }
    graph.retain(|module, _| !matches!(module.as_str(), "lib" | "main"));
    let known: BTreeSet<String> = graph.keys().cloned().collect();
    graph.values_mut().for_each(|imports| imports.retain(|name| known.contains(name)));
    graph
}

/// The scripts of a folder, with those that each of them loads: `mark` comes before the name of a script.
fn scripts(folder: &str, extensions: &[&str], marks: &[&str]) -> Graph {
    let stem = |path: &str| Path::new(path).file_stem().unwrap().to_string_lossy().into_owned();
    let imports = |path: &String| {
        let text = std::fs::read_to_string(repository().join(path)).unwrap();
        let eager = text.lines().filter(|line| !line.starts_with(' ')).collect::<Vec<_>>().join("\n");
        marks.iter().flat_map(|mark| names_after(&eager, mark).collect::<Vec<_>>()).collect()
    };
    files(folder, extensions).iter().map(|path| (stem(path), imports(path))).collect()
}

/// The cycles of a graph, and the paths between them: what remains after removing, again and again, every name that
/// imports nothing or that nothing imports.
fn cycles(mut graph: Graph) -> Vec<String> {
    loop {
        let imported: BTreeSet<String> = graph.values().flatten().cloned().collect();
        let in_path = |(name, imports): (&String, &BTreeSet<String>)| {
            (imported.contains(name) && imports.iter().any(|import| graph.contains_key(import))).then(|| name.clone())
        };
        let left: BTreeSet<String> = graph.iter().filter_map(in_path).collect();
        if left.len() == graph.len() {
            return graph.iter().map(|(name, imports)| format!("{name} imports {imports:?}")).collect();
        }
        graph.retain(|name, _| left.contains(name));
    }
}

#[test]
fn cycles_finds_only_cycles() {
    let graph = |edges: &[(&str, &str)]| {
        let mut graph = Graph::new();
        for (from, to) in edges {
            graph.entry((*from).into()).or_default().insert((*to).into());
        }
        graph
    };
    assert!(cycles(graph(&[("a", "b"), ("b", "c"), ("a", "c")])).is_empty());
    assert_eq!(cycles(graph(&[("a", "b"), ("b", "a"), ("c", "d")])).len(), 2);
    let code = "use crate::{a::{b, d::{e}}, c,\n f};\nuse crate::g::{h};\nlet i = crate::j();";
    assert_eq!(names_after(code, "crate::").collect::<Vec<_>>(), ["a", "c", "f", "g", "j"]);
}

#[test]
fn core_modules_import_only_earlier_modules() {
    let lib = std::fs::read_to_string(repository().join("core/src/lib.rs")).unwrap();
    let module =
        |line: &str| line.trim_start_matches("pub ").strip_prefix("mod ")?.strip_suffix(';').map(str::to_owned);
    let order: Vec<String> = lib.lines().filter_map(module).collect();
    let position = |name: &String| order.iter().position(|known| known == name).unwrap_or_else(|| panic!("no {name}"));
    let graph = modules("core/src");
    assert_eq!(order.len(), graph.len(), "lib.rs and the folder differ: {order:?} {:?}", graph.keys());
    for (name, imports) in &graph {
        let later: Vec<_> = imports.iter().filter(|imported| position(imported) > position(name)).collect();
        assert!(later.is_empty(), "{name} imports {later:?}, which lib.rs declares later");
    }
    assert!(graph.values().flatten().count() > 100, "too few imports: does this test still read the code?");
}

#[test]
fn files_of_bindings_have_no_import_cycles() {
    let crates =
        ["bindings/c/src", "bindings/node/src", "bindings/python/src", "bindings/shell/src", "core/local-autumn/src"];
    let mut graphs: Vec<(&str, Graph)> = crates.iter().map(|folder| (*folder, modules(folder))).collect();
    graphs.push(("bindings/node/lib", scripts("bindings/node/lib", &["js"], &["require('./"])));
    graphs.push((
        "bindings/python/python",
        scripts("bindings/python/python", &["py"], &["\nfrom libatmn.", "\nfrom libatmn import "]),
    ));
    for (folder, graph) in graphs {
        assert!(graph.values().any(|imports| !imports.is_empty()), "{folder}: no imports found");
        let cycles = cycles(graph);
        assert!(cycles.is_empty(), "{folder} has an import cycle among:\n{}", cycles.join("\n"));
    }
}

/// Other threads may change the environment of the process at any time, so a call takes it once, as a `Host`.
#[test]
fn only_the_host_module_reads_the_environment() {
    let bindings = ["c", "node", "python", "shell"].map(|name| format!("bindings/{name}/src"));
    let mut read = 0;
    for folder in bindings.iter().map(String::as_str).chain(["core/src"]) {
        for path in files(folder, &["rs"]).iter().filter(|path| !path.starts_with("core/src/host")) {
            let code = source::code(path);
            let code = code.split("#[cfg(test)]").next().unwrap_or_default();
            let reads = ["env::var", "env::current_dir", "env::home_dir", "env::temp_dir"]
                .iter()
                .any(|name| code.contains(name));
            assert!(!reads, "{path} reads the environment; use a Host");
            read += 1;
        }
    }
    assert!(read > 100, "only {read} files found");
}

/// A new runtime of tokio 1.54 reads a variable of the process. The manifest allows it, since Rust programs are safe.
#[test]
fn locked_tokio_reads_no_environment() {
    let lock = std::fs::read_to_string(repository().join("Cargo.lock")).unwrap();
    assert!(lock.contains("name = \"tokio\"\nversion = \"1.53."));
}

#[test]
fn each_big_library_belongs_to_one_module() {
    for (library, owner) in [("dotenvy::", "dotenv"), ("oauth2::", "oauth"), ("reqwest::", "http")] {
        for path in files("core/src", &["rs"]).iter().filter(|path| !path.starts_with(&format!("core/src/{owner}"))) {
            assert!(!source::code(path).contains(library), "{path} names {library}; only `{owner}` may");
        }
    }
}

/// The workspace denies `unsafe`. Only these files allow it; the compiler checks all others.
#[test]
fn only_listed_files_allow_unsafe_code() {
    // The pointers of C, the code that napi's macros generate, and the one Windows call that no crate wraps.
    let allowed = ["bindings/c/src/lib.rs", "bindings/node/src/lib.rs", "core/src/callback/port.rs"];
    for path in files("", &["rs"]).iter().filter(|path| !path.starts_with("bindings/c/tests/")) {
        let lifts = ["allow", "expect", "warn"]
            .iter()
            .any(|level| source::code(path).contains(&format!("{level}(unsafe_code")));
        assert!(!lifts || allowed.contains(&path.as_str()), "{path} allows `unsafe_code`");
    }
    let workspace = std::fs::read_to_string(repository().join("Cargo.toml")).unwrap();
    assert!(workspace.contains("\nunsafe_code = \"deny\""));
    let members = workspace.split("members = [").nth(1).unwrap().split(']').next().unwrap();
    for member in members.split('"').skip(1).step_by(2) {
        let manifest = std::fs::read_to_string(repository().join(member).join("Cargo.toml")).unwrap();
        assert!(manifest.contains("\n[lints]\nworkspace = true\n"), "{member}");
    }
}
