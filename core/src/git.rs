//! Whether git would commit a file, asked of `git` itself.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::config::GIT_TIMEOUT;
use crate::locations::repository_root;

enumeration! {
    /// What git knows about a file.
    pub enum Git {
        /// The file lies in no work tree.
        None => "none",
        /// It is ignored.
        Ignored => "ignored",
        /// It is ignored now: a line was added to `.gitignore`.
        Added => "added",
        /// It is not ignored: the next `git add .` takes it along.
        NotIgnored => "not_ignored",
        /// It is tracked: the next commit takes it along.
        Tracked => "tracked",
        /// There is a work tree, and git could not be asked.
        Unknown => "unknown",
    }
}

/// Asks git about a file, which need not exist.
pub(crate) fn status(file: &Path) -> Git {
    let (Some(directory), Some(name)) = (file.parent(), file.file_name()) else { return Git::None };
    if repository_root(directory).is_none() {
        return Git::None;
    }
    let Some(program) = program() else { return Git::Unknown };
    // With a directory before it, a name is never taken for one of git's patterns.
    let name = Path::new(".").join(name);
    let ask = |question: &[&str]| {
        let mut command = Command::new(&program);
        // The repository may be a stranger's: nothing that its configuration names is started, nothing is written.
        command.args(["-c", "core.fsmonitor=false", "--no-optional-locks"]);
        command.args(question).arg("--").arg(&name).current_dir(directory);
        exit_code(command)
    };
    match ask(&["--literal-pathspecs", "ls-files", "--error-unmatch"]) {
        Some(0) => return Git::Tracked,
        Some(1) => {}
        _ => return Git::Unknown,
    }
    match ask(&["check-ignore", "--quiet"]) {
        Some(0) => Git::Ignored,
        Some(1) => Git::NotIgnored,
        _ => Git::Unknown,
    }
}

/// The `git` on PATH. Relative entries are left out: with them, the project we look at could bring its own.
fn program() -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    let name = format!("git{}", std::env::consts::EXE_SUFFIX);
    std::env::split_paths(&path)
        .filter(|entry| entry.is_absolute())
        .map(|entry| entry.join(&name))
        .find(|p| p.is_file())
}

/// Runs a command in silence; `None` if it did not end by itself in time.
fn exit_code(mut command: Command) -> Option<i32> {
    for (name, _) in std::env::vars_os().filter(|(name, _)| is_git_variable(name)) {
        command.env_remove(name);
    }
    // A repository can name a program that delivers what is missing in it; the second is for git before 2.45.
    command.env("GIT_NO_LAZY_FETCH", "1").env("GIT_ALLOW_PROTOCOL", "");
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let mut child = command.spawn().ok()?;
    let deadline = Instant::now() + GIT_TIMEOUT;
    loop {
        match child.try_wait() {
            Ok(Some(status)) => return status.code(),
            Ok(None) if Instant::now() < deadline => std::thread::sleep(Duration::from_millis(1)),
            Ok(None) | Err(_) => {
                let _ = child.kill();
                let _ = child.wait();
                return None;
            }
        }
    }
}

/// Variables such as `GIT_DIR` would make git answer for another repository.
fn is_git_variable(name: &OsString) -> bool {
    name.to_string_lossy().starts_with("GIT_")
}
