//! Programs that are compiled against an installed prefix, which has header, libraries and pkg-config file.

use std::path::{Path, PathBuf};
use std::process::Command;

use atmn_tests::repository;

use crate::build::{Checker, Linked, Program, STRICT, install, library_directory, pkg_config, prefix, script};
use crate::run::{World, output_of};

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
    for file in ["include/atmn.h", "lib/libatmn.a", "share/atmn/atmn.abi", "share/atmn/atmn.supp"] {
        assert!(staged.join(file).exists(), "{file}");
    }
    let target = std::fs::read_link(staged.join("lib/libatmn.so")).unwrap();
    assert_eq!(target, Path::new("libatmn.so.0"));
    assert!(std::fs::metadata(staged.join("lib/libatmn.so")).unwrap().is_file());
    let file = std::fs::read_to_string(staged.join("lib/pkgconfig/atmn.pc")).unwrap();
    assert!(file.contains("prefix=/opt/somewhere\n") && !file.contains('@'), "{file}");
    assert!(!file.contains(stage.path().to_str().unwrap()), "{file}");
}

/// With a library directory below another one, as Debian has it.
#[test]
fn installation_passes_its_own_check() {
    let parent = tempfile::tempdir().unwrap();
    let (prefix, libdir) = (parent.path().join("usr"), parent.path().join("usr/lib/x86_64-linux-gnu"));
    let mut install = script("install");
    assert!(install.arg(library_directory()).arg(&prefix).arg("").arg(&libdir).status().unwrap().success());
    let output = output_of(script("installcheck").arg(&prefix).arg(&libdir));
    output.expect_success("installcheck");
    assert!(output.stdout.contains("Meson finds the package"), "{}", output.stdout);
    assert!(output.stdout.ends_with(&format!("version {}\n", env!("CARGO_PKG_VERSION"))), "{}", output.stdout);
}

/// All files below a directory.
fn files(directory: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(directory).unwrap().map(|entry| entry.unwrap());
    let below = |entry: std::fs::DirEntry| match entry.file_type().unwrap().is_dir() {
        true => files(&entry.path()),
        false => vec![entry.path()],
    };
    entries.flat_map(below).collect()
}

#[test]
fn uninstall_removes_every_file_that_was_installed() {
    let stage = tempfile::tempdir().unwrap();
    install(Path::new("/opt/somewhere"), stage.path().to_str().unwrap());
    let foreign = stage.path().join("opt/somewhere/lib/libother.so");
    std::fs::write(&foreign, "").unwrap();
    assert!(files(stage.path()).len() > 15);
    assert!(script("uninstall").arg("/opt/somewhere").arg(stage.path()).status().unwrap().success());
    assert_eq!(files(stage.path()), [foreign]);
}

#[test]
fn relative_paths_are_refused() {
    let stage = tempfile::tempdir().unwrap();
    for (prefix, libdir) in [("usr", "/usr/lib"), ("/usr", "lib"), ("/my programs", "/usr/lib")] {
        let mut install = script("install");
        let output = output_of(install.arg(library_directory()).arg(prefix).arg(stage.path()).arg(libdir));
        assert!(!output.success && output.stderr.contains("PREFIX and LIBDIR must"), "{}", output.stderr);
    }
    assert!(files(stage.path()).is_empty());
}

/// Another library of Rust, and a program that uses both.
const OTHER: [(&str, &str); 2] = [
    (
        "other.rs",
        "#[unsafe(no_mangle)]\npub extern \"C\" fn other() -> i32 {\n    \
         std::panic::catch_unwind(|| std::hint::black_box(Vec::from([42])).len() + 41).map_or(0, |n| n as i32)\n}\n",
    ),
    (
        "both.c",
        "#include <stdio.h>\n#include <atmn.h>\nint other(void);\nint main(void)\n{\n    \
         printf(\"%s %d\\n\", atmn_version(), other());\n    return 0;\n}\n",
    ),
];

/// Both archives contain Rust's standard library, so only the functions of the header may be global.
#[test]
fn archive_links_beside_another_one_of_rust() {
    let directory = tempfile::tempdir().unwrap();
    for (name, text) in OTHER {
        std::fs::write(directory.path().join(name), text).unwrap();
    }
    let mut rustc = Command::new("rustc");
    rustc.args(["--edition=2024", "--crate-type=staticlib", "other.rs"]).current_dir(directory.path());
    output_of(&mut rustc).expect_success("rustc");
    let archive = prefix().join("lib/libatmn.a");
    let names = ["libother.a", archive.to_str().unwrap()];
    for order in [[names[0], names[1]], [names[1], names[0]]] {
        let mut compiler = Command::new("gcc");
        compiler.current_dir(directory.path()).arg("-I").arg(prefix().join("include")).args(["both.c", "-o", "both"]);
        output_of(compiler.args(order).args(["-lm", "-ldl", "-lpthread"])).expect_success("gcc");
        let output = output_of(&mut Command::new(directory.path().join("both")));
        assert_eq!(output.stdout, format!("{} 42\n", env!("CARGO_PKG_VERSION")), "{}", output.stderr);
    }
}

#[test]
fn unused_code_is_a_warning() {
    let directory = tempfile::tempdir().unwrap();
    let source = directory.path().join("unused.c");
    let text = "#include <atmn.h>\nint main(void)\n{\n    atmn_find_key(0, 0, 0);\n    return 0;\n}\n";
    std::fs::write(&source, text).unwrap();
    for (compiler, language) in [("gcc", "-xc"), ("clang", "-xc"), ("g++", "-xc++"), ("clang++", "-xc++")] {
        let mut command = Command::new(compiler);
        command.args([language, "-Werror", "-c", "-o", "/dev/null", "-I"]).arg(prefix().join("include")).arg(&source);
        let output = output_of(&mut command);
        assert!(!output.success && output.stderr.contains("unused-result"), "{compiler}: {}", output.stderr);
        output_of(command.arg("-DATMN_MUST_USE=")).expect_success(compiler);
    }
}

/// The block of the guide, as it is printed, with the debug build.
#[test]
fn install_lines_of_the_guide_work() {
    let page = atmn_tests::pages::read("docs/c.md");
    let block = atmn_tests::pages::blocks(&page, "sh").remove(0);
    let (first, others) = block.split_once('\n').unwrap();
    let install = format!("{} --directory {}", first.split_whitespace().next().unwrap(), repository().display());
    let lines = format!("{install}{}\n{others}./program\n", first.trim_start_matches("make"));
    let home = tempfile::tempdir().unwrap();
    std::fs::write(home.path().join("program.c"), SOURCE).unwrap();
    std::fs::write(home.path().join(".env"), "AUTUMN_SECRET_KEY=am_sk_test_0123456789ab\n").unwrap();
    std::os::unix::fs::symlink(library_directory(), home.path().join("release")).unwrap();
    let mut shell = Command::new("sh");
    shell
        .args(["-euc", &lines])
        .current_dir(home.path())
        .env_clear()
        .env("PATH", "/usr/bin:/bin")
        .env("HOME", home.path());
    // `make install` finds its build there, and cargo is not called.
    let output = output_of(shell.env("CARGO", "true").env("CARGO_TARGET_DIR", home.path()));
    output.expect_success("the lines of the guide");
    assert!(output.stdout.ends_with("am_sk_test_…89ab\n"), "{}", output.stdout);
}

#[test]
fn cmake_lines_of_the_guide_work() {
    let directory = tempfile::tempdir().unwrap();
    let block = atmn_tests::pages::blocks(&atmn_tests::pages::read("docs/c.md"), "cmake").remove(0);
    let project = "cmake_minimum_required(VERSION 3.13)\nproject(user C)\nadd_executable(program program.c)\n";
    std::fs::write(directory.path().join("CMakeLists.txt"), project.to_owned() + &block).unwrap();
    std::fs::write(directory.path().join("program.c"), SOURCE).unwrap();
    let mut cmake = Command::new("cmake");
    cmake.args(["-S", ".", "-B", "build"]).arg(format!("-DCMAKE_PREFIX_PATH={}", prefix().display()));
    output_of(cmake.current_dir(directory.path())).expect_success("cmake");
    let mut cmake = Command::new("cmake");
    output_of(cmake.args(["--build", "build"]).current_dir(directory.path())).expect_success("cmake --build");
    assert!(needs_libatmn(&directory.path().join("build/program")));
}

#[test]
fn cmake_finds_a_release_in_a_range_and_no_component() {
    let found = |arguments: &str| {
        let directory = tempfile::tempdir().unwrap();
        let project =
            format!("cmake_minimum_required(VERSION 3.19)\nproject(user C)\nfind_package(atmn {arguments})\n");
        std::fs::write(directory.path().join("CMakeLists.txt"), project).unwrap();
        let mut cmake = Command::new("cmake");
        cmake.args(["-S", ".", "-B", "build"]).arg(format!("-DCMAKE_PREFIX_PATH={}", prefix().display()));
        cmake.current_dir(directory.path()).output().unwrap().status.success()
    };
    let next = concat!(env!("CARGO_PKG_VERSION_MAJOR"), ".999");
    for range in ["0.0.1...<0.0.9", "0.0.1...0.0.9", concat!("0.0.1...<", env!("CARGO_PKG_VERSION"))] {
        assert!(!found(&format!("{range} CONFIG REQUIRED")), "{range}");
    }
    for range in [format!("0.0.1...<{next}"), concat!("0.0.1...", env!("CARGO_PKG_VERSION")).to_owned()] {
        assert!(found(&format!("{range} CONFIG REQUIRED")), "{range}");
    }
    assert!(!found("CONFIG REQUIRED COMPONENTS nonsense"));
    assert!(found("CONFIG REQUIRED OPTIONAL_COMPONENTS nonsense"));
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
