//! The terminal: whether there is one, and the lines that the user types while a command waits.

use std::io::{self, IsTerminal};

use libatmn::Secret;

use crate::cli::Global;

/// Whether the command reads pasted lines: the user sees its messages and can answer in the terminal.
pub(crate) fn accepts_paste(global: &Global) -> bool {
    !global.headless && !global.json && io::stdin().is_terminal() && io::stderr().is_terminal()
}

/// Whether a user may see the messages of the command, or type into it.
pub(crate) fn exists() -> bool {
    io::stdin().is_terminal() || io::stderr().is_terminal()
}

/// A line that the user typed or pasted for this process, if there is one. It never blocks. Ctrl-D alone gives an empty
/// line.
pub(crate) fn typed_line() -> Option<Secret> {
    system::line().map(|bytes| Secret::from(String::from_utf8_lossy(&bytes).into_owned()))
}

#[cfg(unix)]
mod system {
    use rustix::event::{PollFd, PollFlags, Timespec, poll};
    use rustix::process::getpgrp;
    use rustix::stdio::stdin;
    use rustix::termios::tcgetpgrp;

    /// More bytes than a terminal accepts on one line.
    const LINE_LIMIT: usize = 8 * 1024;

    pub(super) fn line() -> Option<Vec<u8>> {
        is_readable().then(read)?
    }

    /// Whether a line is available. In the background, reading would stop the process, and the line is for another one.
    fn is_readable() -> bool {
        let no_wait = Timespec { tv_sec: 0, tv_nsec: 0 };
        tcgetpgrp(stdin()).is_ok_and(|group| group == getpgrp())
            && poll(&mut [PollFd::new(&stdin(), PollFlags::IN)], Some(&no_wait)).is_ok_and(|ready| ready > 0)
    }

    /// Reads once, without a buffer: a terminal returns one line, and further lines stay for the next program.
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

    pub(super) fn line() -> Option<Vec<u8>> {
        LINES.lock().ok()?.try_recv().ok()
    }

    fn read() -> Option<Vec<u8>> {
        let mut bytes = Vec::new();
        stdin().lock().read_until(b'\n', &mut bytes).ok().map(|_| bytes)
    }
}
