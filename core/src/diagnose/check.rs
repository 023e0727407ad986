//! The result of one check.

use crate::error::Error;
use crate::hint::{Caller, Hint};

enumeration! {
    /// The result of a check.
    pub enum CheckOutcome {
        /// Nothing is wrong.
        Ok => "ok",
        /// A login or a call works, or works in part; the user may want to change something.
        Warning => "warning",
        /// A login or a call fails until the user changes something.
        Failed => "failed",
    }
}

enumeration! {
    /// What a check is about.
    pub enum CheckSubject {
        /// The version of libatmn.
        Version => "version",
        /// Programs called `atmn` on `PATH`.
        Programs => "programs",
        /// The callback ports of a login.
        Ports => "ports",
        /// The program that opens the login URL.
        Browser => "browser",
        /// The directory of the project.
        Directory => "directory",
        /// Whether git would commit a key.
        Git => "git",
        /// A file that has keys, and its rights. Failures here and in `git` are warnings if the environment provides a key.
        File => "file",
        /// The sandbox key, what hides it, and whether the server accepts it.
        SandboxKey => "sandbox_key",
        /// The live key, what hides it, and whether the server accepts it.
        LiveKey => "live_key",
        /// What a key may do, as far as the server has said so.
        Scopes => "scopes",
        /// The variables that name a proxy, and the proxy itself.
        Proxy => "proxy",
        /// The root certificates.
        Certificates => "certificates",
        /// The server, and whether it can be reached.
        Server => "server",
        /// The clock of this machine, compared with that of the server.
        Clock => "clock",
    }
}

/// One check of a [`Diagnosis`](crate::Diagnosis).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    /// What it is about.
    pub subject: CheckSubject,
    /// Its result.
    pub outcome: CheckOutcome,
    /// What was found, as a sentence. Keys in it are masked.
    pub message: String,
    /// What the user can do; `None` if nothing is wrong, or if the message says it.
    pub hint: Option<Hint>,
}

impl Check {
    pub(super) fn ok(subject: CheckSubject, message: impl Into<String>) -> Self {
        Self { subject, outcome: CheckOutcome::Ok, message: message.into(), hint: None }
    }

    pub(super) fn warning(subject: CheckSubject, message: impl Into<String>, hint: impl Into<Hint>) -> Self {
        Self { subject, outcome: CheckOutcome::Warning, message: message.into(), hint: Some(hint.into()) }
    }

    pub(super) fn failed(subject: CheckSubject, message: impl Into<String>, hint: impl Into<Hint>) -> Self {
        Self { subject, outcome: CheckOutcome::Failed, message: message.into(), hint: Some(hint.into()) }
    }

    /// An error, with its hint.
    pub(super) fn of_error(subject: CheckSubject, outcome: CheckOutcome, error: Error) -> Self {
        Self { subject, outcome, message: error.message, hint: error.hint.map(|hint| *hint) }
    }

    /// The check with its hint in the caller's language.
    #[must_use]
    pub fn for_caller(self, caller: &Caller) -> Self {
        Self { hint: self.hint.map(|hint| Hint::Text(hint.render(caller))), ..self }
    }
}
