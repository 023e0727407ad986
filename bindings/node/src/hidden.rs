//! The terminal does not show what the user pastes while a login waits: the callback URL contains a code.

use napi_derive::napi;

/// A terminal whose echo can be turned off. It is turned on again with the object.
#[napi]
pub struct HiddenInput(Option<system::Terminal>);

/// The terminal behind a descriptor. Nothing happens where there is none, and on Windows.
#[napi(catch_unwind)]
pub fn hidden_input(descriptor: i32) -> HiddenInput {
    HiddenInput(system::Terminal::open(descriptor))
}

#[napi]
impl HiddenInput {
    /// Turns echo off; once more, if a shell has turned it on meanwhile, as after Ctrl-Z.
    #[napi(catch_unwind)]
    pub fn hide(&self) {
        self.0.iter().for_each(system::Terminal::hide);
    }

    /// Leaves the terminal as it was found.
    #[napi(catch_unwind)]
    pub fn restore(&mut self) {
        self.0 = None;
    }
}

#[cfg(unix)]
mod system {
    use std::fs::File;
    use std::os::fd::OwnedFd;

    use rustix::process::getpgrp;
    use rustix::termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcgetpgrp, tcsetattr};

    pub(super) struct Terminal {
        file: OwnedFd,
        original: Termios,
    }

    impl Terminal {
        pub(super) fn open(descriptor: i32) -> Option<Self> {
            let file = match descriptor {
                // The terminal may belong to another account, which may not open it again.
                0 => rustix::io::fcntl_dupfd_cloexec(rustix::stdio::stdin(), 3).ok()?,
                other => File::open(format!("/dev/fd/{other}")).ok()?.into(),
            };
            let original = tcgetattr(&file).ok()?;
            Some(Self { file, original })
        }

        pub(super) fn hide(&self) {
            if let Ok(mut modes) = tcgetattr(&self.file)
                && modes.local_modes.contains(LocalModes::ECHO)
            {
                modes.local_modes.remove(LocalModes::ECHO);
                self.set(&modes);
            }
        }

        /// In the background, this would stop the process.
        fn set(&self, modes: &Termios) {
            if tcgetpgrp(&self.file).is_ok_and(|group| group == getpgrp()) {
                let _ = tcsetattr(&self.file, OptionalActions::Now, modes);
            }
        }
    }

    impl Drop for Terminal {
        fn drop(&mut self) {
            self.set(&self.original);
        }
    }
}

#[cfg(not(unix))]
mod system {
    /// Without the console's functions, which would need one more dependency, the terminal shows the text.
    pub(super) struct Terminal;

    impl Terminal {
        pub(super) fn open(_: i32) -> Option<Self> {
            None
        }

        pub(super) fn hide(&self) {}
    }
}
