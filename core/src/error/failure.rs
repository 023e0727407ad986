//! A failure: its code, with all that helps whoever reads it.

use std::collections::BTreeMap;
use std::error::Error as StdError;
use std::fmt;
use std::sync::Arc;

use super::ErrorCode;
use crate::hint::{Caller, Hint};

/// A failure: what happened, what to do, and what it is about. No field ever holds a secret.
#[derive(Clone, Debug)]
pub struct Error {
    /// What kind of failure this is.
    pub code: ErrorCode,
    /// One sentence on what happened.
    pub message: String,
    /// What to do about it.
    pub hint: Option<Hint>,
    /// What it is about: `path`, `line`, `variable`, `option`, `url`, …
    pub context: BTreeMap<&'static str, String>,
    /// The reason behind it.
    pub cause: Option<Arc<dyn StdError + Send + Sync>>,
}

impl Error {
    /// A failure with its sentence; the rest is added by the `with_…` functions.
    #[must_use]
    pub fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), hint: None, context: BTreeMap::new(), cause: None }
    }

    /// An argument or option that cannot be used.
    #[must_use]
    pub fn invalid(option: &str, message: impl Into<String>) -> Self {
        Self::new(ErrorCode::InvalidArgument, message).with("option", option)
    }

    /// A panic of ours that was catch_panic, at a place in our code. What it says is left out: it could hold a key.
    #[must_use]
    pub fn defect(location: Option<String>) -> Self {
        let at = location.as_ref().map(|location| format!(" at {location}")).unwrap_or_default();
        let version = env!("CARGO_PKG_VERSION");
        Self::new(ErrorCode::Panic, format!("Internal error in libatmn {version}{at}."))
            .with_hint(Hint::ReportBug)
            .with_option("place", location)
    }

    /// A limit of zero, with which no call could succeed.
    pub(crate) fn zero(option: &'static str) -> Self {
        Self::out_of_range(option, "must be greater than zero")
    }

    /// A number that is not a duration: below zero, or too large. Only the numbers of other languages can be; a
    /// [`Duration`](std::time::Duration) cannot.
    #[doc(hidden)]
    #[must_use]
    pub fn no_time(option: &'static str) -> Self {
        Self::out_of_range(option, "is out of range")
    }

    /// A number that is not a size in bytes.
    #[doc(hidden)]
    #[must_use]
    pub fn no_size(option: &'static str) -> Self {
        Self::out_of_range(option, "is out of range")
    }

    fn out_of_range(option: &'static str, what: &str) -> Self {
        Self::invalid(option, format!("`{option}` {what}.")).with_hint(Hint::OmitOption { option })
    }

    /// Says what to do.
    #[must_use]
    pub fn with_hint(mut self, hint: impl Into<Hint>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Adds another hint, to be read after the one that is there.
    #[must_use]
    pub fn and_hint(mut self, next: impl Into<Hint>) -> Self {
        self.hint = Some(match self.hint.take() {
            Some(first) => first.and(next),
            None => next.into(),
        });
        self
    }

    /// The error as this caller reads it: the message, the context `option` and the hint name options, functions and
    /// commands of the caller's language.
    #[must_use]
    pub fn for_caller(mut self, caller: &Caller) -> Self {
        if let Some(option) = self.context.get_mut("option") {
            let name = caller.language.option(option).to_owned();
            self.message = self.message.replace(&format!("`{option}`"), &format!("`{name}`"));
            *option = name;
        }
        self.hint = self.hint.map(|hint| Hint::Text(hint.render(caller)));
        self
    }

    /// Adds what it is about.
    #[must_use]
    pub fn with(mut self, name: &'static str, text: impl Into<String>) -> Self {
        self.context.insert(name, text.into());
        self
    }

    /// Adds what it is about, where that is known.
    #[must_use]
    pub fn with_option(self, name: &'static str, text: Option<impl Into<String>>) -> Self {
        match text {
            Some(text) => self.with(name, text),
            None => self,
        }
    }

    /// Adds the reason behind it.
    #[must_use]
    pub fn with_cause(mut self, cause: impl StdError + Send + Sync + 'static) -> Self {
        self.cause = Some(Arc::new(cause));
        self
    }
}

impl fmt::Display for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.message)
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        match &self.cause {
            Some(cause) => Some(&**cause),
            None => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cause_is_the_source() {
        let error = Error::new(ErrorCode::FileUnreadable, "It failed.").with_cause(fmt::Error);
        assert_eq!(error.source().unwrap().to_string(), fmt::Error.to_string());
        assert_eq!(error.to_string(), "It failed.");
    }
}
