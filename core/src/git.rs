//! Asks `git` whether it would commit a file.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::config::GIT_TIMEOUT;
use crate::host::{EXE_SUFFIX, Host, set_up_child, split_paths};
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
pub(crate) fn status(file: &Path, host: &Host) -> Git {
    let (Some(directory), Some(name)) = (file.parent(), file.file_name()) else { return Git::None };
    if repository_root(directory).is_none() {
        return Git::None;
    }
    let Some(program) = program(host) else { return Git::Unknown };
    // The `./` prevents git from reading the name as a pattern.
    let name = Path::new(".").join(name);
    let ask = |question: &[&str]| {
        let mut command = Command::new(&program);
        // The repository may be hostile: git must not start a program that its configuration names, nor write to it.
        command.args(["-c", "core.fsmonitor=false", "--no-optional-locks"]);
        command.args(question).arg("--").arg(&name).current_dir(directory);
        exit_code(command, host)
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
fn program(host: &Host) -> Option<PathBuf> {
    let name = format!("git{EXE_SUFFIX}");
    let directories = split_paths(host.var("PATH")?).filter(|entry| entry.is_absolute());
    directories.map(|entry| entry.join(&name)).find(|program| program.is_file())
}

/// Runs a command without input and output; `None` if it did not exit in time.
fn exit_code(mut command: Command, host: &Host) -> Option<i32> {
    // Variables such as `GIT_DIR` make git answer for another repository.
    let is_git_variable = |name: &OsStr| name.to_string_lossy().starts_with("GIT_");
    command.env_clear().envs(host.variables().filter(|(name, _)| !is_git_variable(name)));
    // A partial clone can name a program that fetches missing objects. The second variable is for git before 2.45.
    command.env("GIT_NO_LAZY_FETCH", "1").env("GIT_ALLOW_PROTOCOL", "");
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    set_up_child(&mut command);
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
