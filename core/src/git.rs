//! Asks `git` whether it would commit a file.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::config::GIT_TIMEOUT;
use crate::locations::repository_root;

enumeration! {
    /// How git treats a file.
    pub enum Git {
        /// The file is not in a work tree.
        None => "none",
        /// It is ignored.
        Ignored => "ignored",
        /// It is ignored since a line was added to `.gitignore`.
        Added => "added",
        /// It is not ignored: the next `git add .` would add it.
        NotIgnored => "not_ignored",
        /// It is tracked: the next commit would include it.
        Tracked => "tracked",
        /// It is in a work tree, and git did not answer.
        Unknown => "unknown",
    }
}

/// Asks git about a file, which does not need to exist.
pub(crate) fn status(file: &Path) -> Git {
    let (Some(directory), Some(name)) = (file.parent(), file.file_name()) else { return Git::None };
    if repository_root(directory).is_none() {
        return Git::None;
    }
    let Some(program) = program() else { return Git::Unknown };
    // The `./` prevents git from reading the name as a pattern.
    let name = Path::new(".").join(name);
    let ask = |question: &[&str]| {
        let mut command = Command::new(&program);
        // The repository may be hostile: git must not start a program that its configuration names, nor write to it.
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

/// The `git` on PATH. Relative entries are ignored: through them a project could provide a `git` of its choice.
fn program() -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    let name = format!("git{}", std::env::consts::EXE_SUFFIX);
    std::env::split_paths(&path)
        .filter(|entry| entry.is_absolute())
        .map(|entry| entry.join(&name))
        .find(|p| p.is_file())
}

/// Runs a command without input and output; `None` if it did not exit in time.
fn exit_code(mut command: Command) -> Option<i32> {
    for (name, _) in std::env::vars_os().filter(|(name, _)| is_git_variable(name)) {
        command.env_remove(name);
    }
    // A partial clone can name a program that fetches missing objects. The second variable is for git before 2.45.
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

/// Variables such as `GIT_DIR` make git answer for another repository.
fn is_git_variable(name: &OsString) -> bool {
    name.to_string_lossy().starts_with("GIT_")
}
