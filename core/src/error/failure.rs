//! An error: its code, and the message, hint, context and cause for its reader.

use std::collections::BTreeMap;
use std::fmt;
use std::io;
use std::sync::Arc;

use super::system_code::CLOSE_DESCRIPTORS;
use super::{ErrorCode, lack_hint, lacks_descriptors, system_code};
use crate::hint::{Caller, Hint};
use crate::response::ApiResponse;

/// An error. No field ever contains a secret.
#[derive(Clone, Debug)]
pub struct Error {
    /// The stable code.
    pub code: ErrorCode,
    /// What happened, in one sentence.
    pub message: String,
    /// What to do.
    pub hint: Option<Box<Hint>>,
    /// Names and values of the error: `path`, `line`, `variable`, `option`, `url`, `system_code`, …
    pub context: BTreeMap<&'static str, String>,
    /// The error that caused this one.
    pub cause: Option<Arc<dyn std::error::Error + Send + Sync>>,
    /// The whole response, if the server answered with a status that is not 2xx. Where it repeats a key, the key is masked. A
    /// failed exchange of a login has its response too, of any status, without code and tokens.
    pub response: Option<Arc<ApiResponse>>,
}

impl Error {
    /// An error with a message. The `with_…` functions add the rest.
    #[must_use]
    pub fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), hint: None, context: BTreeMap::new(), cause: None, response: None }
    }

    /// An invalid argument or option.
    #[must_use]
    pub fn invalid(option: &str, message: impl Into<String>) -> Self {
        Self::new(ErrorCode::InvalidArgument, message).with("option", option)
    }

    /// A panic in libatmn, with its source location. The panic message is left out, since it could contain a key.
    #[must_use]
    pub fn defect(location: Option<String>) -> Self {
        let at = location.as_ref().map(|location| format!(" at {location}")).unwrap_or_default();
        let version = env!("CARGO_PKG_VERSION");
        Self::new(ErrorCode::Panic, format!("Internal error in libatmn {version}{at}."))
            .with_hint(Hint::ReportBug)
            .with_option("location", location)
    }

    /// A limit of zero, with which no call could succeed.
    pub(crate) fn zero(option: &'static str) -> Self {
        Self::out_of_range(option, "greater than zero")
    }

    /// A number that an option does not take. `range` says which numbers it takes, and completes "must be …"; it depends on
    /// the types and the units of the caller's language.
    #[doc(hidden)]
    #[must_use]
    pub fn out_of_range(option: &'static str, range: impl fmt::Display) -> Self {
        Self::invalid(option, format!("`{option}` must be {range}.")).with_hint(Hint::OmitOption { option })
    }

    /// Sets the system's error as the cause, with its code. If the process lacks descriptors, threads or memory, only that is
    /// the hint; a lack of descriptors says nothing about a file or a server, so the error is a `system_limit` then.
    pub(crate) fn with_system_cause(mut self, error: io::Error) -> Self {
        if lacks_descriptors(&error) {
            self.code = ErrorCode::SystemLimit;
        }
        if let Some(hint) = lack_hint(&error) {
            self = self.with_hint(hint);
        }
        self.with_cause(error)
    }

    /// The system did not give this process a thread, a descriptor or a socket. Says so in the system's words.
    #[doc(hidden)]
    #[must_use]
    pub fn system_limit(what: impl fmt::Display, error: io::Error) -> Self {
        Self::new(ErrorCode::SystemLimit, format!("{what}: {error}."))
            .with_hint(lack_hint(&error).unwrap_or(CLOSE_DESCRIPTORS))
            .with_system_cause(error)
    }

    /// Sets the hint.
    #[must_use]
    pub fn with_hint(mut self, hint: impl Into<Hint>) -> Self {
        self.hint = Some(Box::new(hint.into()));
        self
    }

    /// Adds a hint after the present one.
    #[must_use]
    pub fn and_hint(mut self, next: impl Into<Hint>) -> Self {
        let hint = match self.hint.take() {
            Some(first) => first.and(next),
            None => next.into(),
        };
        self.hint = Some(Box::new(hint));
        self
    }

    /// The error with the names of the caller's language: for the option in message and context, and in the hint.
    #[must_use]
    pub fn for_caller(mut self, caller: &Caller) -> Self {
        if let Some(option) = self.context.get_mut("option") {
            let name = caller.language.option(option).to_owned();
            self.message = self.message.replace(&format!("`{option}`"), &format!("`{name}`"));
            *option = name;
        }
        self.hint = self.hint.map(|hint| Box::new(Hint::Text(hint.render(caller))));
        self
    }

    /// Adds a value to the context.
    #[must_use]
    pub fn with(mut self, name: &'static str, text: impl Into<String>) -> Self {
        self.context.insert(name, text.into());
        self
    }

    /// Adds a value to the context, if there is one.
    #[must_use]
    pub fn with_option(self, name: &'static str, text: Option<impl Into<String>>) -> Self {
        match text {
            Some(text) => self.with(name, text),
            None => self,
        }
    }

    /// The pause that the server asks for with `Retry-After`.
    ///
    /// ```
    /// use std::time::Duration;
    /// let error = libatmn::Error::new(libatmn::ErrorCode::ApiError, "Busy.").with("retry_after", "60");
    /// assert_eq!(error.retry_after(), Some(Duration::from_secs(60)));
    /// ```
    #[must_use]
    pub fn retry_after(&self) -> Option<std::time::Duration> {
        let seconds = self.context.get("retry_after")?.parse().ok()?;
        Some(std::time::Duration::from_secs(seconds))
    }

    /// Sets the cause. If it is an error of the system, the context has its code.
    #[must_use]
    pub fn with_cause(mut self, cause: impl std::error::Error + Send + Sync + 'static) -> Self {
        let error: &dyn std::error::Error = &cause;
        let code = error.downcast_ref::<io::Error>().and_then(system_code);
        self.cause = Some(Arc::new(cause));
        self.with_option("system_code", code)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.message)
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match &self.cause {
            Some(cause) => Some(&**cause),
            None => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::error::Error as _;

    use super::*;

    #[test]
    #[cfg(unix)]
    fn lack_of_descriptors_is_a_limit_of_the_system() {
        use rustix::io::Errno;
        let error = |errno: Errno| Error::new(ErrorCode::FileUnreadable, "It failed.").with_system_cause(errno.into());
        assert_eq!(error(Errno::MFILE).code, ErrorCode::SystemLimit);
        assert_eq!(error(Errno::NFILE).code, ErrorCode::SystemLimit);
        assert_eq!(error(Errno::ACCESS).code, ErrorCode::FileUnreadable);
    }

    #[test]
    fn cause_of_the_system_gives_its_code() {
        let error =
            |kind: io::ErrorKind| Error::new(ErrorCode::FileUnwritable, "It failed.").with_cause(io::Error::from(kind));
        for (kind, code) in [
            (io::ErrorKind::NotFound, "ENOENT"),
            (io::ErrorKind::StorageFull, "ENOSPC"),
            (io::ErrorKind::ReadOnlyFilesystem, "EROFS"),
        ] {
            assert_eq!(error(kind).context["system_code"], code);
        }
        let other = Error::new(ErrorCode::FileUnwritable, "It failed.").with_cause(fmt::Error);
        assert!(!other.context.contains_key("system_code"));
    }

    #[test]
    fn source_is_the_cause() {
        let error = Error::new(ErrorCode::FileUnreadable, "It failed.").with_cause(fmt::Error);
        assert_eq!(error.source().unwrap().to_string(), fmt::Error.to_string());
        assert_eq!(error.to_string(), "It failed.");
    }
}
