//! Where keys may be: the places themselves, and the walk from a directory up to the root.

use std::fmt;
use std::path::{Path, PathBuf};

use crate::error::{Error, Result};
use crate::text::visible;

/// What kind of place a key came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// The caller passed it.
    Argument,
    /// A variable of the process.
    Process,
    /// The file that a `…_FILE` variable of the process names.
    SecretFile,
    /// A `.env.local` or `.env` file.
    EnvFile,
}

impl Origin {
    /// The name, as all faces show it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Argument => "argument",
            Self::Process => "process",
            Self::SecretFile => "secret_file",
            Self::EnvFile => "env_file",
        }
    }
}

/// What became of a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Its key is the one in force.
    Used,
    /// It does not have the variable.
    Absent,
    /// Its value is empty, which counts as absent.
    Empty,
    /// A nearer place was used.
    Shadowed,
    /// It comes first, and what it holds cannot be used.
    Refused,
    /// It was passed over, for the reason given.
    Skipped,
    /// Its key was taken out.
    Removed,
}

impl Outcome {
    /// The name, as all faces show it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Used => "used",
            Self::Absent => "absent",
            Self::Empty => "empty",
            Self::Shadowed => "shadowed",
            Self::Refused => "refused",
            Self::Skipped => "skipped",
            Self::Removed => "removed",
        }
    }
}

/// A place where a key is, was, or could have been. Its display is ready to print:
/// `AUTUMN_SECRET_KEY in /srv/app/.env, line 3`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Location {
    /// What kind of place it is.
    pub origin: Origin,
    /// The variable looked for; none for an argument, or for a file that could not be read at all.
    pub variable: Option<&'static str>,
    /// The file, where there is one.
    pub path: Option<PathBuf>,
    /// The line in it, from 1.
    pub line: Option<u32>,
    /// What became of it.
    pub outcome: Outcome,
    /// The key it holds, masked.
    pub masked: Option<String>,
    /// Why it was refused or skipped; completes "it …".
    pub reason: Option<String>,
}

impl Location {
    /// A place of which nothing is known yet.
    pub(crate) fn new(origin: Origin, variable: Option<&'static str>, path: Option<PathBuf>) -> Self {
        Self { origin, variable, path, line: None, outcome: Outcome::Absent, masked: None, reason: None }
    }

    /// The place, as part of a sentence and without its outcome.
    pub(crate) fn location(&self) -> String {
        let variable = self.variable.unwrap_or("the key");
        let line = self.line.map(|line| format!(", line {line}")).unwrap_or_default();
        match (self.origin, &self.path) {
            (Origin::Argument, _) => "the key given by the caller".to_owned(),
            (Origin::Process, _) => format!("{variable} in the process environment"),
            (Origin::SecretFile, Some(path)) => format!("{}, named by {variable}_FILE", shown(path)),
            (Origin::SecretFile, None) => format!("the file named by {variable}_FILE"),
            (Origin::EnvFile, Some(path)) if self.variable.is_none() => shown(path),
            (Origin::EnvFile, Some(path)) => format!("{variable} in {}{line}", shown(path)),
            (Origin::EnvFile, None) => "the working directory".to_owned(),
        }
    }
}

impl fmt::Display for Location {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.location())?;
        if let Some(reason) = &self.reason {
            write!(formatter, " ({}: it {reason})", self.outcome.name())?;
        }
        Ok(())
    }
}

/// A path as it may be printed: no name moves a terminal's cursor, hides text or turns it round.
pub(crate) fn shown(path: &Path) -> String {
    path.to_string_lossy().chars().map(visible).collect()
}

/// Where the walk through the parent directories ends.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub enum Boundary {
    /// At the root of the filesystem.
    #[default]
    Filesystem,
    /// At the root of the git repository; without one, as `Filesystem`.
    Repository,
    /// At this directory, which must be the starting one or one of its parents.
    Directory(PathBuf),
}

impl Boundary {
    /// Reads `filesystem`, `repository` or a directory; one that has such a name is written `./repository`.
    #[must_use]
    pub fn parse(given: impl Into<PathBuf>) -> Self {
        let given = given.into();
        match given.to_str() {
            Some("filesystem") => Self::Filesystem,
            Some("repository") => Self::Repository,
            Some(_) | None => Self::Directory(given),
        }
    }
}

/// The directory to start from, with links resolved so that its parents are the real ones; `None` if the working
/// directory is gone.
///
/// # Errors
/// `invalid_argument` if a directory was given and is none.
pub(crate) fn starting_directory(given: Option<&Path>) -> Result<Option<PathBuf>> {
    let Some(given) = given else {
        return Ok(std::env::current_dir().ok());
    };
    if given.as_os_str().is_empty() {
        let error = Error::invalid("directory", "`directory` must not be empty.");
        return Err(error.with_hint("Leave it out to use the working directory."));
    }
    match std::fs::metadata(given) {
        Ok(metadata) if metadata.is_dir() => {}
        // A directory that may not be looked at can still have parents that may.
        Err(error) if error.kind() == std::io::ErrorKind::PermissionDenied => {}
        Ok(_) | Err(_) => {
            return Err(Error::invalid("directory", format!("{} is not a directory.", shown(given)))
                .with("path", given.to_string_lossy()));
        }
    }
    let real = dunce::canonicalize(given).or_else(|_| std::path::absolute(given));
    real.map(Some)
        .map_err(|error| Error::invalid("directory", format!("{} cannot be found.", shown(given))).with_cause(error))
}

/// A directory and its parents, as far as the boundary.
#[derive(Debug)]
pub(crate) struct Walk {
    start: PathBuf,
    length: usize,
}

impl Walk {
    /// # Errors
    /// `invalid_argument` if the boundary is neither the directory nor one of its parents: a walk that never meets its
    /// boundary would read what lies outside it.
    pub(crate) fn new(start: PathBuf, boundary: &Boundary) -> Result<Self> {
        let end = match boundary {
            Boundary::Filesystem => None,
            Boundary::Repository => repository_root(&start).map(Path::to_path_buf),
            // Every path starts with the empty path.
            Boundary::Directory(given) if given.as_os_str().is_empty() => {
                let error = Error::invalid("boundary", "`boundary` must not be empty.");
                return Err(error.with_hint("Leave it out to search up to the root."));
            }
            Boundary::Directory(given) => {
                let real = dunce::canonicalize(given).unwrap_or_else(|_| given.clone());
                if !start.starts_with(&real) {
                    let message = format!("The boundary {} is not above {}.", shown(given), shown(&start));
                    return Err(Error::invalid("boundary", message).with("path", given.to_string_lossy()));
                }
                Some(real)
            }
        };
        let at_end = end.and_then(|end| start.ancestors().position(|directory| directory == end));
        let length = at_end.map_or_else(|| start.ancestors().count(), |index| index + 1);
        Ok(Self { start, length })
    }

    /// The directories, the nearest first.
    pub(crate) fn directories(&self) -> impl Iterator<Item = &Path> {
        self.start.ancestors().take(self.length).filter(|path| !path.as_os_str().is_empty())
    }
}

/// The nearest directory, this one included, that is the top of a git work tree.
pub(crate) fn repository_root(directory: &Path) -> Option<&Path> {
    directory.ancestors().find(|path| path.join(".git").symlink_metadata().is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(start: &Path, boundary: &Boundary) -> Vec<String> {
        Walk::new(start.into(), boundary).unwrap().directories().map(shown).collect()
    }

    #[test]
    fn the_walk_ends_at_the_root_or_at_its_boundary() {
        let start = Path::new("/a/b/c");
        assert_eq!(names(start, &Boundary::Filesystem), ["/a/b/c", "/a/b", "/a", "/"]);
        assert_eq!(names(start, &Boundary::Directory("/a/b".into())), ["/a/b/c", "/a/b"]);
        assert_eq!(names(start, &Boundary::Directory("/a/b/c".into())), ["/a/b/c"]);
        assert!(Walk::new(start.into(), &Boundary::Directory("/a/bb".into())).is_err());
        assert!(Walk::new(start.into(), &Boundary::Directory("/a/b/c/d".into())).is_err());
    }

    #[test]
    fn a_repository_is_a_boundary_where_there_is_one() {
        let top = tempfile::tempdir().unwrap();
        let inner = top.path().join("repository/src");
        std::fs::create_dir_all(&inner).unwrap();
        assert!(names(&inner, &Boundary::Repository).len() > 2);
        std::fs::create_dir(top.path().join("repository/.git")).unwrap();
        assert_eq!(names(&inner, &Boundary::Repository).len(), 2);
    }

    #[test]
    fn a_path_cannot_carry_escape_sequences() {
        assert_eq!(shown(Path::new("/a\u{1b}[31m\n/b")), "/a\u{fffd}[31m\u{fffd}/b");
        let (turned, turned_shown) = ("/a/vne.\u{202e}x\u{200b}", "/a/vne.\u{fffd}x\u{fffd}");
        let location = Location::new(Origin::EnvFile, None, Some(turned.into()));
        assert_eq!(location.to_string(), turned_shown);
        // What programs go on with is exact.
        assert_eq!(location.path, Some(turned.into()));
        let error = starting_directory(Some(Path::new(turned))).unwrap_err();
        assert_eq!(error.message, format!("{turned_shown} is not a directory."));
        assert_eq!(error.context["path"], turned);
    }
}
