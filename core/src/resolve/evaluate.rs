//! Evaluates a location: it holds a key, no key, or something invalid.

use crate::config::SECRET_VARIABLE;
use crate::error::{Error, ErrorCode};
use crate::hint::Hint;
use crate::key::{ApiKey, Environment, Kind};
use crate::locations::{Location, Origin, Outcome};
use crate::secret::Secret;

const NOT_A_KEY: &str = "is not an Autumn API key";

/// One variable in one location, and its content.
pub(super) struct Evaluated {
    pub(super) location: Location,
    pub(super) content: Content,
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
        Self { location, content: Content::NoKey }
    }

    pub(super) fn skipped(location: Location, reason: impl Into<String>) -> Self {
        Self::nothing(Location { outcome: Outcome::Skipped, reason: Some(reason.into()), ..location })
    }
}

/// Whether only a live key counts in this location: deployments keep their live key in `AUTUMN_SECRET_KEY`.
fn only_if_live(location: &Location, wanted: Option<Environment>) -> bool {
    wanted == Some(Environment::Live) && location.variable == Some(SECRET_VARIABLE)
}

pub(super) fn evaluate_text(location: Location, text: &Secret, wanted: Option<Environment>) -> Evaluated {
    if text.reveal().is_empty() {
        return Evaluated::nothing(Location { outcome: Outcome::Empty, ..location });
    }
    let Ok(key) = ApiKey::parse(text.reveal()) else {
        return evaluate_invalid(location, NOT_A_KEY, wanted);
    };
    let location = Location { masked: Some(key.to_string()), ..location };
    let live = key.environment() == Environment::Live && key.kind() == Kind::Secret;
    if only_if_live(&location, wanted) && !live {
        return Evaluated::skipped(location, "does not hold a live key");
    }
    // The caller may pass a publishable key; in a variable for secret keys it is a mistake.
    if key.kind() == Kind::Publishable && location.origin != Origin::Argument {
        let message = format!("{} holds a publishable key.", capitalized(&location.description()));
        let error = Error::new(ErrorCode::WrongKeyKind, message).with_hint(Hint::UseSecretKey);
        return refused(location, "holds a publishable key", error);
    }
    match wanted {
        Some(wanted) if wanted != key.environment() => wrong_environment(location, wanted),
        _ => Evaluated { location, content: Content::Key(key) },
    }
}

pub(super) fn evaluate_invalid(location: Location, reason: &str, wanted: Option<Environment>) -> Evaluated {
    if only_if_live(&location, wanted) {
        return Evaluated::skipped(location, "does not hold a live key");
    }
    let message = format!("{} is not an Autumn API key.", capitalized(&location.description()));
    let hint = match location.origin {
        _ if reason == NOT_A_KEY => Hint::CopyKey { reason: None },
        Origin::EnvFile => {
            let variable = location.variable.unwrap_or(SECRET_VARIABLE).to_owned();
            Hint::WriteKey { variable, reason: reason.to_owned() }
        }
        Origin::Argument | Origin::Process | Origin::SecretFile => Hint::CopyKey { reason: Some(reason.to_owned()) },
    };
    refused(location, reason, Error::new(ErrorCode::MalformedKey, message).with_hint(hint))
}

fn wrong_environment(location: Location, wanted: Environment) -> Evaluated {
    let (held, purpose) = match wanted {
        Environment::Sandbox => (Environment::Live.name(), "use the live key"),
        Environment::Live => (Environment::Sandbox.name(), "use the sandbox key"),
    };
    let hint = Hint::PassOption { option: "environment", value: held, purpose }.and(Hint::LogIn);
    let message =
        format!("{} holds a {held} key, but a {} key is needed.", capitalized(&location.description()), wanted.name());
    let error = Error::new(ErrorCode::WrongEnvironment, message).with_hint(hint).with("environment", held);
    refused(location, format!("holds a {held} key"), error)
}

pub(super) fn refused(location: Location, reason: impl Into<String>, error: Error) -> Evaluated {
    let location = Location { outcome: Outcome::Refused, reason: Some(reason.into()), ..location };
    let error = with_location(error, &location);
    Evaluated { location, content: Content::Invalid(error) }
}

/// Adds the location to the context of an error.
pub(crate) fn with_location(mut error: Error, location: &Location) -> Error {
    error = error.with("origin", location.origin.name());
    if let Some(variable) = location.variable {
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

/// The description of a location, capitalized for the start of a sentence.
fn capitalized(text: &str) -> String {
    match text.strip_prefix("the ") {
        Some(rest) => format!("The {rest}"),
        None => text.to_owned(),
    }
}
