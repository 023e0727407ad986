//! Finds the active key and explains where it was looked for.

mod evaluate;
mod misplaced;
mod sources;

use std::path::{Path, PathBuf};

use crate::error::{Error, ErrorCode, Result};
use crate::hint::Hint;
use crate::host::Host;
use crate::key::{ApiKey, Environment};
use crate::locations::{Boundary, Location, Outcome, shown, starting_directory};
use crate::secret::Secret;
use crate::worktree::MainWorktree;
use evaluate::Content;
use misplaced::{Misplaced, misplaced};
use sources::{Search, Source, variables};

pub(crate) use evaluate::{at_source, with_location};

/// Which key to find, and where to look.
#[derive(Clone, Debug, Default)]
pub struct ResolveOptions {
    /// A key that the caller passes. It takes precedence over every other location; an empty one counts as absent.
    pub key: Option<Secret>,
    /// The environment of the key. `None` accepts any key in `AUTUMN_SECRET_KEY`.
    pub environment: Option<Environment>,
    /// The directory to start from; by default the working directory.
    pub directory: Option<PathBuf>,
    /// Where the walk through the parent directories ends.
    pub boundary: Boundary,
    /// The environment variables and the working directory; by default those of the process.
    pub host: Option<Host>,
}

/// A key and its location.
#[derive(Clone, Debug)]
pub struct ResolvedKey {
    /// The key.
    pub key: ApiKey,
    /// The location of the key.
    pub source: Location,
    /// Locations that were skipped and may hold a key.
    pub skipped: Vec<Location>,
}

/// Finds the active key.
///
/// Searches the argument, the environment variable, the file named by `<VARIABLE>_FILE`, then `.env.local` and `.env` in
/// the directory and each of its parents. In a linked git worktree, the same directory of the main worktree and its
/// parents up to that worktree's root come last. The first location that has the variable wins; an empty value counts as absent.
///
/// | environment | variable |
/// |---|---|
/// | `None` | `AUTUMN_SECRET_KEY`, with a key of either environment |
/// | sandbox | `AUTUMN_SECRET_KEY`; a live key in it is refused |
/// | live | `AUTUMN_PROD_SECRET_KEY`, then `AUTUMN_SECRET_KEY` if it holds a live key |
///
/// # Errors
/// - `key_not_found`: no location has a key.
/// - `malformed_key`, `wrong_key_kind`, `wrong_environment`: the first location holds something else; the context has its
///   `variable`, `path` and `line`.
/// - `key_file_unreadable`: `<VARIABLE>_FILE` is set, and its file is missing, empty, not regular, not trusted, larger
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
    resolve_on(&Host::or_current_for_resolution(options.host.as_ref()), options)
}

/// Finds the active key, or nothing: [`resolve_key`] for programs that can do without a key. Only the absence of a key is
/// `None`; a location that takes precedence and holds something else is an error.
///
/// # Errors
/// As [`resolve_key`], without `key_not_found`.
///
/// ```
/// # let project = tempfile::tempdir().unwrap();
/// use libatmn::{Boundary, Host, ResolveOptions, find_key};
///
/// let directory = project.path().to_path_buf();
/// # let none: [(&str, &str); 0] = [];
/// # let host = Some(Host::new(none, Some(directory.clone())));
/// let options = ResolveOptions { directory: Some(directory.clone()), boundary: Boundary::Directory(directory), ..Default::default() };
/// # let options = ResolveOptions { host, ..options };
/// match find_key(&options)? {
///     Some(found) => println!("{} from {}", found.key, found.source),
///     None => println!("No key; billing is off."),
/// }
/// # assert!(find_key(&options)?.is_none());
/// # Ok::<(), libatmn::Error>(())
/// ```
pub fn find_key(options: &ResolveOptions) -> Result<Option<ResolvedKey>> {
    match resolve_key(options) {
        Err(error) if error.code == ErrorCode::KeyNotFound => Ok(None),
        found => found.map(Some),
    }
}

/// [`resolve_key`] on a host, instead of the one in the options.
pub(crate) fn resolve_on(host: &Host, options: &ResolveOptions) -> Result<ResolvedKey> {
    let search = Search::new(options, host)?;
    let (mut skipped, mut empty, mut repair) = (Vec::new(), Vec::new(), None);
    for found in search.sources().flat_map(|source| source.evaluate(options.environment)) {
        match found.content {
            Content::Key(key) => {
                let source = Location { outcome: Outcome::Used, ..found.location };
                return Ok(ResolvedKey { key, source, skipped });
            }
            Content::Invalid(error) => return Err(error),
            Content::NoKey if found.location.outcome == Outcome::Skipped => {
                // A login could not save keys in this file.
                if search.saves_in(&found.location) {
                    repair = found.repair.map(|repair| repaired(&found.location, repair));
                }
                skipped.push(found.location);
            }
            Content::NoKey if found.location.outcome == Outcome::Empty => empty.push(found.location),
            Content::NoKey => {}
        }
    }
    let empty = empty.into_iter().map(|location| Location { reason: Some("has no value".to_owned()), ..location });
    skipped.extend(empty);
    let misplaced = misplaced(&search, host, options.environment);
    Err(not_found(options, host, skipped, misplaced, repair))
}

/// What to do about a file that was skipped, with its path.
fn repaired(location: &Location, repair: Hint) -> Hint {
    let reason = location.reason.as_deref().unwrap_or_default();
    Hint::from(format!("{} {reason}.", location.description())).and(repair)
}

/// Lists every location that [`resolve_key`] would search, in order, each with its outcome. If there is no key, keys under
/// names that are not read follow as skipped, such as those in `.dev.vars`.
///
/// # Errors
/// `invalid_argument`, as [`resolve_key`]. A location with an invalid key is not an error; its outcome says so.
///
/// ```
/// for location in libatmn::explain_key(&libatmn::ResolveOptions::default())? {
///     println!("{:9} {location}", location.outcome.name()); // used      AUTUMN_SECRET_KEY in /srv/shop/.env, line 1
/// }
/// # Ok::<(), libatmn::Error>(())
/// ```
pub fn explain_key(options: &ResolveOptions) -> Result<Vec<Location>> {
    let host = Host::or_current_for_resolution(options.host.as_ref());
    let search = Search::new(options, &host)?;
    let found = evaluate_sources(search.sources(), options.environment).into_iter();
    let mut locations: Vec<Location> = found.map(|(location, _)| location).collect();
    if !locations.iter().any(|location| matches!(location.outcome, Outcome::Used | Outcome::Refused)) {
        let misplaced = misplaced(&search, &host, options.environment).into_iter();
        locations.extend(misplaced.map(|misplaced| misplaced.location));
    }
    Ok(locations)
}

/// Every location with its outcome, and its key.
pub(crate) fn evaluate_locations(host: &Host, options: &ResolveOptions) -> Result<Vec<(Location, Option<ApiKey>)>> {
    let search = Search::new(options, host)?;
    Ok(evaluate_sources(search.sources(), options.environment))
}

/// The locations that take precedence over a file, which is not read.
pub(crate) fn evaluate_locations_before(
    host: &Host,
    options: &ResolveOptions,
    file: &Path,
) -> Result<Vec<(Location, Option<ApiKey>)>> {
    let search = Search::new(options, host)?;
    let is_file = |source: &Source<'_>| matches!(source, Source::EnvFile(path) if path == file);
    Ok(evaluate_sources(search.sources().take_while(|source| !is_file(source)), options.environment))
}

fn evaluate_sources<'a>(
    sources: impl Iterator<Item = Source<'a>>,
    wanted: Option<Environment>,
) -> Vec<(Location, Option<ApiKey>)> {
    let mut decided = false;
    let mut outcome = |first| if std::mem::replace(&mut decided, true) { Outcome::Shadowed } else { first };
    let decide = |found: evaluate::Evaluated| match found.content {
        Content::NoKey => (found.location, None),
        Content::Key(key) => (Location { outcome: outcome(Outcome::Used), ..found.location }, Some(key)),
        Content::Invalid(_) => (Location { outcome: outcome(Outcome::Refused), ..found.location }, None),
    };
    sources.flat_map(|source| source.evaluate_all(wanted)).map(decide).collect()
}

/// How to get a first key: in automation, no user can log in.
fn get_key(environment: Option<Environment>, host: &Host) -> Hint {
    if !host.is_automation() {
        return Hint::LogIn;
    }
    let key = match environment {
        Some(Environment::Sandbox) => "the sandbox key",
        Some(Environment::Live) => "the live key",
        None => "a key",
    };
    Hint::ProvideKey { key }
}

fn not_found(
    options: &ResolveOptions,
    host: &Host,
    mut skipped: Vec<Location>,
    misplaced: Vec<Misplaced>,
    repair: Option<Hint>,
) -> Error {
    let names = variables(options.environment).join(" or ");
    let directory = starting_directory(options.directory.as_deref(), host).ok().flatten();
    let from = directory.as_deref().map_or_else(|| "the working directory".to_owned(), shown);
    let main = directory.and_then(|directory| MainWorktree::of(&directory).ok().flatten());
    let main = main.map(|main| format!(", then in the main worktree {}", shown(&main.root))).unwrap_or_default();
    let end = match &options.boundary {
        Boundary::Filesystem => "the root".to_owned(),
        Boundary::Repository => "the repository's root".to_owned(),
        Boundary::Directory(path) => shown(path),
    };
    let searched =
        format!("{names} in the process environment, then in .env.local and .env from {from} up to {end}{main}");
    let error = Error::new(ErrorCode::KeyNotFound, format!("No API key found: looked for {searched}."))
        .with_hint(match misplaced.first().map(|misplaced| misplaced.hint.clone()).or(repair) {
            Some(first) => first.and(get_key(options.environment, host)),
            None => get_key(options.environment, host),
        })
        .with("searched", searched);
    skipped.extend(misplaced.into_iter().map(|misplaced| misplaced.location));
    if skipped.is_empty() {
        return error;
    }
    error.with("skipped", skipped.iter().map(Location::to_string).collect::<Vec<_>>().join("; "))
}
