//! A user's program, from an installed prefix with header, libraries and pkg-config file and nothing else.

use std::path::Path;
use std::process::Command;

use crate::build::{Finder, Linked, Program, STRICT, install, pkg_config, prefix};
use crate::run::World;

const CPP: [&str; 6] = ["-xc++", "-std=c++11", "-pedantic", "-Wall", "-Wextra", "-Werror"];

/// Finds a key, in what both C99 and C++ understand.
const SOURCE: &str = r#"#include <stdio.h>
#include <atmn.h>
int main(void)
{
    atmn_resolved_key *found = NULL;
    atmn_error *error = NULL;
    if (atmn_abi_version() != ATMN_ABI_VERSION)
        return 3;
    if (atmn_resolve_key(NULL, &found, &error) != ATMN_OK) {
        fprintf(stderr, "%s\n", atmn_error_message(error));
        return 2;
    }
    printf("%s %s\n", atmn_version(), atmn_key_masked(atmn_resolved_key_key(found)));
    atmn_resolved_key_free(found);
    atmn_error_free(error);
    return 0;
}
"#;

#[test]
fn both_compilers_both_languages_both_libraries() {
    let folder = tempfile::tempdir().unwrap();
    let source = folder.path().join("user.c");
    std::fs::write(&source, SOURCE).unwrap();
    let world = World::new();
    for (compiler, flags) in [("gcc", &STRICT), ("clang", &STRICT), ("g++", &CPP), ("clang++", &CPP)] {
        for linked in [Linked::Dynamically, Linked::Statically] {
            let program = Program::compile(compiler, flags, &[&source], linked, Finder::None);
            let project = atmn_tests::project::Project::new();
            project.write(".env", "AUTUMN_SECRET_KEY=am_sk_test_0123456789ab\n");
            let done = world.run_in(&project, &program, &[]);
            assert_eq!(done.stdout, format!("{} am_sk_test_…89ab\n", env!("CARGO_PKG_VERSION")), "{}", done.stderr);
            assert_eq!(needs_us(&program.path()), linked == Linked::Dynamically, "{compiler}");
        }
    }
}

fn needs_us(program: &Path) -> bool {
    needed(program).contains(&"libatmn.so.0".to_owned())
}

/// The names of the libraries that are loaded with a file.
fn needed(file: &Path) -> Vec<String> {
    let output = Command::new("readelf").arg("--dynamic").arg(file).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let names = text.lines().filter_map(|line| line.split_once("Shared library: [")?.1.strip_suffix(']'));
    names.map(str::to_owned).collect()
}

/// Small images have glibc's libraries, and no libgcc_s for the unwinder.
#[test]
fn the_library_needs_the_c_library_alone() {
    let needed = needed(&prefix().join("lib/libatmn.so"));
    assert!(needed.contains(&"libc.so.6".to_owned()), "{needed:?}");
    let foreign = |name: &&String| !["libc.so", "libm.so", "ld-linux"].iter().any(|known| name.starts_with(known));
    assert_eq!(needed.iter().find(foreign), None);
}

#[test]
fn a_staged_install_names_the_place_where_it_will_be() {
    let stage = tempfile::tempdir().unwrap();
    install(Path::new("/opt/somewhere"), stage.path().to_str().unwrap());
    let staged = stage.path().join("opt/somewhere");
    assert!(staged.join("include/atmn.h").exists() && staged.join("lib/libatmn.a").exists());
    let chain = std::fs::read_link(staged.join("lib/libatmn.so")).unwrap();
    assert_eq!(chain, Path::new("libatmn.so.0"));
    assert!(std::fs::metadata(staged.join("lib/libatmn.so")).unwrap().is_file());
    let file = std::fs::read_to_string(staged.join("lib/pkgconfig/atmn.pc")).unwrap();
    assert!(file.contains("prefix=/opt/somewhere\n") && !file.contains('@'), "{file}");
    assert!(!file.contains(stage.path().to_str().unwrap()), "{file}");
}

/// The list of private libraries is written by hand; the compiler knows it too.
#[test]
fn the_private_libraries_are_those_that_rustc_names() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("empty.rs"), "").unwrap();
    let mut command = Command::new("rustc");
    command.args(["--crate-type=staticlib", "--print=native-static-libs", "empty.rs"]).current_dir(folder.path());
    let said = String::from_utf8(command.output().unwrap().stderr).unwrap();
    let named = said.lines().find_map(|line| line.split("native-static-libs: ").nth(1)).expect("a list");
    let listed = pkg_config(prefix(), &["--static", "--libs-only-l"]);
    assert_eq!(listed.join(" "), format!("-latmn {}", named.trim()));
}
