//! Somebody at the terminal: whether there is one, and what they type while a command waits.

use std::io::{self, IsTerminal};

use libatmn::Secret;

/// Whether somebody sees what is said and can answer.
pub(crate) fn is_attended() -> bool {
    io::stdin().is_terminal() && io::stderr().is_terminal()
}

/// Lines typed or pasted while something else is waited for.
pub(crate) struct Typed {
    lines: system::Lines,
    ended: bool,
}

impl Typed {
    pub(crate) fn new() -> Self {
        Self { lines: system::Lines::new(), ended: false }
    }

    /// A line, if one is there and is meant for us; never waits.
    pub(crate) fn line(&mut self) -> Option<Secret> {
        let line = if self.ended { None } else { self.lines.next() }?;
        // Ctrl-D, or a terminal that has gone away.
        self.ended = line.is_empty();
        (!self.ended).then(|| Secret::from(String::from_utf8_lossy(&line).into_owned()))
    }
}

#[cfg(unix)]
mod system {
    use rustix::event::{PollFd, PollFlags, Timespec, poll};
    use rustix::process::getpgrp;
    use rustix::stdio::stdin;
    use rustix::termios::tcgetpgrp;

    /// What a terminal hands over at once: more than it lets anybody type on one line.
    const LINE_LIMIT: usize = 8 * 1024;

    pub(super) struct Lines;

    impl Lines {
        pub(super) fn new() -> Self {
            Self
        }

        /// What is there; empty at the end.
        pub(super) fn next(&mut self) -> Option<Vec<u8>> {
            is_readable().then(read)
        }
    }

    /// In the background, reading would stop the process, and the line is meant for somebody else.
    fn is_readable() -> bool {
        let at_once = Timespec { tv_sec: 0, tv_nsec: 0 };
        tcgetpgrp(stdin()).is_ok_and(|group| group == getpgrp())
            && poll(&mut [PollFd::new(&stdin(), PollFlags::IN)], Some(&at_once)).is_ok_and(|ready| ready > 0)
    }

    /// One call and no buffer: a terminal gives one line at a time, and what follows stays there for the next program.
    fn read() -> Vec<u8> {
        let mut bytes = vec![0; LINE_LIMIT];
        let length = rustix::io::read(stdin(), &mut bytes).unwrap_or_default();
        bytes.truncate(length);
        bytes
    }
}

#[cfg(not(unix))]
mod system {
    use std::io::{BufRead, stdin};
    use std::sync::mpsc::{Receiver, channel};
    use std::thread;

    /// Nobody can look here whether something was typed without taking it, so a thread waits for it, and ends with the
    /// process.
    pub(super) struct Lines(Receiver<Vec<u8>>);

    impl Lines {
        pub(super) fn new() -> Self {
            let (sender, lines) = channel();
            thread::spawn(move || {
                loop {
                    let mut line = Vec::new();
                    let ended = stdin().lock().read_until(b'\n', &mut line).map_or(true, |length| length == 0);
                    if sender.send(line).is_err() || ended {
                        return;
                    }
                }
            });
            Self(lines)
        }

        /// What is there; empty at the end.
        pub(super) fn next(&mut self) -> Option<Vec<u8>> {
            self.0.try_recv().ok()
        }
    }
}
