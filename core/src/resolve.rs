//! Finding the key in force, and explaining where it was looked for.

use std::path::{Path, PathBuf};

use crate::config::{ENV_FILE_LIMIT, ENV_FILES, SECRET_FILE_LIMIT, SECRET_FILE_SUFFIX, SECRET_VARIABLE};
use crate::dotenv::{Document, Value};
use crate::error::{Error, ErrorCode, Result};
use crate::key::{ApiKey, Environment, Kind};
use crate::places::{Boundary, Origin, Outcome, Place, shown, starting_directory, walk};
use crate::secret::Secret;
use crate::secure_file::{self, Refusal};

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
    pub source: Place,
    /// Places that were passed over although they may hold a key.
    pub skipped: Vec<Place>,
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
    let sources = sources(options)?;
    let mut skipped = Vec::new();
    for found in sources.iter().flat_map(|source| look(source, options)) {
        match found.verdict {
            Verdict::Key(key) => {
                let source = Place { outcome: Outcome::Used, ..found.place };
                return Ok(ResolvedKey { key, source, skipped });
            }
            Verdict::Wrong(error) => return Err(error),
            Verdict::Nothing if found.place.outcome == Outcome::Skipped => skipped.push(found.place),
            Verdict::Nothing => {}
        }
    }
    Err(not_found(options, &skipped))
}

/// Lists every place that [`resolve_key`] would look at, in its order, with what became of it.
///
/// # Errors
/// `invalid_argument`, as [`resolve_key`]; whatever is wrong with a place is said by the place.
pub fn explain_key(options: &ResolveOptions) -> Result<Vec<Place>> {
    Ok(judged(options)?.into_iter().map(|(place, _)| place).collect())
}

/// Every place with its outcome, and the key it holds.
pub(crate) fn judged(options: &ResolveOptions) -> Result<Vec<(Place, Option<ApiKey>)>> {
    Ok(verdicts(&sources(options)?, options))
}

/// The places that come before a file, which is not read.
pub(crate) fn judged_before(options: &ResolveOptions, file: &Path) -> Result<Vec<(Place, Option<ApiKey>)>> {
    let mut sources = sources(options)?;
    let end = sources.iter().position(|source| matches!(source, Source::EnvFile(path) if path == file));
    sources.truncate(end.unwrap_or(sources.len()));
    Ok(verdicts(&sources, options))
}

fn verdicts(sources: &[Source], options: &ResolveOptions) -> Vec<(Place, Option<ApiKey>)> {
    let mut decided = false;
    let judge = |found: Found| {
        let mut place = found.place;
        let key = match found.verdict {
            Verdict::Nothing => None,
            Verdict::Key(key) => {
                place.outcome = if decided { Outcome::Shadowed } else { Outcome::Used };
                decided = true;
                Some(key)
            }
            Verdict::Wrong(_) => {
                place.outcome = if decided { Outcome::Shadowed } else { Outcome::Refused };
                decided = true;
                None
            }
        };
        (place, key)
    };
    sources.iter().flat_map(|source| look(source, options)).map(judge).collect()
}

/// One place to open, for all variables that it may hold.
enum Source {
    Argument(Secret),
    Process,
    SecretFile,
    EnvFile(PathBuf),
    /// The working directory was deleted, so there is nothing to walk.
    NoDirectory,
}

/// One variable in one place.
struct Found {
    place: Place,
    verdict: Verdict,
}

enum Verdict {
    /// Absent, empty, skipped, or not meant.
    Nothing,
    Key(ApiKey),
    Wrong(Error),
}

impl Found {
    fn nothing(place: Place) -> Self {
        Self { place, verdict: Verdict::Nothing }
    }

    fn skipped(place: Place, reason: impl Into<String>) -> Self {
        Self::nothing(Place { outcome: Outcome::Skipped, reason: Some(reason.into()), ..place })
    }
}

fn sources(options: &ResolveOptions) -> Result<Vec<Source>> {
    let mut sources = Vec::new();
    sources.extend(options.key.clone().filter(|key| !key.reveal().is_empty()).map(Source::Argument));
    sources.extend([Source::Process, Source::SecretFile]);
    match starting_directory(options.directory.as_deref())? {
        None => sources.push(Source::NoDirectory),
        Some(start) => {
            let directories = walk(&start, &options.boundary)?;
            let files = directories.iter().flat_map(|directory| ENV_FILES.map(|name| directory.join(name)));
            sources.extend(files.map(Source::EnvFile));
        }
    }
    Ok(sources)
}

/// The variables that count, the stronger first.
fn variables(environment: Option<Environment>) -> &'static [&'static str] {
    match environment {
        None | Some(Environment::Sandbox) => &[SECRET_VARIABLE],
        Some(Environment::Live) => &[crate::config::PROD_SECRET_VARIABLE, SECRET_VARIABLE],
    }
}

fn look(source: &Source, options: &ResolveOptions) -> Vec<Found> {
    let wanted = options.environment;
    let each = |origin, look: &dyn Fn(Place, &'static str) -> Found| {
        variables(wanted).iter().map(|variable| look(Place::new(origin, Some(variable), None), variable)).collect()
    };
    match source {
        Source::Argument(text) => {
            vec![judge_text(Place::new(Origin::Argument, None, None), text, wanted)]
        }
        Source::Process => each(Origin::Process, &|place, variable| in_process(place, variable, wanted)),
        Source::SecretFile => each(Origin::SecretFile, &|place, variable| in_secret_file(place, variable, wanted)),
        Source::EnvFile(path) => in_env_file(path, wanted),
        Source::NoDirectory => {
            vec![Found::skipped(Place::new(Origin::EnvFile, None, None), "no longer exists")]
        }
    }
}

fn in_process(place: Place, variable: &str, wanted: Option<Environment>) -> Found {
    match std::env::var_os(variable).map(std::ffi::OsString::into_string) {
        None => Found::nothing(place),
        Some(Ok(text)) => judge_text(place, &Secret::from(text), wanted),
        Some(Err(_)) => judge_unusable(place, "is not UTF-8 text", wanted),
    }
}

fn in_secret_file(place: Place, variable: &str, wanted: Option<Environment>) -> Found {
    let Some(path) = std::env::var_os(format!("{variable}{SECRET_FILE_SUFFIX}")).filter(|path| !path.is_empty()) else {
        return Found::nothing(place);
    };
    let place = Place { path: Some(PathBuf::from(path)), ..place };
    match read_secret_file(&place) {
        Ok(text) => judge_text(place, &text, wanted),
        Err(reason) => {
            let error = Error::new(ErrorCode::KeyFileUnreadable, format!("The key file cannot be used: it {reason}."))
                .with_hint(format!("Point {variable}{SECRET_FILE_SUFFIX} at a file with one line, or unset it."));
            refused(place, reason, error)
        }
    }
}

fn read_secret_file(place: &Place) -> std::result::Result<Secret, String> {
    let path = place.path.as_deref().unwrap_or_else(|| Path::new(""));
    let bytes = secure_file::read(path, SECRET_FILE_LIMIT).map_err(|refusal| refusal.reason())?;
    let text = std::str::from_utf8(bytes.reveal()).map_err(|_| "is not UTF-8 text")?;
    let line = text.strip_suffix('\n').map_or(text, |line| line.strip_suffix('\r').unwrap_or(line));
    if line.contains(['\n', '\r']) { Err("has more than one line".to_owned()) } else { Ok(Secret::from(line)) }
}

fn in_env_file(path: &Path, wanted: Option<Environment>) -> Vec<Found> {
    let place = |variable| Place::new(Origin::EnvFile, variable, Some(path.to_path_buf()));
    let absent = || variables(wanted).iter().map(|variable| Found::nothing(place(Some(variable)))).collect();
    let document = match secure_file::read(path, ENV_FILE_LIMIT) {
        Ok(bytes) => Document::parse(bytes),
        Err(Refusal::Absent) => return absent(),
        Err(refusal) => return vec![Found::skipped(place(None), refusal.reason())],
    };
    if document.is_utf16() {
        return vec![Found::skipped(place(None), "is UTF-16 text, and must be UTF-8")];
    }
    let look = |variable: &&'static str| {
        let place = place(Some(variable));
        let Some(assignment) = document.read(variable) else { return Found::nothing(place) };
        let place = Place { line: Some(assignment.line), ..place };
        match assignment.value {
            Value::Empty => Found::nothing(Place { outcome: Outcome::Empty, ..place }),
            Value::Text(text) => judge_text(place, &text, wanted),
            Value::Unusable(reason) => judge_unusable(place, reason, wanted),
        }
    };
    variables(wanted).iter().map(look).collect()
}

/// Whether `AUTUMN_SECRET_KEY` is looked at for the live key that deployments keep there, and for nothing else.
fn only_if_live(place: &Place, wanted: Option<Environment>) -> bool {
    wanted == Some(Environment::Live) && place.variable == Some(SECRET_VARIABLE)
}

fn judge_text(place: Place, text: &Secret, wanted: Option<Environment>) -> Found {
    if text.reveal().is_empty() {
        return Found::nothing(Place { outcome: Outcome::Empty, ..place });
    }
    let Ok(key) = ApiKey::parse(text.reveal()) else {
        return judge_unusable(place, "is not an Autumn API key", wanted);
    };
    let place = Place { masked: Some(key.to_string()), ..place };
    let live = key.environment() == Environment::Live && key.kind() == Kind::Secret;
    if only_if_live(&place, wanted) && !live {
        return Found::skipped(place, "holds no live key");
    }
    // A caller may work with a publishable key; in a secret variable it is a mistake.
    if key.kind() == Kind::Publishable && place.origin != Origin::Argument {
        let message = format!("{} holds a publishable key.", capitalized(&place.location()));
        let error = Error::new(ErrorCode::WrongKeyKind, message)
            .with_hint("A secret key (am_sk_…) belongs there: run `atmn login`, or copy one from the dashboard.");
        return refused(place, "holds a publishable key", error);
    }
    match wanted {
        Some(wanted) if wanted != key.environment() => wrong_environment(place, wanted),
        _ => Found { place, verdict: Verdict::Key(key) },
    }
}

fn judge_unusable(place: Place, reason: &str, wanted: Option<Environment>) -> Found {
    if only_if_live(&place, wanted) {
        return Found::skipped(place, "holds no live key");
    }
    let message = format!("{} is not an Autumn API key.", capitalized(&place.location()));
    let hint = if reason == "is not an Autumn API key" {
        "Run `atmn login`, or copy the whole key from the dashboard.".to_owned()
    } else {
        format!("It {reason}. Write NAME=am_sk_… on a line of its own, or run `atmn login`.")
    };
    refused(place, reason, Error::new(ErrorCode::MalformedKey, message).with_hint(hint))
}

fn wrong_environment(place: Place, wanted: Environment) -> Found {
    let (held, hint) = match wanted {
        Environment::Sandbox => {
            ("live", "Use --prod (environment `live`) to work with it, or run `atmn login` for a sandbox key.")
        }
        Environment::Live => ("sandbox", "Leave out --prod to work with it, or run `atmn login` for a live key."),
    };
    let message =
        format!("{} holds a {held} key; a {} key was asked for.", capitalized(&place.location()), wanted.name());
    let error = Error::new(ErrorCode::WrongEnvironment, message).with_hint(hint).with("environment", held);
    refused(place, format!("holds a {held} key"), error)
}

fn refused(place: Place, reason: impl Into<String>, error: Error) -> Found {
    let place = Place { outcome: Outcome::Refused, reason: Some(reason.into()), ..place };
    let error = about(error, &place);
    Found { place, verdict: Verdict::Wrong(error) }
}

/// Adds the place to a failure's context.
pub(crate) fn about(mut error: Error, place: &Place) -> Error {
    error = error.with("origin", place.origin.name());
    if let Some(variable) = place.variable {
        error = error.with("variable", variable);
    }
    if let Some(path) = &place.path {
        error = error.with("path", path.to_string_lossy());
    }
    if let Some(line) = place.line {
        error = error.with("line", line.to_string());
    }
    error
}

fn not_found(options: &ResolveOptions, skipped: &[Place]) -> Error {
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
        .with_hint("Run `atmn login` to create keys and save them in .env.")
        .with("searched", searched);
    if skipped.is_empty() {
        return error;
    }
    error.with("skipped", skipped.iter().map(Place::to_string).collect::<Vec<_>>().join("; "))
}

/// A location at the beginning of a sentence.
fn capitalized(text: &str) -> String {
    match text.strip_prefix("the ") {
        Some(rest) => format!("The {rest}"),
        None => text.to_owned(),
    }
}
