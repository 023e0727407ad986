//! What ends a command that waits: a signal, or the end of the program that started it.

use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use libatmn::{Cancel, Error, ErrorCode, Result};

use crate::output::Output;

/// How long a signal may wait to be noticed.
const TICK: Duration = Duration::from_millis(50);

const HUP: usize = 1;
const INT: usize = 2;
const TERM: usize = 15;
/// No signal has this number.
const ORPHANED: usize = 1 << 16;

/// Notes what should end the command, and cancels what it waits for.
pub(crate) struct Ending {
    caught: Arc<AtomicUsize>,
    cancel: Cancel,
}

impl Ending {
    /// For a command that somebody waits for: it ends with whoever started it.
    pub(crate) fn of_call() -> Self {
        // Whoever ignores HUP (`nohup`) wants the command to outlive them.
        let parent = (!system::ignores(HUP)).then(system::Parent::now);
        Self::watching(parent)
    }

    /// For a command that may be left running.
    pub(crate) fn of_server() -> Self {
        Self::watching(None)
    }

    fn watching(parent: Option<system::Parent>) -> Self {
        let (caught, cancel) = (Arc::<AtomicUsize>::default(), Cancel::new());
        system::note_signals(&caught);
        let (seen, ends) = (Arc::clone(&caught), cancel.clone());
        thread::spawn(move || {
            while seen.load(Ordering::Relaxed) == 0 {
                if parent.as_ref().is_some_and(system::Parent::is_gone) {
                    seen.store(ORPHANED, Ordering::Relaxed);
                }
                thread::sleep(TICK);
            }
            ends.cancel();
        });
        Self { caught, cancel }
    }

    /// Set as soon as the command should end.
    pub(crate) fn cancel(&self) -> &Cancel {
        &self.cancel
    }

    /// Waits until the command should end.
    pub(crate) fn wait(&self) {
        while !self.cancel.is_cancelled() {
            thread::sleep(TICK);
        }
    }

    /// As a shell reports a process that a signal has ended; nothing if none came.
    pub(crate) fn exit_code(&self) -> Option<ExitCode> {
        let code = match self.caught.load(Ordering::Relaxed) {
            0 => return None,
            INT => 130,
            TERM => 143,
            // Losing the parent and losing the terminal are the same to whoever looks afterwards.
            _ => 129,
        };
        Some(ExitCode::from(code))
    }

    /// The end of a call that failed: if it was cancelled from here, with the reason and as a shell reports it.
    pub(crate) fn fail(&self, error: Error, consequence: &str, output: &Output) -> Result<ExitCode> {
        if error.code != ErrorCode::Cancelled {
            return Err(error);
        }
        let code = output.failure(&self.explain(error, consequence));
        Ok(self.exit_code().unwrap_or(code))
    }

    fn explain(&self, error: Error, consequence: &str) -> Error {
        let reason = match self.caught.load(Ordering::Relaxed) {
            INT => "Ctrl-C (SIGINT)",
            TERM => "a request to end (SIGTERM)",
            HUP => "the end of the terminal (SIGHUP)",
            ORPHANED => "the end of the program that started it",
            _ => return error,
        };
        Error { message: format!("It was cancelled by {reason}{consequence}."), ..error }
    }
}

#[cfg(unix)]
mod system {
    use std::sync::Arc;
    use std::sync::atomic::AtomicUsize;

    use rustix::process::{Pid, getppid};
    use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
    use signal_hook::flag::register_usize;

    use super::{HUP, INT, TERM};

    pub(super) fn note_signals(caught: &Arc<AtomicUsize>) {
        let signals = [(SIGHUP, HUP), (SIGINT, INT), (SIGTERM, TERM)];
        for (signal, number) in signals.into_iter().filter(|(_, number)| !ignores(*number)) {
            // One that cannot be noted ends the process in the system's way: no port or file outlives that either.
            let _ = register_usize(signal, Arc::clone(caught), number);
        }
    }

    /// Whether the process was started with this signal ignored. Where the system does not tell, it was not.
    pub(super) fn ignores(signal: usize) -> bool {
        let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
        let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
        let mask = mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or_default();
        mask >> (signal - 1) & 1 == 1
    }

    /// The process that started this one.
    pub(super) struct Parent(Option<Pid>);

    impl Parent {
        pub(super) fn now() -> Self {
            Self(getppid())
        }

        /// Whether it has ended: its children go to another one then.
        pub(super) fn is_gone(&self) -> bool {
            getppid() != self.0
        }
    }
}

#[cfg(not(unix))]
mod system {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::INT;

    /// Ctrl-C and Ctrl-Break. A window that is closed ends the process in the system's way, as a kill does.
    pub(super) fn note_signals(caught: &Arc<AtomicUsize>) {
        let caught = Arc::clone(caught);
        let _ = ctrlc::set_handler(move || caught.store(INT, Ordering::Relaxed));
    }

    pub(super) fn ignores(_: usize) -> bool {
        false
    }

    /// Nobody hands children on here, so there is nothing to look at.
    pub(super) struct Parent;

    impl Parent {
        pub(super) fn now() -> Self {
            Self
        }

        pub(super) fn is_gone(&self) -> bool {
            false
        }
    }
}
