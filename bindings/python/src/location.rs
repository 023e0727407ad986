//! `Location`, whose text comes from the core's own wording.

use std::ffi::OsString;
use std::path::PathBuf;

use libatmn::{Host, Origin, Outcome};

use crate::record::record;

record! {
    /// A location where a key was looked for. ``str()`` is ready to print.
    Location {
        /// ``argument``, ``process``, ``secret_file`` or ``env_file``.
        origin: String,
        /// The environment variable; ``None`` for an argument and for a file that could not be read.
        variable: Option<String> = None,
        /// The file.
        path: Option<OsString> = None,
        /// The line in the file, counted from 1.
        line: Option<u32> = None,
        /// What the search found here, such as ``used``, ``absent`` or ``shadowed``.
        outcome: String = ("used".to_owned()),
        /// The key at this location, masked.
        masked: Option<String> = None,
        /// Why the location was refused or skipped. Completes a sentence that begins with "it".
        reason: Option<String> = None,
    }
    methods {
        fn __str__(&self) -> String {
            self.to_core().map_or_else(|| self.origin.clone(), |location| location.to_string())
        }
    }
}

impl From<libatmn::Location> for Location {
    fn from(location: libatmn::Location) -> Self {
        let libatmn::Location { origin, variable, path, line, outcome, masked, reason } = location;
        Self {
            origin: origin.name().to_owned(),
            variable: variable.map(str::to_owned),
            path: path.map(PathBuf::into_os_string),
            line,
            outcome: outcome.name().to_owned(),
            masked,
            reason,
        }
    }
}

impl Location {
    /// The core's location; none for words that the core does not have, which only a test's own object can hold.
    fn to_core(&self) -> Option<libatmn::Location> {
        Some(libatmn::Location {
            origin: *Origin::ALL.iter().find(|origin| origin.name() == self.origin)?,
            variable: match &self.variable {
                // The core's struct borrows the name.
                Some(name) => Some(Host::RESOLUTION_VARIABLES.iter().copied().find(|known| known == name)?),
                None => None,
            },
            path: self.path.as_ref().map(PathBuf::from),
            line: self.line,
            outcome: *Outcome::ALL.iter().find(|outcome| outcome.name() == self.outcome)?,
            masked: self.masked.clone(),
            reason: self.reason.clone(),
        })
    }
}
