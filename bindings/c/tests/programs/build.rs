//! Compiling C programs as users compile them.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use atmn_tests::repository;

/// All warnings are errors.
pub(crate) const STRICT: &[&str] = &["-std=c99", "-pedantic", "-Wall", "-Wextra", "-Werror", "-g"];

/// What checks a program while it runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Checker {
    /// AddressSanitizer with LeakSanitizer, and UndefinedBehaviorSanitizer; libatmn linked statically.
    Sanitizers,
    /// valgrind; libatmn linked dynamically.
    Valgrind,
    /// valgrind's detector of data races; libatmn linked dynamically.
    Helgrind,
    /// No checks.
    None,
}

/// How a program is linked with libatmn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Linked {
    Dynamically,
    Statically,
}

/// A directory that `make install` has filled, outside of the repository.
pub(crate) fn prefix() -> &'static Path {
    static PREFIX: OnceLock<tempfile::TempDir> = OnceLock::new();
    PREFIX.get_or_init(installed).path()
}

/// The same without the shared library, which linkers prefer to the static one.
fn static_prefix() -> &'static Path {
    static PREFIX: OnceLock<tempfile::TempDir> = OnceLock::new();
    let prefix = PREFIX.get_or_init(|| {
        let prefix = installed();
        for entry in std::fs::read_dir(prefix.path().join("lib")).unwrap() {
            let path = entry.unwrap().path();
            if path.to_string_lossy().contains("libatmn.so") {
                std::fs::remove_file(path).unwrap();
            }
        }
        prefix
    });
    prefix.path()
}

fn installed() -> tempfile::TempDir {
    let prefix = tempfile::tempdir().unwrap();
    install(prefix.path(), "");
    prefix
}

/// A script of this crate.
pub(crate) fn script(name: &str) -> Command {
    Command::new(Path::new(env!("CARGO_MANIFEST_DIR")).join(name))
}

/// Runs the install script.
pub(crate) fn install(prefix: &Path, destdir: &str) {
    assert!(script("install").arg(library_directory()).arg(prefix).arg(destdir).status().unwrap().success());
}

/// Where cargo puts libatmn.so and libatmn.a. They are built once per run of the tests, so that they are never out of date.
pub(crate) fn library_directory() -> &'static Path {
    static DIRECTORY: OnceLock<PathBuf> = OnceLock::new();
    DIRECTORY.get_or_init(|| {
        let target = std::env::current_exe().unwrap().ancestors().nth(2).unwrap().to_path_buf();
        let mut build = Command::new(env!("CARGO"));
        // The whole workspace, as it has been built: a single package would be built again, with other features.
        build.args(["build", "--quiet", "--workspace", "--all-targets"]).current_dir(repository());
        if target.ends_with("release") {
            build.arg("--release");
        }
        assert!(build.status().unwrap().success());
        target
    })
}

/// The flags that pkg-config prints.
pub(crate) fn pkg_config(prefix: &Path, arguments: &[&str]) -> Vec<String> {
    let mut command = Command::new("pkg-config");
    let output = command.args(arguments).arg("atmn").env("PKG_CONFIG_PATH", prefix.join("lib/pkgconfig")).output();
    let output = output.unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().split_whitespace().map(str::to_owned).collect()
}

/// A compiled program in a temporary directory.
pub(crate) struct Program {
    directory: tempfile::TempDir,
    pub(crate) name: String,
    pub(crate) checker: Checker,
}

impl Program {
    /// Compiles one of the test programs.
    pub(crate) fn build(name: &str, checker: Checker) -> Self {
        let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/c");
        let mut files = [name, "check", "web"].map(|name| sources.join(name).with_extension("c")).to_vec();
        if name == "loop" {
            files.push(PathBuf::from("-luv"));
        }
        let mut flags: Vec<&str> = STRICT.to_vec();
        if checker == Checker::Sanitizers {
            flags.extend(["-fsanitize=address,undefined", "-fno-sanitize-recover=all", "-fno-omit-frame-pointer"]);
            return Self::compile("clang", &flags, &files, Linked::Statically, checker);
        }
        Self::compile("gcc", &flags, &files, Linked::Dynamically, checker)
    }

    /// Compiles any program against an installed prefix, with the flags of its pkg-config file.
    pub(crate) fn compile(
        compiler: &str,
        flags: &[&str],
        files: &[impl AsRef<Path>],
        linked: Linked,
        checker: Checker,
    ) -> Self {
        let name = files[0].as_ref().file_stem().unwrap().to_string_lossy().into_owned();
        let program = Self { directory: tempfile::tempdir().unwrap(), name, checker };
        let mut command = Command::new(compiler);
        command.args(flags).args(files.iter().map(|file| file.as_ref().as_os_str())).arg("-o").arg(program.path());
        match linked {
            Linked::Statically => {
                command.args(pkg_config(static_prefix(), &["--static", "--cflags", "--libs"]));
            }
            Linked::Dynamically => {
                command.args(pkg_config(prefix(), &["--cflags", "--libs"])).arg("-lpthread");
                command.arg(format!("-Wl,-rpath,{}", prefix().join("lib").display()));
            }
        }
        let output = command.output().unwrap();
        assert!(output.status.success(), "{command:?}\n{}", String::from_utf8_lossy(&output.stderr));
        program
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.directory.path().join("program")
    }
}
