//! Files that another program delivers through a FIFO or a pipe, as secret managers and shells do.

use std::fs::File;
use std::io::{self, Read};
use std::time::Instant;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use zeroize::Zeroizing;

use super::status::Status;
use super::walk::Found;
use crate::config::{PIPE_LIMIT, PIPE_TIMEOUT, POLL_INTERVAL};
use crate::secret::SecretBytes;
use crate::secure_file::ReadError;

/// The content that arrives through a trusted FIFO; `None` if the path is not one.
pub(in super::super) fn deliver(found: &Found, limit: u64) -> Result<Option<SecretBytes>, ReadError> {
    if !found.status()?.is_fifo() {
        return Ok(None);
    }
    // Opening it wakes the secret manager, which then writes.
    let file = found.open()?;
    let status = Status::of(&file)?;
    if !status.is_fifo() {
        return Ok(None);
    }
    found.check_trust(&file, &status)?;
    receive(&file, found.is_magic, limit.min(PIPE_LIMIT)).map(Some)
}

/// Reads until the writer closes its end.
///
/// The writer may open a FIFO only after we did, so an end before the first byte means that it has not arrived yet. A pipe
/// without a name, such as `<(command)`, gets no further writer: it is empty, or was read before.
fn receive(mut file: &File, is_unnamed: bool, limit: u64) -> Result<SecretBytes, ReadError> {
    let deadline = Instant::now() + PIPE_TIMEOUT;
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let mut block = Zeroizing::new([0; 16 * 1024]);
    // Allocated once: a growing buffer would leave copies in memory that are not overwritten.
    let mut bytes = Zeroizing::new(Vec::with_capacity(limit + block.len()));
    while Instant::now() < deadline {
        wait_for_input(file, deadline)?;
        match file.read(&mut *block) {
            Ok(0) if !bytes.is_empty() => return Ok(SecretBytes::from(std::mem::take(&mut *bytes))),
            Ok(0) if is_unnamed => return Err(ReadError::EmptyPipe),
            Ok(0) => std::thread::sleep(POLL_INTERVAL),
            Ok(count) => bytes.extend_from_slice(&block[..count]),
            Err(error) if matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted) => {}
            Err(error) => return Err(error.into()),
        }
        if bytes.len() > limit {
            return Err(ReadError::TooLarge(limit as u64));
        }
    }
    let silent = bytes.is_empty();
    Err(if silent { ReadError::SilentPipe(PIPE_TIMEOUT) } else { ReadError::OpenPipe(PIPE_TIMEOUT) })
}

fn wait_for_input(file: &File, deadline: Instant) -> io::Result<()> {
    let rest = deadline.saturating_duration_since(Instant::now());
    let rest = Timespec::try_from(rest).map_err(io::Error::other)?;
    match poll(&mut [PollFd::new(file, PollFlags::IN)], Some(&rest)) {
        Ok(_) | Err(Errno::INTR) => Ok(()),
        Err(error) => Err(error.into()),
    }
}
