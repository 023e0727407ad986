//! The answer of a child, from its output.

use std::io::{self, PipeWriter, Write as _, pipe};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use super::{ChildProcess, ChildState, reap};
use crate::cancel::Cancel;
use crate::config::{CHILD_OUTPUT_LIMIT, POLL_INTERVAL};

/// What a child has written so far.
#[derive(Debug, Default)]
pub(crate) struct ChildOutput {
    pub(crate) stdout: Vec<u8>,
    pub(crate) stderr: Vec<u8>,
}

impl ChildOutput {
    #[cfg_attr(windows, allow(dead_code))] // only pipes of Unix are read in steps
    fn is_too_long(&self) -> bool {
        self.stdout.len() + self.stderr.len() > CHILD_OUTPUT_LIMIT
    }
}

/// Why there is no answer.
#[derive(Debug)]
pub(crate) enum NoAnswer {
    /// The program could not be started.
    Start(io::Error),
    /// It did not answer in time, or the call was cancelled.
    Timeout,
    /// It ended without an answer; this is what it wrote.
    Ended(ChildOutput),
}

/// How long to wait for a child.
#[derive(Clone, Copy)]
struct Limits<'a> {
    deadline: Instant,
    cancel: &'a Cancel,
}

impl Limits<'_> {
    /// The time left; `None` after the deadline, and after a cancellation.
    fn time_left(&self) -> Option<Duration> {
        let left = self.deadline.checked_duration_since(Instant::now()).filter(|left| !left.is_zero());
        left.filter(|_| !self.cancel.is_cancelled())
    }
}

/// Starts a program with a short input, and returns the first answer that `answer` finds in its output.
///
/// Does not wait for the end of the output once there is an answer: a process that the host program forks at the same time
/// may hold the pipe open.
pub(crate) fn ask<T>(
    command: &mut Command,
    input: &[u8],
    time: Duration,
    cancel: &Cancel,
    answer: impl Fn(&ChildOutput) -> Option<T>,
) -> Result<T, NoAnswer> {
    reap();
    let limits = Limits { deadline: Instant::now() + time, cancel };
    let (stdin, writer) = pipe().map_err(NoAnswer::Start)?;
    // Written while this process holds the reading end, so that no signal SIGPIPE can occur.
    feed(writer, input).map_err(NoAnswer::Start)?;
    let (out, out_writer) = pipe().map_err(NoAnswer::Start)?;
    let (err, err_writer) = pipe().map_err(NoAnswer::Start)?;
    command.stdin(stdin).stdout(out_writer).stderr(err_writer);
    let child = ChildProcess::start(command);
    // The command owns the writing ends, and this process must not.
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let child = child.map_err(NoAnswer::Start)?;
    let result = platform::read(out, err, limits, answer);
    end(child, limits);
    result
}

/// The input is shorter than the buffer of any pipe, so this does not block.
fn feed(mut writer: PipeWriter, input: &[u8]) -> io::Result<()> {
    debug_assert!(input.len() <= 512, "POSIX promises no larger buffer");
    writer.write_all(input)
}

/// Waits for the end of a child that has answered, and kills it if there is no time left.
fn end(mut child: ChildProcess, limits: Limits<'_>) {
    while child.state() == ChildState::Running {
        if limits.time_left().is_none() {
            child.kill();
            return child.outlive();
        }
        std::thread::sleep(POLL_INTERVAL);
    }
}

#[cfg(unix)]
mod platform {
    use std::io::{PipeReader, Read as _};
    use std::os::fd::BorrowedFd;

    use rustix::event::{PollFd, PollFlags, Timespec, poll};
    use rustix::io::Errno;

    use super::{ChildOutput, Limits, NoAnswer};
    use crate::config::CANCEL_POLL_INTERVAL;

    pub(super) fn read<T>(
        out: PipeReader,
        err: PipeReader,
        limits: Limits<'_>,
        answer: impl Fn(&ChildOutput) -> Option<T>,
    ) -> Result<T, NoAnswer> {
        let cancelled = limits.cancel.descriptors();
        let mut output = ChildOutput::default();
        let mut pipes = [Some(out), Some(err)];
        while pipes.iter().any(Option::is_some) {
            let readable = wait(&pipes, limits, cancelled.as_deref()).ok_or(NoAnswer::Timeout)?;
            for index in readable {
                let text = if index == 0 { &mut output.stdout } else { &mut output.stderr };
                if !pipes[index].as_mut().is_some_and(|pipe| read_some(pipe, text)) {
                    pipes[index] = None;
                }
            }
            if let Some(found) = answer(&output) {
                return Ok(found);
            }
            if output.is_too_long() {
                break;
            }
        }
        Err(NoAnswer::Ended(output))
    }

    /// The pipes that have data or are closed; `None` if there is no time left. `cancelled` are the descriptors of the
    /// flag; without them, it is checked at intervals.
    fn wait(
        pipes: &[Option<PipeReader>; 2],
        limits: Limits<'_>,
        cancelled: Option<&[BorrowedFd<'_>]>,
    ) -> Option<Vec<usize>> {
        let open: Vec<usize> = (0..2).filter(|index| pipes[*index].is_some()).collect();
        loop {
            let left = limits.time_left()?;
            let left = if cancelled.is_some() { left } else { left.min(CANCEL_POLL_INTERVAL) };
            let pipes = pipes.iter().flatten().map(|pipe| PollFd::new(pipe, PollFlags::IN));
            let flags = cancelled.unwrap_or_default().iter().map(|flag| PollFd::new(flag, PollFlags::IN));
            let mut watched: Vec<PollFd<'_>> = pipes.chain(flags).collect();
            match poll(&mut watched, Timespec::try_from(left).ok().as_ref()) {
                Ok(_) | Err(Errno::INTR) => {}
                Err(_) => return None,
            }
            let ready = watched.iter().zip(&open).filter(|(pipe, _)| !pipe.revents().is_empty());
            let ready: Vec<usize> = ready.map(|(_, index)| *index).collect();
            if !ready.is_empty() {
                return Some(ready);
            }
        }
    }

    /// Appends what is there; `false` at the end.
    fn read_some(pipe: &mut PipeReader, text: &mut Vec<u8>) -> bool {
        let mut block = [0; 4096];
        match pipe.read(&mut block) {
            Ok(0) => false,
            Ok(count) => {
                text.extend_from_slice(&block[..count]);
                true
            }
            Err(error) => error.kind() == std::io::ErrorKind::Interrupted,
        }
    }
}

#[cfg(not(unix))]
mod platform {
    use std::io::{PipeReader, Read as _};
    use std::sync::mpsc::{self, RecvTimeoutError};

    use super::{CHILD_OUTPUT_LIMIT, ChildOutput, Limits, NoAnswer};
    use crate::config::CANCEL_POLL_INTERVAL;

    /// Reads on two threads, since pipes of Windows cannot be polled.
    pub(super) fn read<T>(
        out: PipeReader,
        err: PipeReader,
        limits: Limits<'_>,
        answer: impl Fn(&ChildOutput) -> Option<T>,
    ) -> Result<T, NoAnswer> {
        let [out, err] = [out, err].map(|pipe| {
            let (sender, receiver) = mpsc::channel();
            std::thread::spawn(move || {
                let mut text = Vec::new();
                let _ = pipe.take(CHILD_OUTPUT_LIMIT as u64).read_to_end(&mut text);
                let _ = sender.send(text);
            });
            receiver
        });
        let wait = |receiver: mpsc::Receiver<Vec<u8>>| loop {
            let left = limits.time_left().ok_or(NoAnswer::Timeout)?;
            match receiver.recv_timeout(left.min(CANCEL_POLL_INTERVAL)) {
                Err(RecvTimeoutError::Timeout) => {}
                received => return received.map_err(|_| NoAnswer::Timeout),
            }
        };
        let output = ChildOutput { stdout: wait(out)?, stderr: wait(err)? };
        answer(&output).ok_or(NoAnswer::Ended(output))
    }
}
