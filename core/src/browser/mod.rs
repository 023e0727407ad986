//! Opens one URL in the user's browser: one argument, no shell, no inherited descriptors. A failure is an event, never
//! an error.

mod candidates;

use std::fmt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use tokio::time::{Instant, sleep};

use crate::child_process::{self, ChildProcess, ChildState};
use crate::config::{BROWSER_EARLY_EXIT, BROWSER_POLL_INTERVAL};
use crate::host::{EXE_SUFFIX, Host, HostKind, split_paths};
use candidates::{Candidate, OpenPlan, Platform, file_name, plan};

/// The result of opening the browser.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum OpenResult {
    /// A program accepted the URL; only the user knows whether a window appeared.
    Opened {
        /// The program's file name.
        program: String,
    },
    /// A program was started and has ended, and its exit code is lost: the host program reaps all children.
    Unknown {
        /// The program's file name.
        program: String,
    },
    /// No program accepted the URL.
    Failed {
        /// `Could not open a browser: …`.
        reason: String,
    },
}

/// How a program took the URL.
enum Start {
    /// It ended without an error, or it still runs.
    Accepted,
    /// It ended, and the host program took its exit code.
    Lost,
}

/// Programs that were started and may still run. They are reaped while this value lives and when it is dropped. A
/// program that runs longer, such as the browser, is never killed; a later call reaps it.
#[derive(Default)]
pub(crate) struct Browser {
    children: Vec<ChildProcess>,
}

impl fmt::Debug for Browser {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Browser").field("children", &self.children.len()).finish()
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        self.reap();
        self.children.drain(..).for_each(ChildProcess::outlive);
    }
}

impl Browser {
    /// Tries the candidates in order. If the future is dropped, programs that were started keep running.
    pub(crate) async fn open(&mut self, url: &str, host: &Host, kind: &HostKind) -> OpenResult {
        let plan = plan(url, host.text("BROWSER"), Platform::of(host, kind));
        let candidates = match plan {
            OpenPlan::Try(candidates) => candidates,
            OpenPlan::Skip(reason) => return failed(reason),
        };
        let mut failures = Vec::new();
        for candidate in candidates {
            let name = file_name(&candidate.program).to_owned();
            match self.start(&candidate, host).await {
                Ok(Start::Accepted) => return OpenResult::Opened { program: name },
                Ok(Start::Lost) => return OpenResult::Unknown { program: name },
                Err(reason) => failures.push(format!("{name} {reason}")),
            }
        }
        failed(&failures.join(", "))
    }

    /// Reaps the programs that have ended. Never waits.
    pub(crate) fn reap(&mut self) {
        child_process::reap();
        self.children.retain_mut(|child| child.state() == ChildState::Running);
    }

    async fn start(&mut self, candidate: &Candidate, host: &Host) -> Result<Start, String> {
        let program = find(&candidate.program, host).ok_or("is not installed")?;
        let child = ChildProcess::start(&mut command(&program, &candidate.arguments, host));
        let child = child.map_err(|error| format!("cannot be started ({error})"))?;
        self.children.push(child);
        let until = Instant::now() + BROWSER_EARLY_EXIT;
        while Instant::now() < until {
            match self.children.last_mut().map(ChildProcess::state) {
                Some(ChildState::Running) => sleep(BROWSER_POLL_INTERVAL).await,
                Some(ChildState::Exited(code)) => {
                    self.children.pop();
                    return exit_result(code);
                }
                Some(ChildState::Lost) | None => {
                    self.children.pop();
                    return Ok(Start::Lost);
                }
            }
        }
        Ok(Start::Accepted)
    }
}

/// The program that would open a URL, or why none would.
pub(crate) fn find_browser(host: &Host, kind: &HostKind) -> Result<String, String> {
    let candidates = match plan("https://example.com/", host.text("BROWSER"), Platform::of(host, kind)) {
        OpenPlan::Try(candidates) => candidates,
        OpenPlan::Skip(reason) => return Err(reason.to_owned()),
    };
    let installed = candidates.iter().find(|candidate| find(&candidate.program, host).is_some());
    let names = || candidates.iter().map(|candidate| file_name(&candidate.program)).collect::<Vec<_>>().join(", ");
    installed
        .map(|candidate| file_name(&candidate.program).to_owned())
        .ok_or_else(|| format!("{} is not installed", names()))
}

fn exit_result(code: Option<i32>) -> Result<Start, String> {
    match code {
        Some(0) => Ok(Start::Accepted),
        Some(code) => Err(format!("exited with code {code}")),
        None => Err("was killed by a signal".to_owned()),
    }
}

fn failed(reason: &str) -> OpenResult {
    OpenResult::Failed { reason: format!("Could not open a browser: {reason}.") }
}

/// A program by its path, or the first of that name on PATH. Relative entries of PATH are ignored: with them, the
/// project in the working directory could supply its own `xdg-open`.
fn find(program: &str, host: &Host) -> Option<PathBuf> {
    if program.contains(std::path::MAIN_SEPARATOR) || program.contains('/') {
        return Some(host.in_working_directory(Path::new(program)).into_owned()).filter(|program| is_program(program));
    }
    let names = [format!("{program}{EXE_SUFFIX}"), program.to_owned()];
    let directories = split_paths(host.var("PATH")?).filter(|entry| entry.is_absolute());
    directories.flat_map(|entry| names.each_ref().map(|name| entry.join(name))).find(|found| is_program(found))
}

#[cfg(unix)]
fn is_program(path: &Path) -> bool {
    path.is_file() && rustix::fs::access(path, rustix::fs::Access::EXEC_OK).is_ok()
}

#[cfg(not(unix))]
fn is_program(path: &Path) -> bool {
    path.is_file()
}

/// All our sockets and files are close-on-exec (not inheritable on Windows), so the child inherits only the three null
/// streams. It gets the variables of the host without `BROWSER`, which openers would read again.
fn command(program: &Path, arguments: &[String], host: &Host) -> Command {
    let mut command = Command::new(program);
    command.env_clear().envs(host.variables().filter(|(name, _)| !name.eq_ignore_ascii_case("BROWSER")));
    // A program cannot start in a directory that was deleted meanwhile.
    if let Some(directory) = host.working_directory().filter(|directory| directory.is_dir()) {
        command.current_dir(directory);
    }
    command.args(arguments).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    detach(&mut command);
    command
}

/// A separate process group: Ctrl-C ends the login and not the browser.
#[cfg(unix)]
fn detach(command: &mut Command) {
    use std::os::unix::process::CommandExt as _;
    command.process_group(0);
}

/// A separate process group on Windows, without a console window that flashes up. Tested under Wine only.
#[cfg(windows)]
fn detach(command: &mut Command) {
    use std::os::windows::process::CommandExt as _;
    const CREATE_NEW_PROCESS_GROUP: u32 = 0x0000_0200;
    const CREATE_NO_WINDOW: u32 = 0x0800_0000;
    command.creation_flags(CREATE_NEW_PROCESS_GROUP | CREATE_NO_WINDOW);
}

#[cfg(not(any(unix, windows)))]
fn detach(_: &mut Command) {}

#[cfg(test)]
mod tests;
