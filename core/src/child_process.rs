//! Child processes in a host program that may reap all children itself.
//!
//! A host may call `waitpid(-1)` in a handler of SIGCHLD, ignore SIGCHLD, or set `SA_NOCLDWAIT`. Then the exit status of a
//! child is lost, and its process id may belong to another process. So nothing here depends on an exit status, and on
//! Linux a child is waited for and killed through a file descriptor that always means this process.

mod output;
mod setup;

use std::io;
use std::process::{Child, Command};
use std::sync::Mutex;

pub(crate) use output::{ChildOutput, NoAnswer, ask};
pub use setup::set_child_setup;
use setup::set_up_child;

use crate::threads::with_signals_of_program;

/// Children that outlived the call that started them. Each later call reaps those that have ended.
static OUTLIVED: Mutex<Vec<ChildProcess>> = Mutex::new(Vec::new());

/// A child that was started and is not reaped yet.
pub(crate) struct ChildProcess {
    child: Child,
    #[cfg(any(target_os = "linux", target_os = "android"))]
    handle: ProcessHandle,
}

/// The state of a child.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ChildState {
    Running,
    /// It ended with this exit code, or by a signal.
    Exited(Option<i32>),
    /// It ended, and the host program took its status.
    Lost,
}

impl ChildProcess {
    pub(crate) fn start(command: &mut Command) -> io::Result<Self> {
        let is_set_up = set_up_child(command);
        let child = if is_set_up { command.spawn() } else { with_signals_of_program(|| command.spawn()) }?;
        Ok(Self {
            #[cfg(any(target_os = "linux", target_os = "android"))]
            handle: ProcessHandle::of(&child),
            child,
        })
    }

    /// Keeps the child in mind: a later call reaps it.
    pub(crate) fn outlive(self) {
        // `try_lock`, because a fork may have left the lock held in the new process, where this is no child.
        if let Ok(mut outlived) = OUTLIVED.try_lock() {
            outlived.push(self);
        }
    }
}

/// Reaps the children of earlier calls that have ended. Never waits.
pub(crate) fn reap() {
    if let Ok(mut outlived) = OUTLIVED.try_lock() {
        outlived.retain_mut(|child| child.state() == ChildState::Running);
    }
}

/// A file descriptor for a process.
#[cfg(any(target_os = "linux", target_os = "android"))]
enum ProcessHandle {
    Open(std::os::fd::OwnedFd),
    /// The process ended, and the host program reaped it.
    Gone,
    /// The system has no such descriptors, or none are left.
    Unavailable,
}

#[cfg(any(target_os = "linux", target_os = "android"))]
mod by_handle {
    use std::os::fd::AsFd as _;
    use std::process::Child;

    use rustix::io::Errno;
    use rustix::process::{Pid, PidfdFlags, Signal, WaitId, WaitIdOptions, pidfd_open, pidfd_send_signal, waitid};

    use super::{ChildProcess, ChildState, ProcessHandle, by_id};

    impl ProcessHandle {
        pub(super) fn of(child: &Child) -> Self {
            match pidfd_open(Pid::from_child(child), PidfdFlags::empty()) {
                Ok(handle) => Self::Open(handle),
                Err(Errno::SRCH) => Self::Gone,
                Err(_) => Self::Unavailable,
            }
        }
    }

    impl ChildProcess {
        /// The state now. Reaps a child that has ended.
        pub(crate) fn state(&mut self) -> ChildState {
            match &self.handle {
                ProcessHandle::Open(handle) => {
                    let options = WaitIdOptions::EXITED | WaitIdOptions::NOHANG;
                    match waitid(WaitId::PidFd(handle.as_fd()), options) {
                        Ok(None) | Err(Errno::INTR) => ChildState::Running,
                        Ok(Some(status)) => ChildState::Exited(status.exit_status()),
                        // Before Linux 5.4.
                        Err(Errno::INVAL) => by_id::state(&mut self.child),
                        Err(_) => ChildState::Lost,
                    }
                }
                ProcessHandle::Gone => ChildState::Lost,
                ProcessHandle::Unavailable => by_id::state(&mut self.child),
            }
        }

        /// Kills the child, unless it has ended.
        pub(crate) fn kill(&mut self) {
            match &self.handle {
                ProcessHandle::Open(handle) => drop(pidfd_send_signal(handle, Signal::KILL)),
                ProcessHandle::Gone => {}
                ProcessHandle::Unavailable => by_id::kill(&mut self.child),
            }
        }
    }
}

#[cfg(not(any(target_os = "linux", target_os = "android")))]
impl ChildProcess {
    /// The state now. Reaps a child that has ended.
    pub(crate) fn state(&mut self) -> ChildState {
        by_id::state(&mut self.child)
    }

    /// Kills the child, unless it has ended.
    pub(crate) fn kill(&mut self) {
        by_id::kill(&mut self.child);
    }
}

mod by_id {
    use std::process::Child;

    use super::ChildState;

    pub(super) fn state(child: &mut Child) -> ChildState {
        match child.try_wait() {
            Ok(None) => ChildState::Running,
            Ok(Some(status)) => ChildState::Exited(status.code()),
            Err(_) => ChildState::Lost,
        }
    }

    /// A child that still runs has its id for itself. One whose status is lost is never signalled.
    pub(super) fn kill(child: &mut Child) {
        if state(child) == ChildState::Running {
            let _ = child.kill();
        }
    }
}

#[cfg(test)]
#[cfg(target_os = "linux")]
mod tests {
    use std::process::Stdio;

    use rustix::process::{Pid, Signal, WaitOptions, kill_process, waitpid};

    use super::*;

    fn start(program: &str, argument: &str) -> ChildProcess {
        let mut command = Command::new(program);
        command.arg(argument).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        ChildProcess::start(&mut command).unwrap()
    }

    /// Waits for the end of a child without reaping it, as nothing else in this process does.
    fn wait_for_end(id: Pid) {
        use rustix::process::{WaitId, WaitIdOptions, waitid};
        waitid(WaitId::Pid(id), WaitIdOptions::EXITED | WaitIdOptions::NOWAIT).unwrap();
    }

    #[test]
    fn child_that_outlived_its_call_is_reaped_by_the_next_one() {
        let child = start("sleep", "600");
        let id = Pid::from_child(&child.child);
        child.outlive();
        reap();
        kill_process(id, Signal::KILL).unwrap();
        wait_for_end(id);
        let entry = format!("/proc/{}", id.as_raw_nonzero());
        assert!(std::path::Path::new(&entry).exists(), "a zombie until the next call");
        // Another test may hold the list at this moment.
        while std::path::Path::new(&entry).exists() {
            reap();
        }
    }

    #[test]
    fn child_that_the_host_reaped_is_never_signalled() {
        let mut child = start("true", "");
        waitpid(Some(Pid::from_child(&child.child)), WaitOptions::empty()).unwrap();
        assert_eq!(child.state(), ChildState::Lost);
        child.kill();
        child.handle = ProcessHandle::Unavailable;
        assert_eq!(child.state(), ChildState::Lost);
        child.kill();
        assert_eq!(child.state(), ChildState::Lost);
    }

    #[test]
    fn killed_child_has_no_exit_code() {
        for by_handle in [true, false] {
            let mut child = start("sleep", "600");
            if !by_handle {
                child.handle = ProcessHandle::Unavailable;
            }
            assert_eq!(child.state(), ChildState::Running);
            child.kill();
            wait_for_end(Pid::from_child(&child.child));
            assert_eq!(child.state(), ChildState::Exited(None));
        }
    }
}
