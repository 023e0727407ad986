//! Keeps the files and sockets of the library off the numbers 0, 1 and 2.
//!
//! A program may run without standard input, output and error, as daemons do. A new file or socket gets the lowest free
//! number, so what any part of the program prints would go into a connection of the library.

#[cfg(unix)]
pub use unix::{ReservedStreams, reserve_standard_streams};

#[cfg(unix)]
mod unix {
    use std::fs::{self, File};
    use std::io;
    use std::os::fd::{AsFd as _, AsRawFd as _, BorrowedFd, IntoRawFd as _};
    use std::os::unix::fs::MetadataExt as _;
    use std::sync::{Mutex, MutexGuard, PoisonError};

    use rustix::fs::{FileType, fstat};
    use rustix::io::Errno;

    /// Reading it and writing to it fail, as with a closed number, and it exists everywhere.
    const PLACEHOLDER: &str = "/";

    static PLACES: Mutex<Places> = Mutex::new(Places { users: 0, process: 0, files: Vec::new() });

    struct Places {
        users: usize,
        /// The process of the users: the child of a fork has none of them.
        process: u32,
        files: Vec<File>,
    }

    /// While it lives, each of the numbers 0, 1 and 2 is open. Those that were closed fail as before.
    #[must_use]
    pub struct ReservedStreams {
        is_user: bool,
    }

    /// Opens the closed ones of the numbers 0, 1 and 2 for as long as the value lives. Every call and every thread of the
    /// library that opens something has such a value.
    pub fn reserve_standard_streams() -> ReservedStreams {
        let is_user = is_any_free();
        if is_user {
            lock().enter();
        }
        ReservedStreams { is_user }
    }

    impl Drop for ReservedStreams {
        fn drop(&mut self) {
            if self.is_user {
                lock().leave();
            }
        }
    }

    fn lock() -> MutexGuard<'static, Places> {
        PLACES.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether one of the numbers is closed, or open only because it is reserved.
    fn is_any_free() -> bool {
        let is_free = |number: BorrowedFd<'_>| match fstat(number) {
            Ok(status) => FileType::from_raw_mode(status.st_mode) == FileType::Directory,
            Err(error) => error == Errno::BADF,
        };
        is_free(io::stdin().as_fd()) || is_free(io::stdout().as_fd()) || is_free(io::stderr().as_fd())
    }

    impl Places {
        fn enter(&mut self) {
            if self.process != std::process::id() {
                self.process = std::process::id();
                self.users = 0;
            }
            self.users += 1;
            // The lowest free number, until it is another one.
            while let Ok(file) = File::open(PLACEHOLDER) {
                if file.as_raw_fd() > 2 {
                    break;
                }
                self.files.push(file);
            }
        }

        fn leave(&mut self) {
            self.users = self.users.saturating_sub(1);
            if self.users == 0 {
                self.files.drain(..).for_each(release);
            }
        }
    }

    /// Closes a number, unless the program has put something else there meanwhile.
    fn release(file: File) {
        let identity = |found: io::Result<fs::Metadata>| found.ok().map(|found| (found.dev(), found.ino()));
        if identity(file.metadata()) == identity(fs::metadata(PLACEHOLDER)) {
            drop(file);
        } else {
            let _ = file.into_raw_fd();
        }
    }
}

#[cfg(not(unix))]
pub use nothing::{ReservedStreams, reserve_standard_streams};

/// The numbers of files and sockets on Windows are not those of streams.
#[cfg(not(unix))]
mod nothing {
    /// Reserves nothing.
    #[must_use]
    pub struct ReservedStreams;

    /// Does nothing.
    pub fn reserve_standard_streams() -> ReservedStreams {
        ReservedStreams
    }
}
