//! Opens one address in the person's browser: one argument, no shell, nothing inherited, and never an error.

mod candidates;

use std::ffi::{OsStr, OsString};
use std::fmt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::Mutex;
use std::time::Duration;

use tokio::time::{Instant, sleep};

use crate::config::BROWSER_EARLY_EXIT;
use crate::host::HostKind;
use candidates::{Candidate, Plan, Platform, file_name, plan};

/// How often a program is looked at meanwhile.
const LOOK: Duration = Duration::from_millis(20);

/// What became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Opened {
    /// A program took the address; whether a window appeared, only the person knows.
    Yes {
        /// Its file name.
        program: String,
    },
    /// None did. The sentence says why.
    No {
        /// `No browser was opened: …`.
        reason: String,
    },
}

/// Programs that ran longer than the login they were started for. Without a look at them now and then, a process that
/// logs in for years would collect what is left of each.
static LEFT: Mutex<Vec<Child>> = Mutex::new(Vec::new());

/// Programs that were started and may still run. They are looked after while it lives, and when it or a later one is
/// dropped; what runs longer, such as the browser itself, belongs to itself and is never ended by us.
#[derive(Default)]
pub(crate) struct Browser {
    children: Vec<Child>,
}

impl fmt::Debug for Browser {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Browser").field("children", &self.children.len()).finish()
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        self.reap();
        // A fork may leave the lock held for ever, so nobody waits for it. In its child, the programs of the parent
        // count as ended.
        if let Ok(mut left) = LEFT.try_lock() {
            left.append(&mut self.children);
            keep_running(&mut left);
        }
    }
}

impl Browser {
    /// Tries what there is to try, one after the other. Dropped half-way, it has started what it has started.
    pub(crate) async fn open(
        &mut self,
        url: &str,
        env: impl Fn(&str) -> Option<OsString>,
        surroundings: &HostKind,
    ) -> Opened {
        let text = |name: &str| env(name).and_then(|value| value.into_string().ok()).filter(|value| !value.is_empty());
        let plan = plan(url, text("BROWSER").as_deref(), Platform::here(surroundings, text));
        let candidates = match plan {
            Plan::Try(candidates) => candidates,
            Plan::Nothing(reason) => return no(reason),
        };
        let (path, mut failures) = (env("PATH"), Vec::new());
        for candidate in candidates {
            let name = file_name(&candidate.program).to_owned();
            match self.start(&candidate, path.as_deref()).await {
                Ok(()) => return Opened::Yes { program: name },
                Err(reason) => failures.push(format!("{name} {reason}")),
            }
        }
        no(&failures.join(", "))
    }

    /// Takes note of programs that have ended, so that they do not stay behind as zombies. Never waits.
    pub(crate) fn reap(&mut self) {
        keep_running(&mut self.children);
    }

    async fn start(&mut self, candidate: &Candidate, path: Option<&OsStr>) -> Result<(), String> {
        let program = find(&candidate.program, path).ok_or("is not installed")?;
        let child = command(&program, &candidate.arguments).spawn();
        let child = child.map_err(|error| format!("cannot be started ({error})"))?;
        self.children.push(child);
        let until = Instant::now() + BROWSER_EARLY_EXIT;
        while Instant::now() < until {
            match self.children.last_mut().map(Child::try_wait) {
                Some(Ok(Some(status))) => {
                    self.children.pop();
                    return verdict(status);
                }
                Some(Ok(None)) => sleep(LOOK).await,
                Some(Err(_)) | None => break,
            }
        }
        Ok(())
    }
}

/// Drops those that have ended, which takes note of it.
fn keep_running(children: &mut Vec<Child>) {
    children.retain_mut(|child| matches!(child.try_wait(), Ok(None)));
}

fn verdict(status: ExitStatus) -> Result<(), String> {
    match status.code() {
        Some(0) => Ok(()),
        Some(code) => Err(format!("ended with code {code}")),
        None => Err("was ended by a signal".to_owned()),
    }
}

fn no(reason: &str) -> Opened {
    Opened::No { reason: format!("No browser was opened: {reason}.") }
}

/// A program with its path as given, or the first one on PATH. Relative entries of PATH are left out: with them, the
/// project we are in could bring its own `xdg-open`.
fn find(program: &str, path: Option<&OsStr>) -> Option<PathBuf> {
    if program.contains(std::path::MAIN_SEPARATOR) || program.contains('/') {
        return Some(PathBuf::from(program)).filter(|program| is_program(program));
    }
    let names = [format!("{program}{}", std::env::consts::EXE_SUFFIX), program.to_owned()];
    let directories = std::env::split_paths(path?).filter(|entry| entry.is_absolute());
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

/// All sockets and files of ours are close-on-exec (not inheritable on Windows), so the child gets the three null
/// streams and nothing else.
fn command(program: &Path, arguments: &[String]) -> Command {
    let mut command = Command::new(program);
    command.args(arguments).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    detach(&mut command);
    command
}

/// In a group of its own: Ctrl-C ends the login and not the browser.
#[cfg(unix)]
fn detach(command: &mut Command) {
    use std::os::unix::process::CommandExt as _;
    command.process_group(0);
}

/// The same on Windows, without a console window that flashes up. Run under Wine only.
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
