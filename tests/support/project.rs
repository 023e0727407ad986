//! A separate directory for a test, and the built `atmn` command run in it.

use std::ffi::OsStr;
use std::fmt::Write as _;
use std::io::Write as _;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::OnceLock;

use crate::repository;

/// A sandbox key for tests.
pub const SANDBOX: &str = "am_sk_test_planted0000000000000000000000sandbox";
/// A live key for tests.
pub const LIVE: &str = "am_sk_live_planted0000000000000000000000000live";
/// A user that is not root and owns nothing.
pub const UNPRIVILEGED: u32 = 65534;

/// A temporary directory with a project in it, and a home beside it.
pub struct Project {
    directory: tempfile::TempDir,
}

impl Default for Project {
    fn default() -> Self {
        Self::new()
    }
}

impl Project {
    /// An empty project that every user may enter.
    #[must_use]
    pub fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        std::fs::set_permissions(directory.path(), PermissionsExt::from_mode(0o755)).unwrap();
        let project = Self { directory };
        for name in ["project", "home"] {
            std::fs::create_dir(project.directory.path().join(name)).unwrap();
        }
        project
    }

    /// A path in the project.
    #[must_use]
    pub fn path(&self, name: &str) -> PathBuf {
        let real = std::fs::canonicalize(self.directory.path()).unwrap();
        let project = real.join("project");
        if name.is_empty() { project } else { project.join(name) }
    }

    /// The home directory that commands are given.
    #[must_use]
    pub fn home(&self) -> PathBuf {
        self.directory.path().join("home")
    }

    /// Writes a file, and the directories above it.
    pub fn write(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, content).unwrap();
        path
    }

    /// The content of a file as text.
    #[must_use]
    pub fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).unwrap()
    }

    /// The permission bits of a file.
    #[must_use]
    pub fn mode(&self, name: &str) -> u32 {
        self.path(name).metadata().unwrap().mode() & 0o7777
    }

    /// Everything in the project with its content or link target, for comparison before and after.
    #[must_use]
    pub fn snapshot(&self) -> String {
        let mut text = String::new();
        list(&self.path(""), &mut text);
        text
    }

    /// Makes a directory of the project a git repository.
    pub fn git_init(&self) {
        self.git(&["init", "--quiet"]);
    }

    /// Runs git in the project.
    pub fn git(&self, arguments: &[&str]) {
        let mut command = Command::new("git");
        command.args(["-c", "user.name=t", "-c", "user.email=t@example.com"]).args(arguments);
        let status = command.current_dir(self.path("")).env("HOME", self.home()).status().unwrap();
        assert!(status.success(), "git {arguments:?}");
    }

    /// The `atmn` command, in the project, with a clean environment.
    #[must_use]
    pub fn atmn<S: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = S>) -> Run {
        let mut command = Command::new(binary());
        command.args(arguments).current_dir(self.path("")).env_clear();
        command.env("HOME", self.home()).env("PATH", "/usr/local/bin:/usr/bin:/bin");
        Run { command, stdin: String::new() }
    }

    /// `sh -c SCRIPT` with `$ATMN`, in a separate mount namespace, where a test can mount without root.
    #[must_use]
    pub fn in_namespace(&self, script: &str) -> Run {
        let mut command = Command::new("unshare");
        command.args(["--user", "--map-root-user", "--mount", "sh", "-euc", script]).current_dir(self.path(""));
        command.env_clear().env("HOME", self.home()).env("PATH", "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin");
        command.env("ATMN", binary());
        Run { command, stdin: String::new() }
    }

    /// Saves both keys.
    #[must_use]
    pub fn save(&self) -> Run {
        self.atmn(["save"]).stdin(&format!("{SANDBOX}\n{LIVE}\n"))
    }
}

/// A command about to run.
pub struct Run {
    command: Command,
    stdin: String,
}

impl Run {
    /// Text for its stdin.
    #[must_use]
    pub fn stdin(mut self, text: &str) -> Self {
        self.stdin = text.to_owned();
        self
    }

    /// A variable of its environment.
    #[must_use]
    pub fn env(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.command.env(name, value);
        self
    }

    /// Its working directory.
    #[must_use]
    pub fn current_dir(mut self, path: impl AsRef<Path>) -> Self {
        self.command.current_dir(path);
        self
    }

    /// Runs it as an unprivileged user if the test runs as root.
    #[must_use]
    pub fn unprivileged(mut self) -> Self {
        if is_root() {
            self.command.uid(UNPRIVILEGED).gid(UNPRIVILEGED);
        }
        self
    }

    /// Runs it as an account with further groups. Needs root.
    #[must_use]
    pub fn account(self, user: u32, groups: &[u32]) -> Self {
        let groups: Vec<String> = groups.iter().map(ToString::to_string).collect();
        let id = user.to_string();
        let mut command = Command::new("setpriv");
        command.args(["--reuid", &id, "--regid", &id, "--groups", &groups.join(",")]);
        command.arg(self.command.get_program()).args(self.command.get_args());
        command.env_clear().envs(self.command.get_envs().filter_map(|(name, value)| Some((name, value?))));
        command.current_dir(self.command.get_current_dir().unwrap_or(Path::new("/")));
        Self { command, stdin: self.stdin }
    }

    /// The command itself, for tests that need its process.
    #[must_use]
    pub fn command(self) -> Command {
        self.command
    }

    /// Runs it to its end.
    #[must_use]
    pub fn run(mut self) -> Done {
        self.command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = self.command.spawn().unwrap();
        // A command that fails early does not read its stdin.
        let _ = child.stdin.take().unwrap().write_all(self.stdin.as_bytes());
        let output = child.wait_with_output().unwrap();
        let done = Done::new(&output);
        for secret in [SANDBOX, LIVE] {
            assert!(!done.stderr.contains(secret), "a key in its output: {}", done.stderr);
        }
        done
    }
}

/// The output of a command.
#[derive(Debug)]
pub struct Done {
    /// Its exit code; -1 if a signal ended it.
    pub code: i32,
    /// Its data.
    pub stdout: String,
    /// Its messages.
    pub stderr: String,
}

impl Done {
    fn new(output: &Output) -> Self {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Self { code: output.status.code().unwrap_or(-1), stdout: text(&output.stdout), stderr: text(&output.stderr) }
    }

    /// Asserts that it succeeded.
    #[must_use]
    pub fn ok(self) -> Self {
        assert_eq!(self.code, 0, "{self:?}");
        self
    }

    /// Asserts that it failed with this error code.
    pub fn fails(&self, code: &str) {
        assert!(self.stderr.contains(&format!("error[{code}]")), "{self:?}");
        assert_ne!(self.code, 0, "{self:?}");
        assert_eq!(self.stdout, "", "{self:?}");
        assert!(self.stderr.contains("hint: "), "no hint: {self:?}");
    }

    /// Its data as JSON.
    #[must_use]
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }
}

/// Whether the test runs as root, as it does on most build machines.
#[must_use]
pub fn is_root() -> bool {
    std::fs::metadata("/proc/self").unwrap().uid() == 0
}

/// Whether this process can run programs as other accounts: it is root, of the machine or of a user namespace with further
/// accounts. Otherwise it runs the test again as root of such a namespace, and the caller returns.
///
/// # Panics
/// If the system allows no such namespace: a test that cannot run has not passed.
#[must_use]
pub fn has_accounts(test: &str) -> bool {
    if is_root() {
        return true;
    }
    let mut again = Command::new("unshare");
    again.args(["--map-root-user", "--map-auto", "--"]).arg(std::env::current_exe().unwrap()).args(["--exact", test]);
    let output = again.output().unwrap();
    assert!(
        String::from_utf8_lossy(&output.stdout).contains("1 passed"),
        "The test `{test}` runs programs as other accounts. Run it as root, or install `newuidmap` and give this account a \
         range in /etc/subuid and /etc/subgid: {output:?}"
    );
    false
}

/// The `atmn` command, built once per test run so that it is up to date.
pub fn binary() -> &'static Path {
    static BINARY: OnceLock<(PathBuf, tempfile::TempDir)> = OnceLock::new();
    let (path, _) = BINARY.get_or_init(|| {
        let target = std::env::current_exe().unwrap().ancestors().nth(2).unwrap().to_path_buf();
        let mut build = Command::new(env!("CARGO"));
        // The whole workspace, which is built already: a single package would be rebuilt with other features.
        build.args(["build", "--quiet", "--workspace", "--all-targets"]).current_dir(repository());
        // Cargo sets these for tests, and some build scripts would run again because of them.
        let of_tests = |name: &OsStr| ["CARGO_PKG_", "CARGO_MANIFEST_"].iter().any(|prefix| starts_with(name, prefix));
        std::env::vars_os().filter(|(name, _)| of_tests(name)).for_each(|(name, _)| _ = build.env_remove(name));
        if target.ends_with("release") {
            build.arg("--release");
        }
        assert!(build.status().unwrap().success());
        // A copy where every user can reach it: the build folder may be in a private home.
        let folder = tempfile::tempdir().unwrap();
        std::fs::set_permissions(folder.path(), PermissionsExt::from_mode(0o755)).unwrap();
        let copy = folder.path().join("atmn");
        std::fs::copy(target.join("atmn"), &copy).unwrap();
        (copy, folder)
    });
    path
}

fn starts_with(name: &OsStr, prefix: &str) -> bool {
    name.as_encoded_bytes().starts_with(prefix.as_bytes())
}

fn list(directory: &Path, text: &mut String) {
    let mut entries: Vec<PathBuf> = std::fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    for path in entries.iter().filter(|path| path.file_name() != Some(OsStr::new(".git"))) {
        let metadata = path.symlink_metadata().unwrap();
        let (mode, owner) = (metadata.mode(), metadata.uid());
        write!(text, "{} {mode:o} {owner} ", path.display()).unwrap();
        if metadata.is_dir() {
            writeln!(text, "directory").unwrap();
            list(path, text);
        } else if metadata.is_symlink() {
            writeln!(text, "-> {}", std::fs::read_link(path).unwrap().display()).unwrap();
        } else if metadata.is_file() {
            writeln!(text, "{}", std::fs::read(path).unwrap().escape_ascii()).unwrap();
        } else {
            writeln!(text, "special").unwrap();
        }
    }
}
