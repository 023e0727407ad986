//! Evaluates a location: it holds a key, no key, or something invalid.

use crate::config::{PROD_SECRET_FILE_VARIABLE, SECRET_FILE_VARIABLE, SECRET_VARIABLE};
use crate::error::{Error, ErrorCode};
use crate::hint::Hint;
use crate::key::{ApiKey, Environment, Flaw, Kind, Place, Remedy};
use crate::locations::{Location, Origin, Outcome, shell_quoted};
use crate::secret::Secret;
use crate::text::trim_invisible;

/// One variable in one location, and its content.
pub(super) struct Evaluated {
    pub(super) location: Location,
    pub(super) content: Content,
    /// What to do about a file that was skipped.
    pub(super) repair: Option<Hint>,
}

pub(super) enum Content {
    /// The location is absent, empty or skipped.
    NoKey,
    Key(ApiKey),
    /// The location takes precedence, and its content cannot be used.
    Invalid(Error),
}

impl Evaluated {
    pub(super) fn nothing(location: Location) -> Self {
        Self { location, content: Content::NoKey, repair: None }
    }

    pub(super) fn skipped(location: Location, reason: impl Into<String>) -> Self {
        Self::nothing(Location { outcome: Outcome::Skipped, reason: Some(reason.into()), ..location })
    }

    pub(super) fn unusable_file(location: Location, reason: impl Into<String>, repair: Option<Hint>) -> Self {
        Self { repair, ..Self::skipped(location, reason) }
    }
}

/// Whether only a live key counts in this location: deployments keep their live key in `AUTUMN_SECRET_KEY`.
fn only_if_live(location: &Location, wanted: Option<Environment>) -> bool {
    wanted == Some(Environment::Live) && location.variable == Some(SECRET_VARIABLE)
}

pub(super) fn evaluate_text(location: Location, text: &Secret, wanted: Option<Environment>) -> Evaluated {
    // As in Compose files with `${NAME- }`.
    if trim_invisible(text.reveal()).is_empty() {
        return Evaluated::nothing(Location { outcome: Outcome::Empty, ..location });
    }
    let Ok(key) = ApiKey::parse(text.reveal()) else {
        return evaluate_flaw(location, Flaw::of(text.reveal()), wanted);
    };
    let location = Location { masked: Some(key.to_string()), ..location };
    let live = key.environment() == Environment::Live && key.kind() == Kind::Secret;
    if only_if_live(&location, wanted) && !live {
        return Evaluated::skipped(location, "does not hold a live key");
    }
    // The caller may pass a publishable key; in a variable for secret keys it is a mistake.
    if key.kind() == Kind::Publishable && location.origin != Origin::Argument {
        let message = format!("{} holds a publishable key.", capitalized(&location.description()));
        let hint = at_source(&location).unwrap_or(Hint::UseSecretKey);
        let error = Error::new(ErrorCode::WrongKeyKind, message).with_hint(hint);
        return refused(location, "holds a publishable key", error);
    }
    match wanted {
        Some(wanted) if wanted != key.environment() => wrong_environment(location, wanted),
        _ => Evaluated { location, content: Content::Key(key), repair: None },
    }
}

/// A text that is like a key, or is not text at all.
fn evaluate_flaw(location: Location, flaw: Option<Flaw>, wanted: Option<Environment>) -> Evaluated {
    let hint = match flaw.as_ref().and_then(|flaw| flaw.remedy) {
        Some(remedy) => remedy_at(&location, remedy),
        None => at_source(&location).unwrap_or(Hint::CopyKey),
    };
    malformed(location, flaw.map(|flaw| flaw.reason), hint, wanted)
}

/// The remedy where the text was found.
fn remedy_at(location: &Location, remedy: Remedy) -> Hint {
    let path = location.path.as_deref().map(shell_quoted).unwrap_or_default();
    let place = match location.origin {
        Origin::Process => Place::Process,
        Origin::EnvFile => Place::EnvFile(&path),
        Origin::SecretFile => Place::KeyFile(&path),
        Origin::Argument => Place::Argument,
    };
    remedy.at(place).into()
}

/// A text that cannot be read, or that readers read differently.
pub(super) fn evaluate_invalid(location: Location, flaw: Flaw, wanted: Option<Environment>) -> Evaluated {
    let variable = location.variable.unwrap_or(SECRET_VARIABLE).to_owned();
    let hint = match flaw.remedy {
        Some(remedy) => remedy_at(&location, remedy),
        None => at_source(&location).unwrap_or(Hint::WriteKey { variable }),
    };
    malformed(location, Some(flaw.reason), hint, wanted)
}

fn malformed(location: Location, reason: Option<String>, hint: Hint, wanted: Option<Environment>) -> Evaluated {
    if only_if_live(&location, wanted) {
        return Evaluated::skipped(location, "does not hold a live key");
    }
    let why = reason.as_ref().map(|reason| format!(": it {reason}")).unwrap_or_default();
    let message = format!("{} is not an Autumn API key{why}.", capitalized(&location.description()));
    let error = Error::new(ErrorCode::MalformedKey, message).with_hint(hint);
    refused(location, reason.unwrap_or_else(|| "is not an Autumn API key".to_owned()), error)
}

/// What to do about a key that a login does not replace, because the caller or its environment passes it; `None` for a
/// key in a `.env` file.
pub(crate) fn at_source(location: &Location) -> Option<Hint> {
    match location.origin {
        Origin::EnvFile => None,
        Origin::Argument => Some(Hint::PassAnotherKey),
        Origin::Process | Origin::SecretFile => {
            let variable = named_by(location)?.to_owned();
            Some(Hint::ReplaceKeyAtSource { location: location.description(), variable })
        }
    }
}

/// The variable that the user can change: for a key file, the one that names the file.
fn named_by(location: &Location) -> Option<&'static str> {
    match (location.origin, location.variable) {
        (Origin::SecretFile, Some(SECRET_VARIABLE)) => Some(SECRET_FILE_VARIABLE),
        (Origin::SecretFile, _) => Some(PROD_SECRET_FILE_VARIABLE),
        (_, variable) => variable,
    }
}

fn wrong_environment(location: Location, wanted: Environment) -> Evaluated {
    let (held, purpose) = match wanted {
        Environment::Sandbox => (Environment::Live.name(), "use the live key"),
        Environment::Live => (Environment::Sandbox.name(), "use the sandbox key"),
    };
    let otherwise = at_source(&location).unwrap_or(Hint::LogIn);
    let hint = Hint::PassOption { option: "environment", value: held, purpose }.and(otherwise);
    let message =
        format!("{} holds a {held} key, but a {} key is needed.", capitalized(&location.description()), wanted.name());
    let error = Error::new(ErrorCode::WrongEnvironment, message).with_hint(hint).with("environment", held);
    refused(location, format!("holds a {held} key"), error)
}

pub(super) fn refused(location: Location, reason: impl Into<String>, error: Error) -> Evaluated {
    let location = Location { outcome: Outcome::Refused, reason: Some(reason.into()), ..location };
    let error = with_location(error, &location);
    Evaluated { location, content: Content::Invalid(error), repair: None }
}

/// Adds the location to the context of an error. If the server rejected a key that a login does not replace, the hint names
/// what to change instead.
pub(crate) fn with_location(mut error: Error, location: &Location) -> Error {
    error.hint = error.hint.map(|hint| Box::new(hint_at(*hint, location)));
    error = error.with("origin", location.origin.name());
    if let Some(variable) = named_by(location) {
        error = error.with("variable", variable);
    }
    if let Some(path) = &location.path {
        error = error.with("path", path.to_string_lossy());
    }
    if let Some(line) = location.line {
        error = error.with("line", line.to_string());
    }
    error
}

fn hint_at(hint: Hint, location: &Location) -> Hint {
    match (hint, at_source(location)) {
        (Hint::ReplaceKey { server: None }, Some(change)) => Hint::from("The key may have been revoked.").and(change),
        (Hint::ReplaceKey { server: Some(server) }, Some(change)) => {
            let reason = format!("The key may have been revoked, or it may belong to a server other than {server}.");
            Hint::from(reason).and(change)
        }
        (hint, _) => hint,
    }
}

/// The description of a location, capitalized for the start of a sentence.
fn capitalized(text: &str) -> String {
    match text.strip_prefix("the ") {
        Some(rest) => format!("The {rest}"),
        None => text.to_owned(),
    }
}
