//! What a place holds: a key, nothing, or something else.

use crate::config::SECRET_VARIABLE;
use crate::error::{Error, ErrorCode};
use crate::key::{ApiKey, Environment, Kind};
use crate::places::{Origin, Outcome, Place};
use crate::secret::Secret;

const NOT_A_KEY: &str = "is not an Autumn API key";

/// One variable in one place.
pub(super) struct Found {
    pub(super) place: Place,
    pub(super) verdict: Verdict,
}

pub(super) enum Verdict {
    /// Absent, empty, skipped, or not meant.
    Nothing,
    Key(ApiKey),
    Wrong(Error),
}

impl Found {
    pub(super) fn nothing(place: Place) -> Self {
        Self { place, verdict: Verdict::Nothing }
    }

    pub(super) fn skipped(place: Place, reason: impl Into<String>) -> Self {
        Self::nothing(Place { outcome: Outcome::Skipped, reason: Some(reason.into()), ..place })
    }
}

/// Whether `AUTUMN_SECRET_KEY` is looked at for the live key that deployments keep there, and for nothing else.
fn only_if_live(place: &Place, wanted: Option<Environment>) -> bool {
    wanted == Some(Environment::Live) && place.variable == Some(SECRET_VARIABLE)
}

pub(super) fn judge_text(place: Place, text: &Secret, wanted: Option<Environment>) -> Found {
    if text.reveal().is_empty() {
        return Found::nothing(Place { outcome: Outcome::Empty, ..place });
    }
    let Ok(key) = ApiKey::parse(text.reveal()) else {
        return judge_unusable(place, NOT_A_KEY, wanted);
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

pub(super) fn judge_unusable(place: Place, reason: &str, wanted: Option<Environment>) -> Found {
    if only_if_live(&place, wanted) {
        return Found::skipped(place, "holds no live key");
    }
    let message = format!("{} is not an Autumn API key.", capitalized(&place.location()));
    let hint = match place.origin {
        _ if reason == NOT_A_KEY => "Run `atmn login`, or copy the whole key from the dashboard.".to_owned(),
        Origin::EnvFile => format!("It {reason}. Write NAME=am_sk_… on a line of its own, or run `atmn login`."),
        Origin::Argument | Origin::Process | Origin::SecretFile => {
            format!("It {reason}. Copy the whole key from the dashboard.")
        }
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

pub(super) fn refused(place: Place, reason: impl Into<String>, error: Error) -> Found {
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

/// A location at the beginning of a sentence.
fn capitalized(text: &str) -> String {
    match text.strip_prefix("the ") {
        Some(rest) => format!("The {rest}"),
        None => text.to_owned(),
    }
}
