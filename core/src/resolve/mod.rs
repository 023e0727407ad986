//! Finding the key in force, and explaining where it was looked for.

mod evaluate;
mod sources;

use std::path::{Path, PathBuf};

use crate::error::{Error, ErrorCode, Result};
use crate::hint::Hint;
use crate::key::{ApiKey, Environment};
use crate::locations::{Boundary, Location, Outcome, shown, starting_directory};
use crate::secret::Secret;
use evaluate::Verdict;
use sources::{Search, Source, variables};

pub(crate) use evaluate::about;

/// What to look for, and where.
#[derive(Clone, Debug, Default)]
pub struct ResolveOptions {
    /// A key that the caller already has; comes before every other place. Empty counts as absent.
    pub key: Option<Secret>,
    /// The environment wanted; none takes what `AUTUMN_SECRET_KEY` holds.
    pub environment: Option<Environment>,
    /// Where to start; the working directory by default.
    pub directory: Option<PathBuf>,
    /// Where the walk through the parent directories ends.
    pub boundary: Boundary,
}

/// A key, and how it was found.
#[derive(Clone, Debug)]
pub struct ResolvedKey {
    /// The key.
    pub key: ApiKey,
    /// The place it came from.
    pub source: Location,
    /// Places that were passed over although they may hold a key.
    pub skipped: Vec<Location>,
}

/// Finds the key in force.
///
/// Looks at the argument, the process variable, the file named by `<VARIABLE>_FILE`, then at `.env.local` and `.env` in
/// the directory and each of its parents. The nearest place that has the variable wins; an empty value counts as absent.
///
/// | asked for | variable |
/// |---|---|
/// | nothing | `AUTUMN_SECRET_KEY`, whatever its environment |
/// | sandbox | `AUTUMN_SECRET_KEY`; a live key in it is refused |
/// | live | `AUTUMN_PROD_SECRET_KEY`, then `AUTUMN_SECRET_KEY` if it holds a live key |
///
/// # Errors
/// - `key_not_found`: no place has one.
/// - `malformed_key`, `wrong_key_kind`, `wrong_environment`: the nearest place holds something else; the context names
///   it (`variable`, `path`, `line`).
/// - `key_file_unreadable`: a `<VARIABLE>_FILE` is set and its file is missing, no regular file, not trusted, larger
///   than 4 KiB or longer than one line.
/// - `invalid_argument`: `directory` or `boundary`.
///
/// ```
/// # let project = tempfile::tempdir().unwrap();
/// # std::fs::create_dir(project.path().join("src")).unwrap();
/// use libatmn::{ResolveOptions, resolve_key};
///
/// std::fs::write(project.path().join(".env"), "AUTUMN_SECRET_KEY=am_sk_test_0123456789ab\n").unwrap();
/// let options = ResolveOptions { directory: Some(project.path().join("src")), ..Default::default() };
/// let found = resolve_key(&options)?;
/// assert_eq!(found.key.to_string(), "am_sk_test_…89ab");
/// assert!(found.source.to_string().ends_with(".env, line 1"));
/// # Ok::<(), libatmn::Error>(())
/// ```
pub fn resolve_key(options: &ResolveOptions) -> Result<ResolvedKey> {
    let search = Search::new(options)?;
    let mut skipped = Vec::new();
    for found in search.sources().flat_map(|source| source.look(options.environment)) {
        match found.verdict {
            Verdict::Key(key) => {
                let source = Location { outcome: Outcome::Used, ..found.location };
                return Ok(ResolvedKey { key, source, skipped });
            }
            Verdict::Wrong(error) => return Err(error),
            Verdict::Nothing if found.location.outcome == Outcome::Skipped => skipped.push(found.location),
            Verdict::Nothing => {}
        }
    }
    Err(not_found(options, &skipped))
}

/// Lists every place that [`resolve_key`] would look at, in its order, with what became of it.
///
/// # Errors
/// `invalid_argument`, as [`resolve_key`]; whatever is wrong with a place is said by the place.
///
/// ```
/// for place in libatmn::explain_key(&libatmn::ResolveOptions::default())? {
///     println!("{:9} {place}", place.outcome.name()); // used      AUTUMN_SECRET_KEY in /srv/shop/.env, line 1
/// }
/// # Ok::<(), libatmn::Error>(())
/// ```
pub fn explain_key(options: &ResolveOptions) -> Result<Vec<Location>> {
    Ok(judged(options)?.into_iter().map(|(location, _)| location).collect())
}

/// Every place with its outcome, and the key it holds.
pub(crate) fn judged(options: &ResolveOptions) -> Result<Vec<(Location, Option<ApiKey>)>> {
    let search = Search::new(options)?;
    Ok(verdicts(search.sources(), options.environment))
}

/// The places that come before a file, which is not read.
pub(crate) fn judged_before(options: &ResolveOptions, file: &Path) -> Result<Vec<(Location, Option<ApiKey>)>> {
    let search = Search::new(options)?;
    let is_file = |source: &Source<'_>| matches!(source, Source::EnvFile(path) if path == file);
    Ok(verdicts(search.sources().take_while(|source| !is_file(source)), options.environment))
}

fn verdicts<'a>(
    sources: impl Iterator<Item = Source<'a>>,
    wanted: Option<Environment>,
) -> Vec<(Location, Option<ApiKey>)> {
    let mut decided = false;
    let mut outcome = |first| if std::mem::replace(&mut decided, true) { Outcome::Shadowed } else { first };
    let judge = |found: evaluate::Found| match found.verdict {
        Verdict::Nothing => (found.location, None),
        Verdict::Key(key) => (Location { outcome: outcome(Outcome::Used), ..found.location }, Some(key)),
        Verdict::Wrong(_) => (Location { outcome: outcome(Outcome::Refused), ..found.location }, None),
    };
    sources.flat_map(|source| source.look_everywhere(wanted)).map(judge).collect()
}

fn not_found(options: &ResolveOptions, skipped: &[Location]) -> Error {
    let names = variables(options.environment).join(" or ");
    let directory = starting_directory(options.directory.as_deref()).ok().flatten();
    let from = directory.map_or_else(|| "the working directory".to_owned(), |path| shown(&path));
    let end = match &options.boundary {
        Boundary::Filesystem => "the root".to_owned(),
        Boundary::Repository => "the repository's root".to_owned(),
        Boundary::Directory(path) => shown(path),
    };
    let searched = format!("{names} in the process environment, then in .env.local and .env from {from} up to {end}");
    let error = Error::new(ErrorCode::KeyNotFound, format!("No API key found: looked for {searched}."))
        .with_hint(Hint::LogIn)
        .with("searched", searched);
    if skipped.is_empty() {
        return error;
    }
    error.with("skipped", skipped.iter().map(Location::to_string).collect::<Vec<_>>().join("; "))
}
