//! Programs that are compiled against an installed prefix, which has header, libraries and pkg-config file.

use std::path::Path;
use std::process::Command;

use crate::build::{Checker, Linked, Program, STRICT, install, pkg_config, prefix};
use crate::run::World;

const CPP: &[&str] = &["-xc++", "-std=c++11", "-pedantic", "-Wall", "-Wextra", "-Werror"];

/// Finds a key; valid as C99 and as C++.
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
fn programs_link_in_c_and_cpp_with_both_compilers_and_libraries() {
    let directory = tempfile::tempdir().unwrap();
    let source = directory.path().join("user.c");
    std::fs::write(&source, SOURCE).unwrap();
    let world = World::new();
    for (compiler, flags) in [("gcc", STRICT), ("clang", STRICT), ("g++", CPP), ("clang++", CPP)] {
        for linked in [Linked::Dynamically, Linked::Statically] {
            let program = Program::compile(compiler, flags, &[&source], linked, Checker::None);
            let project = atmn_tests::project::Project::new();
            project.write(".env", "AUTUMN_SECRET_KEY=am_sk_test_0123456789ab\n");
            let output = world.run_in(&project, &program, &[]);
            assert_eq!(output.stdout, format!("{} am_sk_test_…89ab\n", env!("CARGO_PKG_VERSION")), "{}", output.stderr);
            assert_eq!(needs_libatmn(&program.path()), linked == Linked::Dynamically, "{compiler}");
        }
    }
}

#[test]
fn programs_without_shared_libraries_link_and_run() {
    let directory = tempfile::tempdir().unwrap();
    let source = directory.path().join("user.c");
    std::fs::write(&source, SOURCE).unwrap();
    let (world, project) = (World::new(), atmn_tests::project::Project::new());
    project.write(".env", "AUTUMN_SECRET_KEY=am_sk_test_0123456789ab\n");
    for (compiler, mode) in [("gcc", "-static"), ("gcc", "-static-pie"), ("clang", "-static"), ("clang", "-static-pie")]
    {
        let flags = [STRICT, &[mode]].concat();
        let program = Program::compile(compiler, &flags, &[&source], Linked::Statically, Checker::None);
        let output = world.run_in(&project, &program, &[]);
        assert!(
            output.stdout.ends_with("am_sk_test_…89ab\n"),
            "{compiler} {mode}: {} {}",
            output.status,
            output.stderr
        );
        assert!(needed(&program.path()).is_empty(), "{compiler} {mode}");
    }
}

#[test]
fn moved_package_is_found_where_it_lies() {
    let parent = tempfile::tempdir().unwrap();
    let (before, after) = (parent.path().join("before"), parent.path().join("after"));
    install(&before, "");
    std::fs::rename(&before, &after).unwrap();
    let flags = pkg_config(&after, &["--define-prefix", "--cflags", "--libs"]);
    let after = after.to_str().unwrap();
    assert_eq!(flags, [format!("-I{after}/include"), format!("-L{after}/lib"), "-latmn".to_owned()]);
}

fn needs_libatmn(program: &Path) -> bool {
    needed(program).contains(&"libatmn.so.0".to_owned())
}

/// The names of the shared libraries that a file needs.
fn needed(file: &Path) -> Vec<String> {
    let output = Command::new("readelf").arg("--dynamic").arg(file).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let names = text.lines().filter_map(|line| line.split_once("Shared library: [")?.1.strip_suffix(']'));
    names.map(str::to_owned).collect()
}

/// Minimal container images have no libgcc_s.
#[test]
fn shared_library_needs_only_the_c_library() {
    let needed = needed(&prefix().join("lib/libatmn.so"));
    assert!(needed.contains(&"libc.so.6".to_owned()), "{needed:?}");
    let foreign = |name: &&String| !["libc.so", "libm.so", "ld-linux"].iter().any(|known| name.starts_with(known));
    assert_eq!(needed.iter().find(foreign), None);
}

#[test]
fn staged_install_contains_final_paths() {
    let stage = tempfile::tempdir().unwrap();
    install(Path::new("/opt/somewhere"), stage.path().to_str().unwrap());
    let staged = stage.path().join("opt/somewhere");
    assert!(staged.join("include/atmn.h").exists() && staged.join("lib/libatmn.a").exists());
    let target = std::fs::read_link(staged.join("lib/libatmn.so")).unwrap();
    assert_eq!(target, Path::new("libatmn.so.0"));
    assert!(std::fs::metadata(staged.join("lib/libatmn.so")).unwrap().is_file());
    let file = std::fs::read_to_string(staged.join("lib/pkgconfig/atmn.pc")).unwrap();
    assert!(file.contains("prefix=/opt/somewhere\n") && !file.contains('@'), "{file}");
    assert!(!file.contains(stage.path().to_str().unwrap()), "{file}");
}

/// The install script lists the private libraries by hand.
#[test]
fn private_libraries_are_those_that_rustc_prints() {
    let directory = tempfile::tempdir().unwrap();
    std::fs::write(directory.path().join("empty.rs"), "").unwrap();
    let mut command = Command::new("rustc");
    command.args(["--crate-type=staticlib", "--print=native-static-libs", "empty.rs"]).current_dir(directory.path());
    let stderr = String::from_utf8(command.output().unwrap().stderr).unwrap();
    let printed = stderr.lines().find_map(|line| line.split("native-static-libs: ").nth(1)).expect("a list");
    let printed: Vec<&str> = printed.split_whitespace().filter(|name| *name != "-lgcc_s").collect();
    let listed = pkg_config(prefix(), &["--static", "--libs-only-l"]);
    assert_eq!(listed.join(" "), format!("-latmn {}", printed.join(" ")));
}
