//! The end of a waiting command by a signal, or after the end of its parent process.

use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use libatmn::{Cancel, Error, ErrorCode, Result};

use crate::output::Output;

/// How often a thread checks whether a signal came.
const POLL_INTERVAL: Duration = Duration::from_millis(50);

const HUP: usize = 1;
const INT: usize = 2;
const TERM: usize = 15;
/// The parent process ended. No signal has this number.
const ORPHANED: usize = 1 << 16;

/// Catches signals, and cancels the operation that waits.
pub(crate) struct Signals {
    caught: Arc<AtomicUsize>,
    cancel: Cancel,
}

impl Signals {
    /// For a command that ends with its parent process.
    pub(crate) fn for_call() -> Self {
        // A parent that ignores HUP (`nohup`) wants the command to outlive it.
        let parent = (!system::ignores(HUP)).then(system::Parent::current);
        Self::catch(parent)
    }

    /// For a command that may outlive its parent process.
    pub(crate) fn for_server() -> Self {
        Self::catch(None)
    }

    fn catch(parent: Option<system::Parent>) -> Self {
        let (caught, cancel) = (Arc::<AtomicUsize>::default(), Cancel::new());
        system::catch_signals(&caught);
        let (seen, ends) = (Arc::clone(&caught), cancel.clone());
        thread::spawn(move || {
            while seen.load(Ordering::Relaxed) == 0 {
                if parent.as_ref().is_some_and(system::Parent::has_ended) {
                    seen.store(ORPHANED, Ordering::Relaxed);
                }
                thread::sleep(POLL_INTERVAL);
            }
            ends.cancel();
        });
        Self { caught, cancel }
    }

    /// Cancelled as soon as the command should end.
    pub(crate) fn cancel(&self) -> &Cancel {
        &self.cancel
    }

    /// Waits until the command should end.
    pub(crate) fn wait(&self) {
        while !self.cancel.is_cancelled() {
            thread::sleep(POLL_INTERVAL);
        }
    }

    /// The exit code with which a shell reports a process that a signal ended; `None` if no signal came.
    pub(crate) fn exit_code(&self) -> Option<ExitCode> {
        let code = match self.caught.load(Ordering::Relaxed) {
            0 => return None,
            INT => 130,
            TERM => 143,
            // The end of the parent process counts as the end of the terminal.
            _ => 129,
        };
        Some(ExitCode::from(code))
    }

    /// The end of a failed call. After a cancellation, it prints the reason and returns the signal's exit code.
    pub(crate) fn fail(&self, error: Error, call: &str, consequence: &str, output: &Output) -> Result<ExitCode> {
        if error.code != ErrorCode::Cancelled {
            return Err(error);
        }
        let code = output.failure(&self.explain(error, call, consequence));
        Ok(self.exit_code().unwrap_or(code))
    }

    fn explain(&self, error: Error, call: &str, consequence: &str) -> Error {
        let reason = match self.caught.load(Ordering::Relaxed) {
            INT => "",
            TERM => " by SIGTERM",
            HUP => " by SIGHUP",
            ORPHANED => " because its parent process ended",
            _ => return error,
        };
        // A cancelled login may leave keys at the server; nothing else is left to do.
        let hint = error.hint.filter(|_| error.context.contains_key("keys_may_exist"));
        Error { message: format!("{call} cancelled{reason}.{consequence}"), hint, ..error }
    }
}

/// Whether the process was started with this signal ignored.
#[cfg(unix)]
pub(crate) fn ignores(signal: usize) -> bool {
    system::ignores(signal)
}

#[cfg(unix)]
mod system {
    use std::sync::Arc;
    use std::sync::atomic::AtomicUsize;

    use rustix::process::{Pid, getppid};
    use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
    use signal_hook::flag::register_usize;

    use super::{HUP, INT, TERM};

    pub(super) fn catch_signals(caught: &Arc<AtomicUsize>) {
        let signals = [(SIGHUP, HUP), (SIGINT, INT), (SIGTERM, TERM)];
        for (signal, number) in signals.into_iter().filter(|(_, number)| !ignores(*number)) {
            // A signal that cannot be caught ends the process, and leaves no port or file either.
            let _ = register_usize(signal, Arc::clone(caught), number);
        }
    }

    /// Whether the process was started with this signal ignored; `false` on systems without `/proc`.
    pub(super) fn ignores(signal: usize) -> bool {
        let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
        let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
        let mask = mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or_default();
        mask >> (signal - 1) & 1 == 1
    }

    /// The parent process.
    pub(super) struct Parent(Option<Pid>);

    impl Parent {
        pub(super) fn current() -> Self {
            Self(getppid())
        }

        /// Whether the parent process ended, after which this process has another parent.
        pub(super) fn has_ended(&self) -> bool {
            getppid() != self.0
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_login_that_may_leave_keys_has_a_hint_after_a_signal() {
        let signals = Signals { caught: Arc::new(AtomicUsize::new(INT)), cancel: Cancel::without_signals() };
        let ended = |error: Error| signals.explain(error.with_hint("Delete them."), "Login", "");
        let cancelled = || Error::new(ErrorCode::Cancelled, "Cancelled.");
        assert!(ended(cancelled()).hint.is_none());
        let late = ended(cancelled().with("keys_may_exist", "true"));
        assert_eq!((late.message.as_str(), late.hint.is_some()), ("Login cancelled.", true));
    }
}

#[cfg(not(unix))]
mod system {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::INT;

    /// Catches Ctrl-C and Ctrl-Break. Closing the window ends the process at once.
    pub(super) fn catch_signals(caught: &Arc<AtomicUsize>) {
        let caught = Arc::clone(caught);
        let _ = ctrlc::set_handler(move || caught.store(INT, Ordering::Relaxed));
    }

    pub(super) fn ignores(_: usize) -> bool {
        false
    }

    /// Windows does not give a process another parent, so the end of the parent is not visible.
    pub(super) struct Parent;

    impl Parent {
        pub(super) fn current() -> Self {
            Self
        }

        pub(super) fn has_ended(&self) -> bool {
            false
        }
    }
}
