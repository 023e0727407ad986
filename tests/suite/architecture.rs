//! The architecture: the order of the core's modules, no import cycles between the files of a binding, one module for
//! each big library, and the limits in one module. Clippy holds that only `host` reads the environment.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use atmn_tests::repository;
use atmn_tests::source::{self, files};

/// Modules or files, with those that each of them imports.
type Graph = BTreeMap<String, BTreeSet<String>>;

fn read(path: &str) -> String {
    std::fs::read_to_string(repository().join(path)).unwrap()
}

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
        let text = read(path);
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

/// The modules of a crate in the order of its `lib.rs`.
fn order(folder: &str) -> Vec<String> {
    let module = |line: &str| line.split_once("mod ")?.1.strip_suffix(';').map(str::to_owned);
    source::code(&format!("{folder}/lib.rs")).lines().filter_map(module).collect()
}

#[test]
fn modules_import_only_earlier_modules() {
    for folder in ["core/src", "bindings/c/src"] {
        let (order, graph) = (order(folder), modules(folder));
        let position =
            |name: &String| order.iter().position(|known| known == name).unwrap_or_else(|| panic!("no {name}"));
        assert_eq!(order.len(), graph.len(), "lib.rs and the folder differ: {order:?} {:?}", graph.keys());
        for (name, imports) in &graph {
            let later: Vec<_> = imports.iter().filter(|imported| position(imported) > position(name)).collect();
            assert!(later.is_empty(), "{name} imports {later:?}, which lib.rs declares later");
        }
        assert!(graph.values().flatten().count() > 50, "too few imports: does this test still read the code?");
    }
}

#[test]
fn files_of_bindings_have_no_import_cycles() {
    let crates = ["bindings/node/src", "bindings/python/src", "bindings/shell/src", "core/local-autumn/src"];
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

/// A new runtime of tokio 1.54 reads a variable of the process. The manifest allows it, since Rust programs are safe.
/// The files of one folder, with those that each of them imports by `super::`.
fn neighbours(folder: &str) -> Graph {
    let mut graph = Graph::new();
    for path in files(folder, &["rs"]) {
        if let Some(name) = path.strip_prefix(folder).and_then(|rest| rest.strip_prefix('/')?.strip_suffix(".rs"))
            && !name.contains('/')
            && name != "mod"
        {
            graph.insert(name.to_owned(), names_after(&source::code(&path), "super::").collect());
        }
    }
    graph
}

#[test]
fn files_of_a_module_have_no_import_cycles() {
    let sources = files("core/src", &["rs"]);
    let folders: BTreeSet<&str> = sources.iter().filter_map(|path| Some(path.rsplit_once('/')?.0)).collect();
    assert!(folders.len() > 10, "{folders:?}");
    let found: Vec<_> = folders.iter().map(|folder| (folder, cycles(neighbours(folder)))).collect();
    assert!(found.iter().all(|(_, cycles)| cycles.is_empty()), "{found:?}");
}

#[test]
fn no_file_is_too_long_to_read() {
    let generated = ["include/atmn.h", "bindings/python/python/libatmn/_native.pyi"];
    let lines = |path: &String| read(path).lines().count();
    let mut sources = files("", &["rs", "py", "pyi", "c", "h", "js", "mjs", "cjs", "ts", "mts"]);
    sources.retain(|path| !generated.contains(&path.as_str()));
    assert!(sources.len() > 300);
    let long: Vec<_> = sources.iter().filter(|path| lines(path) > 400).collect();
    assert!(long.is_empty(), "{long:?}");
}

#[test]
fn locked_tokio_reads_no_environment() {
    let lock = read("Cargo.lock");
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

/// The compiler holds `forbid`, which no module can lift. The workspace denies `unsafe` in all other crates, and two of
/// them allow it: C for its pointers, and Node for the code that napi's macros generate.
#[test]
fn crates_forbid_unsafe_code() {
    for library in ["core", "core/local-autumn", "bindings/python", "bindings/shell"] {
        assert!(read(&format!("{library}/src/lib.rs")).contains("forbid(unsafe_code)"), "{library}");
    }
    // `#[unsafe(no_mangle)]` counts as unsafe code, so the lint cannot tell these modules from the others.
    for path in files("bindings/c/src", &["rs"]) {
        let has_blocks = ["unsafe {", "unsafe impl", "unsafe fn"].iter().any(|mark| source::code(&path).contains(mark));
        let may_have_blocks = path.ends_with("/pointer.rs") || path.ends_with("/calling_thread.rs");
        assert_eq!(has_blocks, may_have_blocks, "{path}");
    }
}

/// `config` is the one register of time limits and sizes.
#[test]
fn only_config_defines_limits() {
    for path in files("core/src", &["rs"]).iter().filter(|path| !path.ends_with("/config.rs")) {
        let code = source::code(path);
        let mut constants = code.lines().filter_map(|line| line.split_once("const ")?.1.split_once(": "));
        let limit = constants.find(|(name, kind)| name.ends_with("LIMIT") || kind.starts_with("Duration"));
        assert!(limit.is_none(), "{path}: move {limit:?} to config.rs");
    }
}
