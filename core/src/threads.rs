//! The threads that libatmn starts take no signals of the program.
//!
//! The system gives a signal of the process to any thread that does not block it. A program that blocks a signal in all
//! threads that it started, for a critical section, `sigwait` or `signalfd`, must not get it on a thread that it did not start.
//! Signals that report a fault of the thread itself stay as they are, so that crash handlers work.

#[cfg(unix)]
pub(crate) use unix::with_signals_of_program;
#[cfg(unix)]
pub use unix::{block_signals, spawn};

#[cfg(unix)]
mod unix {
    use std::cell::Cell;
    use std::io;
    use std::thread::{Builder, JoinHandle};

    use nix::sys::signal::{SigSet, SigmaskHow, Signal};

    thread_local! {
        /// On a thread of libatmn, the mask of the thread that started it. It has no destructor.
        static OF_PROGRAM: Cell<Option<SigSet>> = const { Cell::new(None) };
    }

    /// Starts a thread that takes no signals.
    ///
    /// # Errors
    /// If the system has no thread left.
    pub fn spawn<T: Send + 'static>(
        thread: Builder,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> io::Result<JoinHandle<T>> {
        // Blocked here, since a new thread has the mask of the one that starts it from its first moment.
        let before = signals_of_others().thread_swap_mask(SigmaskHow::SIG_BLOCK).ok();
        let of_program = OF_PROGRAM.get().or(before);
        let started = thread.spawn(move || {
            OF_PROGRAM.set(of_program);
            work()
        });
        if let Some(before) = before {
            let _ = before.thread_set_mask();
        }
        started
    }

    /// Blocks the signals in this thread, for threads that another library starts.
    pub fn block_signals() {
        let _ = signals_of_others().thread_block();
    }

    /// Starts a child with the mask of the program, where no function can run in the child. SIGPIPE stays blocked: a write
    /// to a lost connection may have left one for this thread.
    pub(crate) fn with_signals_of_program<T>(start: impl FnOnce() -> T) -> T {
        let Some(mut mask) = OF_PROGRAM.get() else { return start() };
        mask.add(Signal::SIGPIPE);
        let before = mask.thread_swap_mask(SigmaskHow::SIG_SETMASK);
        let started = start();
        if let Ok(before) = before {
            let _ = before.thread_set_mask();
        }
        started
    }

    /// Every signal that does not report a fault of the thread itself.
    fn signals_of_others() -> SigSet {
        let mut signals = SigSet::all();
        for fault in [Signal::SIGSEGV, Signal::SIGBUS, Signal::SIGFPE, Signal::SIGILL, Signal::SIGTRAP, Signal::SIGSYS]
        {
            signals.remove(fault);
        }
        signals
    }
}

#[cfg(not(unix))]
pub(crate) use other::with_signals_of_program;
#[cfg(not(unix))]
pub use other::{block_signals, spawn};

/// Systems without signals.
#[cfg(not(unix))]
mod other {
    use std::io;
    use std::thread::{Builder, JoinHandle};

    /// Starts a thread.
    ///
    /// # Errors
    /// If the system has no thread left.
    pub fn spawn<T: Send + 'static>(
        thread: Builder,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> io::Result<JoinHandle<T>> {
        thread.spawn(work)
    }

    /// Does nothing.
    pub fn block_signals() {}

    pub(crate) fn with_signals_of_program<T>(start: impl FnOnce() -> T) -> T {
        start()
    }
}
