//! Input that the terminal does not show: keys, and the callback URL of a login in two steps.

use std::io;

/// The largest text in bytes. It is far more than any number of keys needs.
pub(crate) const LIMIT: usize = 1024 * 1024;

/// Prints a prompt, and reads what the user pastes, up to Enter or Ctrl-D. The terminal shows nothing of it where the
/// system allows that. A signal restores the terminal, and ends the process as usual.
pub(crate) fn read(prompt: impl FnOnce()) -> io::Result<Vec<u8>> {
    system::read(prompt)
}

/// What the user meant with the keys for editing, without the marks of a bracketed paste.
#[cfg_attr(not(unix), allow(dead_code))]
pub(crate) fn edited(bytes: &[u8]) -> Vec<u8> {
    let mut text = Vec::with_capacity(bytes.len());
    for byte in bytes {
        match byte {
            0x08 | 0x7f => _ = text.pop(),
            // Ctrl-U
            0x15 => text.clear(),
            // Ctrl-D
            0x04 => {}
            byte => text.push(*byte),
        }
    }
    [&b"\x1b[200~"[..], b"\x1b[201~"].into_iter().fold(text, |text, mark| without(&text, mark))
}

fn without(text: &[u8], mark: &[u8]) -> Vec<u8> {
    let mut rest = Vec::with_capacity(text.len());
    let mut at = 0;
    while at < text.len() {
        if text[at..].starts_with(mark) {
            at += mark.len();
        } else {
            rest.push(text[at]);
            at += 1;
        }
    }
    rest
}

#[cfg(unix)]
pub(crate) use system::Hidden;

#[cfg(unix)]
mod system {
    use std::io;
    use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
    use std::sync::{Arc, LazyLock};
    use std::thread::sleep;
    use std::time::Duration;

    use rustix::event::{PollFd, PollFlags, Timespec, poll};
    use rustix::process::getpgrp;
    use rustix::stdio::stdin;
    use rustix::termios::{LocalModes, OptionalActions, SpecialCodeIndex, Termios, tcgetattr, tcgetpgrp, tcsetattr};
    use signal_hook::consts::{SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGTSTP};
    use signal_hook::flag::{register_conditional_default, register_usize};
    use signal_hook::low_level::emulate_default_handler;

    use super::{LIMIT, edited};

    /// A pasted text of several lines arrives at once. After Enter and a pause of this length, the text is complete.
    const PAUSE: Timespec = Timespec { tv_sec: 0, tv_nsec: 150_000_000 };
    const NO_WAIT: Timespec = Timespec { tv_sec: 0, tv_nsec: 0 };

    /// The terminal without echo and without lines. Dropping it restores the terminal, and discards input that was not
    /// read: a shell would run it.
    pub(crate) struct Hidden {
        original: Termios,
        hidden: Termios,
    }

    impl Hidden {
        pub(crate) fn open() -> io::Result<Self> {
            let original = tcgetattr(stdin())?;
            let mut hidden = original.clone();
            // Lines in a terminal have at most 4096 bytes, and a callback URL can be longer.
            hidden.local_modes.remove(LocalModes::ECHO | LocalModes::ICANON);
            hidden.special_codes[SpecialCodeIndex::VMIN] = 1;
            hidden.special_codes[SpecialCodeIndex::VTIME] = 0;
            let input = Self { original, hidden };
            STOPS.await_restoring();
            if is_foreground() {
                input.hide()?;
            }
            Ok(input)
        }

        /// Keeps the input hidden without reading it.
        pub(crate) fn keep(&self) {
            self.restore_before_stop();
            if is_foreground() {
                let _ = self.hide();
            }
        }

        /// Adds what was typed, if anything. It never blocks: in the background, it reads nothing.
        pub(crate) fn read_now(&self, bytes: &mut Vec<u8>) {
            self.restore_before_stop();
            if is_foreground() && self.hide().is_ok() && is_readable(&NO_WAIT) {
                let _ = read_some(bytes);
            }
        }

        /// If the user pressed Ctrl-Z or Ctrl-\, restores the terminal, and stops or ends this process. Some shells, such as
        /// dash, do not restore it.
        fn restore_before_stop(&self) {
            if let Some(signal) = STOPS.caught() {
                self.restore();
                let _ = emulate_default_handler(signal);
            }
        }

        fn restore(&self) {
            if is_foreground() {
                let _ = tcsetattr(stdin(), OptionalActions::Flush, &self.original);
            }
        }

        /// Hides the input. It is visible again after this process was stopped.
        fn hide(&self) -> io::Result<()> {
            if tcgetattr(stdin())?.local_modes.contains(LocalModes::ECHO) {
                tcsetattr(stdin(), OptionalActions::Now, &self.hidden)?;
            }
            Ok(())
        }
    }

    impl Drop for Hidden {
        fn drop(&mut self) {
            self.restore();
            STOPS.are_default.store(true, Ordering::Relaxed);
        }
    }

    /// The signals of Ctrl-Z and Ctrl-\, which stop or end the process. While input is hidden, they wait until the terminal
    /// is restored.
    struct StopSignals {
        caught: Arc<AtomicUsize>,
        /// Whether they do at once what they do by default.
        are_default: Arc<AtomicBool>,
    }

    static STOPS: LazyLock<StopSignals> = LazyLock::new(|| {
        let stops = StopSignals { caught: Arc::default(), are_default: Arc::new(AtomicBool::new(true)) };
        for (signal, number) in [(SIGTSTP, 20), (SIGQUIT, 3)] {
            if !crate::signals::ignores(usize::try_from(signal).unwrap_or(number)) {
                // Without them, the signals do at once what they do by default.
                let _ = register_conditional_default(signal, Arc::clone(&stops.are_default))
                    .and_then(|_| register_usize(signal, Arc::clone(&stops.caught), number));
            }
        }
        stops
    });

    impl StopSignals {
        fn await_restoring(&self) {
            // A signal that did what it does by default is recorded, too.
            self.caught.store(0, Ordering::Relaxed);
            self.are_default.store(false, Ordering::Relaxed);
        }

        /// The signal since the last call.
        fn caught(&self) -> Option<i32> {
            match self.caught.swap(0, Ordering::Relaxed) {
                0 => None,
                3 => Some(SIGQUIT),
                _ => Some(SIGTSTP),
            }
        }
    }

    pub(super) fn read(prompt: impl FnOnce()) -> io::Result<Vec<u8>> {
        let caught = Arc::<AtomicUsize>::default();
        for (signal, number) in [(SIGHUP, 1), (SIGINT, 2), (SIGTERM, 15)] {
            if !crate::signals::ignores(number) {
                register_usize(signal, Arc::clone(&caught), number)?;
            }
        }
        let input = Hidden::open()?;
        prompt();
        let mut bytes = Vec::with_capacity(LIMIT / 8);
        while !is_complete(&bytes) {
            input.restore_before_stop();
            if is_foreground() {
                input.hide()?;
                if is_readable(&PAUSE) && !read_some(&mut bytes)? {
                    break;
                }
            } else {
                sleep(Duration::from_millis(50));
            }
            let signal = caught.load(Ordering::Relaxed);
            if signal != 0 {
                drop(input);
                return end_by(signal);
            }
        }
        Ok(edited(&bytes))
    }

    /// Ends the process by a signal, as if nothing had caught it.
    fn end_by(signal: usize) -> io::Result<Vec<u8>> {
        emulate_default_handler(i32::try_from(signal).unwrap_or(SIGTERM))?;
        Err(io::ErrorKind::Interrupted.into())
    }

    /// Whether the text ends with Ctrl-D, or with Enter after anything else and a pause.
    fn is_complete(bytes: &[u8]) -> bool {
        match bytes.last() {
            Some(0x04) => true,
            Some(b'\n' | b'\r') => !bytes.trim_ascii().is_empty() && !is_readable(&PAUSE),
            _ => bytes.len() >= LIMIT,
        }
    }

    /// Reads what there is; `false` at the end of the input.
    fn read_some(bytes: &mut Vec<u8>) -> io::Result<bool> {
        let mut chunk = [0; 4096];
        match rustix::io::read(stdin(), &mut chunk) {
            Ok(0) => Ok(false),
            Ok(length) => {
                bytes.extend_from_slice(&chunk[..length]);
                Ok(true)
            }
            Err(rustix::io::Errno::INTR | rustix::io::Errno::AGAIN) => Ok(true),
            Err(error) => Err(error.into()),
        }
    }

    /// Reading in the background would stop the process.
    fn is_foreground() -> bool {
        tcgetpgrp(stdin()).is_ok_and(|group| group == getpgrp())
    }

    fn is_readable(longest: &Timespec) -> bool {
        poll(&mut [PollFd::new(&stdin(), PollFlags::IN)], Some(longest)).is_ok_and(|ready| ready > 0)
    }
}

#[cfg(not(unix))]
mod system {
    use std::io::{self, BufRead as _, Read as _};

    /// Reads one line. The terminal shows it: hiding it would need one more dependency.
    pub(super) fn read(prompt: impl FnOnce()) -> io::Result<Vec<u8>> {
        prompt();
        let mut bytes = Vec::new();
        io::stdin().lock().take(super::LIMIT as u64).read_until(b'\n', &mut bytes)?;
        Ok(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn edited_follows_the_keys_of_a_terminal() {
        assert_eq!(edited(b"abx\x7fc\n"), b"abc\n");
        assert_eq!(edited(b"wrong\x15right\x04"), b"right");
        assert_eq!(edited(b"\x1b[200~am_sk\x1b[201~\r"), b"am_sk\r");
    }
}
