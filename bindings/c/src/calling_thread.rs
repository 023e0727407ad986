//! The calling thread during a call: SIGPIPE does not reach it, it cannot be cancelled, and no file or socket of the
//! library takes the place of a closed standard stream.
//!
//! Writing to a connection that the server has reset raises SIGPIPE, which ends a program that has not ignored it. TLS
//! writes with `writev`, which has no `MSG_NOSIGNAL`, and the disposition of the signal belongs to the program. So each
//! call blocks the signal in its own thread, and takes away what it has raised before it unblocks it. Threads that
//! libatmn starts block all signals. Callbacks run with the mask of the program.

#[cfg(unix)]
pub(crate) use unix::{in_call, in_callback};

#[cfg(unix)]
mod unix {
    use std::cell::Cell;
    use std::ffi::c_int;
    use std::mem::MaybeUninit;
    use std::process::Command;
    use std::ptr;

    use libatmn::__internal::child_process::set_child_setup;
    use libatmn::__internal::standard_streams::reserve_standard_streams;

    /// What the program had set before the call.
    #[derive(Clone, Copy)]
    struct ThreadBefore {
        was_blocked: bool,
        was_pending: bool,
        cancel_state: c_int,
    }

    thread_local! {
        /// `None` outside of calls. It has no destructor, so that the library can be used while a thread ends.
        static BEFORE: Cell<Option<ThreadBefore>> = const { Cell::new(None) };
    }

    /// Runs a call.
    pub(crate) fn in_call<T>(call: impl FnOnce() -> T) -> T {
        set_child_setup(reset_in_child);
        let _streams = reserve_standard_streams();
        let _call = CallScope { outer: BEFORE.replace(Some(ThreadBefore::enter())) };
        call()
    }

    /// Runs a callback of the program inside a call.
    pub(crate) fn in_callback<T>(callback: impl FnOnce() -> T) -> T {
        let Some(before) = BEFORE.take() else { return callback() };
        before.leave_signals();
        let result = callback();
        // The callback may have changed the mask.
        let (was_blocked, was_pending) = block();
        BEFORE.set(Some(ThreadBefore { was_blocked, was_pending, ..before }));
        result
    }

    /// Leaves the call, also if it panics.
    struct CallScope {
        /// The state of the call whose callback makes this one.
        outer: Option<ThreadBefore>,
    }

    impl Drop for CallScope {
        fn drop(&mut self) {
            if let Some(before) = BEFORE.replace(self.outer) {
                before.leave_signals();
                set_cancel_state(before.cancel_state);
            }
        }
    }

    impl ThreadBefore {
        fn enter() -> Self {
            let cancel_state = set_cancel_state(CANCEL_DISABLE);
            let (was_blocked, was_pending) = block();
            Self { was_blocked, was_pending, cancel_state }
        }

        fn leave_signals(self) {
            if !self.was_pending {
                take_own();
            }
            if !self.was_blocked {
                change_mask(libc::SIG_UNBLOCK);
            }
        }
    }

    /// Blocks the signal; returns whether it was blocked and, if so, whether it was pending.
    fn block() -> (bool, bool) {
        let was_blocked = contains(&change_mask(libc::SIG_BLOCK));
        (was_blocked, was_blocked && is_pending())
    }

    fn sigpipe() -> libc::sigset_t {
        let mut set = MaybeUninit::uninit();
        // SAFETY: `sigemptyset` fills the set, which is valid memory, and does not fail.
        unsafe {
            libc::sigemptyset(set.as_mut_ptr());
            libc::sigaddset(set.as_mut_ptr(), libc::SIGPIPE);
            set.assume_init()
        }
    }

    /// Blocks or unblocks the signal in this thread; returns the mask before.
    fn change_mask(how: c_int) -> libc::sigset_t {
        let (set, mut old) = (sigpipe(), sigpipe());
        // SAFETY: both sets are initialized. The function changes the mask of this thread only.
        unsafe { libc::pthread_sigmask(how, &raw const set, &raw mut old) };
        old
    }

    fn contains(set: &libc::sigset_t) -> bool {
        // SAFETY: the set is initialized.
        unsafe { libc::sigismember(ptr::from_ref(set), libc::SIGPIPE) == 1 }
    }

    fn is_pending() -> bool {
        let mut set = sigpipe();
        // SAFETY: the set is valid memory.
        let result = unsafe { libc::sigpending(&raw mut set) };
        result == 0 && contains(&set)
    }

    /// Takes away the signal that this call has raised. A signal that another process, or the program itself, has sent
    /// meanwhile is sent again.
    #[cfg(not(target_vendor = "apple"))]
    fn take_own() {
        let set = sigpipe();
        let no_time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
        let mut is_foreign = false;
        loop {
            let mut info = MaybeUninit::<libc::siginfo_t>::zeroed();
            let number = next_pending(&set, &mut info, &no_time);
            if number == libc::SIGPIPE {
                // SAFETY: zeros are valid, and the function has filled it. A signal always has a sender.
                is_foreign |= unsafe {
                    let info = info.assume_init();
                    info.si_code != libc::SI_USER || info.si_pid() != libc::getpid()
                };
            } else if std::io::Error::last_os_error().kind() != std::io::ErrorKind::Interrupted {
                break;
            }
        }
        if is_foreign {
            // SAFETY: the signal was on its way to this process.
            unsafe { libc::kill(libc::getpid(), libc::SIGPIPE) };
        }
    }

    /// Takes the next signal of the set, if one is pending. This is the system call and not `sigtimedwait`, since glibc
    /// reports a signal that `raise` has sent (`SI_TKILL`) as one of `kill` (`SI_USER`), which a broken pipe looks
    /// like.
    #[cfg(all(target_os = "linux", target_pointer_width = "64"))]
    fn next_pending(set: &libc::sigset_t, info: &mut MaybeUninit<libc::siginfo_t>, time: &libc::timespec) -> c_int {
        const SET_SIZE: usize = 8; // the kernel's set has 64 bits
        let (set, time) = (ptr::from_ref(set), ptr::from_ref(time));
        // SAFETY: all three point to valid memory; the kernel reads eight bytes of the set. It does not wait.
        let number = unsafe { libc::syscall(libc::SYS_rt_sigtimedwait, set, info.as_mut_ptr(), time, SET_SIZE) };
        c_int::try_from(number).unwrap_or(-1)
    }

    /// Takes the next signal of the set, if one is pending.
    #[cfg(not(any(target_vendor = "apple", all(target_os = "linux", target_pointer_width = "64"))))]
    fn next_pending(set: &libc::sigset_t, info: &mut MaybeUninit<libc::siginfo_t>, time: &libc::timespec) -> c_int {
        // SAFETY: all three point to valid memory. With a time of zero the function does not wait.
        unsafe { libc::sigtimedwait(ptr::from_ref(set), info.as_mut_ptr(), ptr::from_ref(time)) }
    }

    /// Without `sigtimedwait`. Sockets of the standard library have `SO_NOSIGPIPE` here, so there is nearly never a
    /// signal.
    #[cfg(target_vendor = "apple")]
    fn take_own() {
        let (set, mut number) = (sigpipe(), 0);
        if is_pending() {
            // SAFETY: both point to valid memory. The signal is pending, so the function does not wait.
            unsafe { libc::sigwait(&raw const set, &raw mut number) };
        }
    }

    /// A child would inherit the mask of its thread, and an ignored SIGCHLD. Programs rely on neither.
    fn reset_in_child(command: &mut Command) {
        use std::os::unix::process::CommandExt as _;
        // SAFETY: the closure runs between fork and exec. It calls functions that are safe there, on local memory, and
        // allocates nothing.
        unsafe {
            command.pre_exec(|| {
                let mut none = MaybeUninit::uninit();
                libc::sigemptyset(none.as_mut_ptr());
                libc::pthread_sigmask(libc::SIG_SETMASK, none.as_ptr(), ptr::null_mut());
                libc::signal(libc::SIGCHLD, libc::SIG_DFL);
                Ok(())
            });
        }
    }

    /// Cancelling a thread unwinds its stack, and code in Rust must not be unwound so. During a call, a request to
    /// cancel waits until the call has returned.
    #[cfg(any(target_os = "linux", target_vendor = "apple"))]
    const CANCEL_DISABLE: c_int = if cfg!(target_os = "linux") { 1 } else { 0 };

    /// Returns the state before.
    #[cfg(any(target_os = "linux", target_vendor = "apple"))]
    fn set_cancel_state(state: c_int) -> c_int {
        unsafe extern "C" {
            // Not in the `libc` crate for these systems.
            fn pthread_setcancelstate(state: c_int, old: *mut c_int) -> c_int;
        }
        let mut old = 0;
        // SAFETY: the function changes the state of this thread only, and `old` is valid memory.
        unsafe { pthread_setcancelstate(state, &raw mut old) };
        old
    }

    /// Android, for one, has no cancellation.
    #[cfg(not(any(target_os = "linux", target_vendor = "apple")))]
    const CANCEL_DISABLE: c_int = 0;

    #[cfg(not(any(target_os = "linux", target_vendor = "apple")))]
    fn set_cancel_state(state: c_int) -> c_int {
        state
    }
}

#[cfg(not(unix))]
pub(crate) fn in_call<T>(call: impl FnOnce() -> T) -> T {
    call()
}

#[cfg(not(unix))]
pub(crate) fn in_callback<T>(callback: impl FnOnce() -> T) -> T {
    callback()
}
