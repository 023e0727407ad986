//! The locations of keys, and the walk from a directory up to the root.

use std::fmt;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use crate::error::{Error, Result};
use crate::host::Host;
use crate::key::mask_segments;
use crate::text::visible;

enumeration! {
    /// The kind of location.
    pub enum Origin {
        /// The caller passed the key.
        Argument => "argument",
        /// An environment variable of the process.
        Process => "process",
        /// The file that a `…_FILE` environment variable names.
        SecretFile => "secret_file",
        /// A `.env.local` or `.env` file.
        EnvFile => "env_file",
    }
}

enumeration! {
    /// The result of looking at a location.
    pub enum Outcome {
        /// Its key is the active key.
        Used => "used",
        /// It does not have the variable.
        Absent => "absent",
        /// Its value is empty, which counts as absent.
        Empty => "empty",
        /// A location before it was used.
        Shadowed => "shadowed",
        /// It takes precedence, and its content cannot be used.
        Refused => "refused",
        /// It was skipped, for the reason given.
        Skipped => "skipped",
        /// Its key was removed.
        Removed => "removed",
    }
}

/// A location of a key, present or not. Its `Display` is ready to print:
/// `AUTUMN_SECRET_KEY in /srv/app/.env, line 3`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Location {
    /// The kind of location.
    pub origin: Origin,
    /// The variable; `None` for an argument, and for a file that could not be read.
    pub variable: Option<&'static str>,
    /// The file, if the location is in one.
    pub path: Option<PathBuf>,
    /// The line in the file, from 1.
    pub line: Option<u32>,
    /// The result of looking at it.
    pub outcome: Outcome,
    /// Its key, masked.
    pub masked: Option<String>,
    /// Why it was refused or skipped; completes "it …".
    pub reason: Option<String>,
}

impl Location {
    /// A location that was not looked at yet.
    pub(crate) fn new(origin: Origin, variable: Option<&'static str>, path: Option<PathBuf>) -> Self {
        Self { origin, variable, path, line: None, outcome: Outcome::Absent, masked: None, reason: None }
    }

    /// The location as part of a sentence, without its outcome.
    pub(crate) fn description(&self) -> String {
        let variable = self.variable.unwrap_or("the key");
        let line = self.line.map(|line| format!(", line {line}")).unwrap_or_default();
        match (self.origin, &self.path) {
            (Origin::Argument, _) => "the key given by the caller".to_owned(),
            (Origin::Process, _) => format!("{variable} in the process environment"),
            (Origin::SecretFile, Some(path)) => format!("{} (named by {variable}_FILE)", shown(path)),
            (Origin::SecretFile, None) => format!("the file named by {variable}_FILE"),
            (Origin::EnvFile, Some(path)) if self.variable.is_none() => shown(path),
            (Origin::EnvFile, Some(path)) => format!("{variable} in {}{line}", shown(path)),
            (Origin::EnvFile, None) => "the working directory".to_owned(),
        }
    }
}

impl fmt::Display for Location {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.description())?;
        if let Some(reason) = &self.reason {
            write!(formatter, " ({}: it {reason})", self.outcome.name())?;
        }
        Ok(())
    }
}

/// A path that is safe to print: no file name can move the cursor, hide text or reverse it.
#[must_use]
pub fn shown(path: &Path) -> String {
    masked(path).chars().map(visible).collect()
}

/// A path that is safe to print, as a word of a shell command. Quotes for a shell are added only where they are needed.
pub(crate) fn shell_quoted(path: &Path) -> String {
    let text = shown(path);
    let is_plain = |c: char| c.is_alphanumeric() || matches!(c, '/' | '.' | '_' | '-' | '+' | ':' | '@' | '%' | '…');
    if text.chars().all(|c| is_plain(c) || cfg!(windows) && c == '\\') {
        return text;
    }
    format!("'{}'", text.replace('\'', r"'\''"))
}

/// The path of an argument for the context of an error: exact, unless the caller passed a key by mistake.
fn masked(path: &Path) -> String {
    mask_segments(&path.to_string_lossy())
}

/// The path of a location: exact, unless the caller gave a key in place of a path.
pub(crate) fn without_key(path: &Path) -> PathBuf {
    let masked = masked(path);
    if masked == path.to_string_lossy() { path.to_path_buf() } else { masked.into() }
}

/// The last directory of the walk through the parent directories.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub enum Boundary {
    /// The root of the file system.
    #[default]
    Filesystem,
    /// The root of the git repository; without one, as `Filesystem`.
    Repository,
    /// This directory, which must be the starting directory or one of its parents.
    Directory(PathBuf),
}

impl Boundary {
    /// Parses `filesystem`, `repository` or a directory. Write a directory of such a name as `./repository`.
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

/// The directory to start from, with symbolic links resolved so that its parents are the real ones; `None` if there is no
/// working directory.
///
/// # Errors
/// `invalid_argument`: `given` is not a directory.
pub(crate) fn starting_directory(given: Option<&Path>, host: &Host) -> Result<Option<PathBuf>> {
    let Some(given) = given else {
        return Ok(host.working_directory().map(Path::to_path_buf));
    };
    if given.as_os_str().is_empty() {
        let error = Error::invalid("directory", "`directory` must not be empty.");
        return Err(error.with_hint("Leave it out to use the working directory."));
    }
    let absolute = host.in_working_directory(given);
    let unusable =
        |problem: &str| Error::invalid("directory", format!("{} {problem}.", shown(given))).with("path", masked(given));
    if !absolute.is_absolute() {
        return Err(unusable(ABSENT));
    }
    match std::fs::metadata(&absolute) {
        Ok(metadata) if metadata.is_dir() => {}
        Ok(_) => return Err(unusable("is not a directory")),
        // The parents of a directory without read permission can still be readable.
        Err(error) if error.kind() == ErrorKind::PermissionDenied => {}
        Err(error) if is_absent(&error) => return Err(unusable(ABSENT).with_system_cause(error)),
        Err(error) => return Err(unusable("cannot be read").with_system_cause(error)),
    }
    let real = dunce::canonicalize(&absolute).or_else(|_| std::path::absolute(&absolute));
    real.map(Some).map_err(|error| unusable("cannot be read").with_system_cause(error))
}

const ABSENT: &str = "does not exist";

/// Whether the system says that there is nothing with this name, as opposed to not answering.
pub(crate) fn is_absent(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory)
}

/// A directory and its parents, up to the boundary.
#[derive(Debug)]
pub(crate) struct Walk {
    start: PathBuf,
    length: usize,
    /// The directory outside which nothing is read.
    boundary: Option<PathBuf>,
}

impl Walk {
    /// # Errors
    /// `invalid_argument`: the boundary is neither the directory nor one of its parents. Such a walk would read files
    /// outside the boundary.
    pub(crate) fn new(start: PathBuf, boundary: &Boundary, host: &Host) -> Result<Self> {
        let mut limit = None;
        let end = match boundary {
            Boundary::Filesystem => None,
            Boundary::Repository => repository_root(&start).map(Path::to_path_buf),
            // Every path starts with the empty path.
            Boundary::Directory(given) if given.as_os_str().is_empty() => {
                let error = Error::invalid("boundary", "`boundary` must not be empty.");
                return Err(error.with_hint("Leave it out to search up to the root."));
            }
            Boundary::Directory(given) => {
                let absolute = host.in_working_directory(given);
                let real = dunce::canonicalize(&absolute).unwrap_or_else(|_| absolute.into_owned());
                if !start.starts_with(&real) {
                    let message =
                        format!("`boundary` must be a parent directory of {1}, not {0}.", shown(given), shown(&start));
                    return Err(Error::invalid("boundary", message).with("path", masked(given)));
                }
                limit = Some(real.clone());
                Some(real)
            }
        };
        let at_end = end.and_then(|end| start.ancestors().position(|directory| directory == end));
        let length = at_end.map_or_else(|| start.ancestors().count(), |index| index + 1);
        Ok(Self { start, length, boundary: limit })
    }

    /// The directory where the walk starts.
    pub(crate) fn start(&self) -> &Path {
        &self.start
    }

    /// Whether a further directory may be searched: it is not on the walk, and not outside a boundary that the caller set.
    pub(crate) fn may_add(&self, directory: &Path) -> bool {
        let is_inside = self.boundary.as_ref().is_none_or(|boundary| directory.starts_with(boundary));
        is_inside && !self.directories().any(|known| known == directory)
    }

    /// The directories, from the starting directory up.
    pub(crate) fn directories(&self) -> impl Iterator<Item = &Path> {
        self.start.ancestors().take(self.length).filter(|path| !path.as_os_str().is_empty())
    }
}

/// The root of the git work tree that contains a directory.
pub(crate) fn repository_root(directory: &Path) -> Option<&Path> {
    directory.ancestors().find(|path| path.join(".git").symlink_metadata().is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn host() -> Host {
        Host::new([("", "")], Some("/".into()))
    }

    fn names(start: &Path, boundary: &Boundary) -> Vec<String> {
        Walk::new(start.into(), boundary, &host()).unwrap().directories().map(shown).collect()
    }

    #[test]
    fn walk_ends_at_root_or_boundary() {
        let start = Path::new("/a/b/c");
        assert_eq!(names(start, &Boundary::Filesystem), ["/a/b/c", "/a/b", "/a", "/"]);
        assert_eq!(names(start, &Boundary::Directory("/a/b".into())), ["/a/b/c", "/a/b"]);
        assert_eq!(names(start, &Boundary::Directory("/a/b/c".into())), ["/a/b/c"]);
        assert!(Walk::new(start.into(), &Boundary::Directory("/a/bb".into()), &host()).is_err());
        assert!(Walk::new(start.into(), &Boundary::Directory("/a/b/c/d".into()), &host()).is_err());
    }

    #[test]
    fn walk_ends_at_repository_root_if_there_is_one() {
        let top = tempfile::tempdir().unwrap();
        let inner = top.path().join("repository/src");
        std::fs::create_dir_all(&inner).unwrap();
        assert!(names(&inner, &Boundary::Repository).len() > 2);
        std::fs::create_dir(top.path().join("repository/.git")).unwrap();
        assert_eq!(names(&inner, &Boundary::Repository).len(), 2);
    }

    #[test]
    fn shown_path_has_no_escape_sequences() {
        assert_eq!(shown(Path::new("/a\u{1b}[31m\n/b")), "/a\u{fffd}[31m\u{fffd}/b");
        let (hostile, hostile_shown) = ("/a/vne.\u{202e}x\u{200b}", "/a/vne.\u{fffd}x\u{fffd}");
        let location = Location::new(Origin::EnvFile, None, Some(hostile.into()));
        assert_eq!(location.to_string(), hostile_shown);
        // The fields for programs keep the exact path.
        assert_eq!(location.path, Some(hostile.into()));
        let error = starting_directory(Some(Path::new(hostile)), &host()).unwrap_err();
        assert_eq!(error.message, format!("{hostile_shown} does not exist."));
        assert_eq!(error.context["path"], hostile);
    }
}
