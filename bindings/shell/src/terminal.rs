//! Somebody at the terminal: whether there is one, and what they type while a command waits.

use std::io::{self, IsTerminal};

use libatmn::Secret;

/// Whether somebody sees what is said and can answer.
pub(crate) fn is_attended() -> bool {
    io::stdin().is_terminal() && io::stderr().is_terminal()
}

/// A line typed or pasted while something else is waited for, if one is there and is meant for us; never waits. Ctrl-D
/// alone is no line, and ends nothing.
pub(crate) fn typed_line() -> Option<Secret> {
    system::line().map(|bytes| Secret::from(String::from_utf8_lossy(&bytes).into_owned()))
}

#[cfg(unix)]
mod system {
    use rustix::event::{PollFd, PollFlags, Timespec, poll};
    use rustix::process::getpgrp;
    use rustix::stdio::stdin;
    use rustix::termios::tcgetpgrp;

    /// What a terminal hands over at once: more than it lets anybody type on one line.
    const LINE_LIMIT: usize = 8 * 1024;

    pub(super) fn line() -> Option<Vec<u8>> {
        is_readable().then(read)?
    }

    /// In the background, reading would stop the process, and the line is meant for somebody else.
    fn is_readable() -> bool {
        let at_once = Timespec { tv_sec: 0, tv_nsec: 0 };
        tcgetpgrp(stdin()).is_ok_and(|group| group == getpgrp())
            && poll(&mut [PollFd::new(&stdin(), PollFlags::IN)], Some(&at_once)).is_ok_and(|ready| ready > 0)
    }

    /// One call and no buffer: a terminal gives one line at a time, and what follows stays there for the next program.
    fn read() -> Option<Vec<u8>> {
        let mut bytes = vec![0; LINE_LIMIT];
        let length = rustix::io::read(stdin(), &mut bytes).ok()?;
        bytes.truncate(length);
        Some(bytes)
    }
}

#[cfg(not(unix))]
mod system {
    use std::io::{BufRead, stdin};
    use std::sync::mpsc::{Receiver, channel};
    use std::sync::{LazyLock, Mutex};
    use std::thread;

    /// Nobody can look here whether something was typed without taking it. So a thread waits for it, from the first
    /// question to the end of the process.
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

    pub(super) fn line() -> Option<Vec<u8>> {
        LINES.lock().ok()?.try_recv().ok()
    }

    fn read() -> Option<Vec<u8>> {
        let mut bytes = Vec::new();
        stdin().lock().read_until(b'\n', &mut bytes).ok().map(|_| bytes)
    }
}
