//! The environment variables and the working directory of a call, as a value.
//!
//! Only this module reads the environment of the process. The C library may move the environment while another thread
//! changes it, so a call reads it once, on the thread of the caller, and later steps use the copy. A language with its own
//! view of the environment, such as `process.env` of a worker thread, passes that view.

#![allow(clippy::disallowed_methods)] // this is the module that may read the environment

mod kind;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

pub(crate) use std::env::consts::EXE_SUFFIX;
pub(crate) use std::env::split_paths;

use zeroize::Zeroize;

pub(crate) use kind::HostKind;

use crate::child_process;
use crate::config::{
    CI_VARIABLE, MISPLACED_VARIABLE, OTHER_CI_VARIABLES, PROD_SECRET_FILE_VARIABLE, PROD_SECRET_VARIABLE,
    SECRET_FILE_VARIABLE, SECRET_VARIABLE,
};

/// The environment variables and the working directory that a call uses. The options structs have a field for it; without
/// one, a call uses those of the process, as they are when it starts.
///
/// Cheap to clone. `Debug` shows no variable, since values may be secret.
///
/// ```
/// # let project = tempfile::tempdir().unwrap();
/// use libatmn::{Host, ResolveOptions, resolve_key};
///
/// let host = Host::new([("AUTUMN_SECRET_KEY", "am_sk_test_0123456789ab")], Some(project.path().into()));
/// let found = resolve_key(&ResolveOptions { host: Some(host), ..Default::default() })?;
/// assert_eq!(found.source.to_string(), "AUTUMN_SECRET_KEY in the process environment");
/// # Ok::<(), libatmn::Error>(())
/// ```
#[derive(Clone)]
pub struct Host {
    data: Arc<HostData>,
    /// Whether the program reads lines from a terminal while a login waits, and submits them.
    reads_lines: bool,
}

struct HostData {
    variables: BTreeMap<OsString, OsString>,
    working_directory: Option<PathBuf>,
    /// The home directory of the account, in case `HOME` is not set.
    home_directory: Option<PathBuf>,
}

impl Drop for HostData {
    fn drop(&mut self) {
        // Values may be secret.
        for value in std::mem::take(&mut self.variables).into_values() {
            value.into_encoded_bytes().zeroize();
        }
    }
}

impl fmt::Debug for Host {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Host")
            .field("variables", &self.data.variables.len())
            .field("working_directory", &self.data.working_directory)
            .finish_non_exhaustive()
    }
}

impl Host {
    /// The variables that [`resolve_key`](crate::resolve_key) and [`explain_key`](crate::explain_key) read.
    /// Those of CI systems decide the hint if there is no key.
    pub const RESOLUTION_VARIABLES: &[&str] = &[
        SECRET_VARIABLE,
        SECRET_FILE_VARIABLE,
        PROD_SECRET_VARIABLE,
        PROD_SECRET_FILE_VARIABLE,
        MISPLACED_VARIABLE,
        CI_VARIABLE,
        OTHER_CI_VARIABLES[0],
        OTHER_CI_VARIABLES[1],
        OTHER_CI_VARIABLES[2],
        OTHER_CI_VARIABLES[3],
        OTHER_CI_VARIABLES[4],
        OTHER_CI_VARIABLES[5],
        OTHER_CI_VARIABLES[6],
        OTHER_CI_VARIABLES[7],
        OTHER_CI_VARIABLES[8],
    ];

    /// The variables and the working directory of the process, as they are now. In a program in which C code changes the
    /// environment, call it while no such code runs.
    #[must_use]
    pub fn current() -> Self {
        let home = if std::env::var_os("HOME").is_none() { std::env::home_dir() } else { None };
        let host = Self::new(std::env::vars_os(), std::env::current_dir().ok());
        home.map_or(host.clone(), |home| host.with_home_directory(home))
    }

    /// These variables, and no others. Names that no process can have are left out: those that are empty or contain `=`
    /// or NUL, and those with NUL in the value. Without a working directory, or with a relative one, relative paths cannot
    /// be used; so it is in a process whose working directory was deleted.
    #[must_use]
    pub fn new<N: Into<OsString>, V: Into<OsString>>(
        variables: impl IntoIterator<Item = (N, V)>,
        working_directory: Option<PathBuf>,
    ) -> Self {
        let variables = variables.into_iter().map(|(name, value)| (name.into(), value.into()));
        let data = HostData {
            variables: variables.filter(|(name, value)| is_possible(name, value)).collect(),
            working_directory: working_directory.filter(|directory| directory.is_absolute()),
            home_directory: None,
        };
        Self { data: Arc::new(data), reads_lines: false }
    }

    /// Adds the home directory of the account, which is used if `HOME` is not set.
    #[doc(hidden)]
    #[must_use]
    pub fn with_home_directory(self, directory: PathBuf) -> Self {
        let (variables, working_directory) = (self.data.variables.clone(), self.data.working_directory.clone());
        let data = HostData { variables, working_directory, home_directory: Some(directory) };
        Self { data: Arc::new(data), ..self }
    }

    /// A host that reads lines from a terminal while a login waits, and submits them: advice and events may ask the user to
    /// paste.
    #[doc(hidden)]
    #[must_use]
    pub fn reading_lines(self) -> Self {
        Self { reads_lines: true, ..self }
    }

    pub(crate) fn reads_lines(&self) -> bool {
        self.reads_lines
    }

    /// The given host, or that of the process. Every call begins here, or with the next function, so this also reaps
    /// children that outlived an earlier call.
    pub(crate) fn or_current(given: Option<&Self>) -> Self {
        child_process::reap();
        given.cloned().unwrap_or_else(Self::current)
    }

    /// The given host, or what resolving a key needs of the process, which is much less than all variables.
    pub(crate) fn or_current_for_resolution(given: Option<&Self>) -> Self {
        child_process::reap();
        let of_process = || {
            let variable = |name: &'static str| Some((name, std::env::var_os(name)?));
            let variables = Self::RESOLUTION_VARIABLES.iter().copied().filter_map(variable);
            Self::new(variables, std::env::current_dir().ok())
        };
        given.cloned().unwrap_or_else(of_process)
    }

    /// The value of a variable.
    #[must_use]
    pub fn var(&self, name: &str) -> Option<&OsStr> {
        let variables = &self.data.variables;
        if cfg!(windows) {
            // Names are case-insensitive on Windows; the search path is usually called `Path`.
            return variables.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| &**value);
        }
        variables.get(OsStr::new(name)).map(OsString::as_os_str)
    }

    /// The value of a variable that is set and not empty.
    pub(crate) fn nonempty(&self, name: &str) -> Option<&OsStr> {
        self.var(name).filter(|value| !value.is_empty())
    }

    /// The value of a variable that is UTF-8 text and not empty.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.nonempty(name)?.to_str()
    }

    /// Whether a variable is set to a value other than `0`, `false`, `no` or `off`.
    pub(crate) fn is_set(&self, name: &str) -> bool {
        let is_off = |value: &str| matches!(value, "" | "0" | "false" | "no" | "off");
        self.var(name).is_some_and(|value| !is_off(&value.to_string_lossy().to_ascii_lowercase()))
    }

    /// Whether this is automation, where no user can log in. If `CI` has a value, it decides, as in other tools: nearly all
    /// CI systems set it, and a user can turn the detection off with it. The other variables are for systems that do not.
    pub(crate) fn is_automation(&self) -> bool {
        match self.nonempty(CI_VARIABLE) {
            Some(_) => self.is_set(CI_VARIABLE),
            None => OTHER_CI_VARIABLES.iter().any(|name| self.is_set(name)),
        }
    }

    /// All variables, for a child process.
    pub(crate) fn variables(&self) -> impl Iterator<Item = (&OsStr, &OsStr)> {
        self.data.variables.iter().map(|(name, value)| (name.as_os_str(), value.as_os_str()))
    }

    /// The working directory; `None` if it was deleted.
    #[must_use]
    pub fn working_directory(&self) -> Option<&Path> {
        self.data.working_directory.as_deref()
    }

    /// A path below the working directory. An absolute path stays as it is; a relative one too if there is no working
    /// directory.
    pub(crate) fn in_working_directory<'a>(&self, path: &'a Path) -> Cow<'a, Path> {
        match self.working_directory() {
            Some(directory) if !path.is_absolute() => Cow::Owned(directory.join(path)),
            Some(_) | None => Cow::Borrowed(path),
        }
    }

    /// The home directory of the user.
    #[cfg_attr(windows, allow(dead_code))]
    pub(crate) fn home_directory(&self) -> Option<PathBuf> {
        let home = self.nonempty("HOME").map(PathBuf::from).or_else(|| self.data.home_directory.clone());
        home.filter(|home| home.is_absolute())
    }
}

/// Whether a host is automation such as CI, where no user can log in.
#[must_use]
pub fn is_automation(host: &Host) -> bool {
    host.is_automation()
}

/// Whether a process can have this variable. Windows has hidden variables such as `=C:`.
fn is_possible(name: &OsStr, value: &OsStr) -> bool {
    let [name, value] = [name, value].map(OsStr::as_encoded_bytes);
    !name.is_empty() && !name[1..].contains(&b'=') && !name.contains(&0) && !value.contains(&0)
}

#[cfg(test)]
mod tests;
