//! The terminal: whether there is one, and what the user types while a command waits.

use std::io::{self, IsTerminal};

use libatmn::Secret;

use crate::cli::Global;

/// Whether a command that waits for a login reads pasted text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Paste {
    /// The user sees the messages of the command and can answer in the terminal.
    Read,
    /// There is a terminal, but `--headless` forbids to read it.
    Headless,
    /// There is no terminal, or another program reads the output.
    NoTerminal,
}

impl Paste {
    pub(crate) fn of(global: &Global) -> Self {
        match (global.json || !io::stdin().is_terminal() || !io::stderr().is_terminal(), global.headless) {
            (true, _) => Self::NoTerminal,
            (false, true) => Self::Headless,
            (false, false) => Self::Read,
        }
    }
}

/// Whether a user may see the messages of the command, or type into it.
pub(crate) fn exists() -> bool {
    io::stdin().is_terminal() || io::stderr().is_terminal()
}

/// What the user typed.
pub(crate) enum Typed {
    /// A line; empty if the user only pressed Enter.
    Line(Secret),
    /// The key `c`, alone.
    #[cfg_attr(not(unix), allow(dead_code))]
    Copy,
}

/// The keyboard while a command waits for a login. The terminal does not show what is pasted, since the callback URL
/// contains a code.
pub(crate) struct Keyboard(system::Keyboard);

impl Keyboard {
    /// Hides what is typed, even if it is not read: a user may still paste the callback URL. What was not read is
    /// discarded at the end, so that no shell runs it.
    pub(crate) fn open(paste: Paste) -> Self {
        Self(system::Keyboard::open(paste == Paste::Read))
    }

    /// What the user typed since the last call, if anything and if it is read. It never blocks.
    pub(crate) fn typed(&mut self) -> Option<Typed> {
        self.0.typed()
    }
}

#[cfg(unix)]
mod system {
    use libatmn::Secret;

    use super::Typed;
    use crate::hidden::Hidden;

    pub(super) struct Keyboard {
        /// `None` if the terminal cannot be changed.
        input: Option<Hidden>,
        /// Lines that are not complete yet, and those that the caller has not taken.
        bytes: Vec<u8>,
        is_read: bool,
    }

    impl Keyboard {
        pub(super) fn open(is_read: bool) -> Self {
            Self { input: Hidden::open().ok(), bytes: Vec::new(), is_read }
        }

        pub(super) fn typed(&mut self) -> Option<Typed> {
            let input = self.input.as_ref()?;
            if !self.is_read {
                input.keep();
                return None;
            }
            input.read_now(&mut self.bytes);
            if self.bytes == b"c" {
                self.bytes.clear();
                return Some(Typed::Copy);
            }
            let end = self.bytes.iter().position(|byte| matches!(byte, b'\n' | b'\r' | 0x04))?;
            let line: Vec<u8> = self.bytes.drain(..=end).collect();
            Some(Typed::Line(Secret::from(String::from_utf8_lossy(&crate::hidden::edited(&line)).into_owned())))
        }
    }
}

#[cfg(not(unix))]
mod system {
    use std::io::{BufRead, stdin};
    use std::sync::mpsc::{Receiver, channel};
    use std::sync::{LazyLock, Mutex};
    use std::thread;

    use libatmn::Secret;

    use super::Typed;

    pub(super) struct Keyboard {
        is_read: bool,
    }

    impl Keyboard {
        pub(super) fn open(is_read: bool) -> Self {
            Self { is_read }
        }

        pub(super) fn typed(&mut self) -> Option<Typed> {
            if !self.is_read {
                return None;
            }
            let line = LINES.lock().ok()?.try_recv().ok()?;
            Some(Typed::Line(Secret::from(String::from_utf8_lossy(&line).into_owned())))
        }
    }

    /// The lines from stdin. Windows cannot check for a line without reading it, so a thread reads until the process ends.
    static LINES: LazyLock<Mutex<Receiver<Vec<u8>>>> = LazyLock::new(|| {
        let (sender, lines) = channel();
        thread::spawn(move || {
            while let Some(line) = read() {
                if sender.send(line).is_err() {
                    return;
                }
            }
        });
        Mutex::new(lines)
    });

    fn read() -> Option<Vec<u8>> {
        let mut bytes = Vec::new();
        stdin().lock().read_until(b'\n', &mut bytes).ok().map(|_| bytes)
    }
}
