//! What to do about an error, as data: each language names its own commands, functions and options.

mod names;
mod render;
#[cfg(test)]
mod tests;

use std::fmt;

use strum::{IntoStaticStr, VariantNames};

pub use names::Language;

/// Who reads an error: the language, and the host program's own login command if it has one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    /// The language in which commands, functions and options are named.
    pub language: Language,
    /// The command with which users of the host program log in, such as `shop login`. If it is set, every hint names it.
    pub login_command: Option<String>,
}

impl Caller {
    /// A caller in this language that has no login command of its own.
    #[must_use]
    pub const fn new(language: Language) -> Self {
        Self { language, login_command: None }
    }
}

/// What to do about an error. `tests/vectors/hints.json` lists every hint as each language reads it.
#[derive(Clone, Debug, PartialEq, Eq, IntoStaticStr, VariantNames)]
#[strum(serialize_all = "snake_case")]
#[non_exhaustive]
pub enum Hint {
    /// Advice that is the same in every language.
    Text(String),
    /// Several hints, to be read in this order.
    All(Vec<Hint>),

    /// Log in: there is no key yet.
    LogIn,
    /// Log in again: the last login failed.
    LogInAgain,
    /// Log in in the directory of the rejected key.
    LogInThere {
        /// The directory.
        directory: String,
    },
    /// Log in in one step, where a login in two steps is impossible.
    LogInInOneStep,
    /// Begin a login in two steps again.
    BeginLogin,
    /// Make one of the callback ports available, or log in without one.
    FreePort {
        /// Windows may have reserved the ports.
        reserved: bool,
    },
    /// Log in, and choose the organization that was expected.
    ChooseOrganization,
    /// Pass a listener, so that the user sees the login URL.
    PassListener,

    /// Log in for new keys: the server rejected this one.
    ReplaceKey {
        /// A server that is not Autumn's own: the key may belong to another one.
        server: Option<String>,
    },
    /// Replace a rejected key where the caller's process got it.
    ReplaceKeyAtSource {
        /// Where the key was found.
        location: String,
        /// The environment variable to change or unset.
        variable: String,
    },
    /// Pass another key instead of the rejected one.
    PassAnotherKey,
    /// Use a secret key instead of a publishable one.
    UseSecretKey,
    /// Copy the whole key from the dashboard.
    CopyKey {
        /// Why the text is not a key; completes "the value …".
        reason: Option<String>,
    },
    /// Write the key in a way that every reader of `.env` files understands.
    WriteKey {
        /// The variable that holds the text.
        variable: String,
        /// Why the text is not a key; completes "the value …".
        reason: String,
    },
    /// Save a key that the user has, rather than logging in with it.
    SaveKey,
    /// Pass the text of a key, not its masked form.
    RevealKey,
    /// See where keys were looked for.
    ExplainKey,
    /// Delete keys that exist on the server and were not saved.
    DeleteKeys {
        /// The dashboard's URL, where it is known.
        dashboard: Option<String>,
    },

    /// Pass an option with a value.
    PassOption {
        /// The option's name in the core.
        option: &'static str,
        /// The name of the value.
        value: &'static str,
        /// What it is good for; completes "to …".
        purpose: &'static str,
    },
    /// Leave an option out.
    OmitOption {
        /// The option's name in the core.
        option: &'static str,
    },
    /// Give a time limit a larger value.
    IncreaseOption {
        /// The option's name in the core.
        option: &'static str,
    },
    /// Leave a header out: atmn sets it.
    RemoveHeader {
        /// The header's name.
        name: String,
    },

    /// Correct an environment variable, or unset it.
    SetVariable {
        /// The variable's name.
        variable: String,
        /// What it can be set to; completes "set it to …".
        value: String,
    },
    /// Correct or unset the environment variable that a value comes from.
    UnsetVariable {
        /// The variable's name.
        variable: String,
    },
    /// Keep other accounts from changing a file.
    MakeTrusted,
    /// Stop tracking a file that would hold a key.
    Untrack {
        /// The file's name.
        file: String,
    },

    /// Check the network connection, and perhaps set a proxy.
    CheckNetwork,
    /// Check the server's URL: something else answers there.
    CheckUrl,
    /// Check the clock of this machine.
    CheckClock,
    /// Trust the root certificate of a network that inspects TLS.
    TrustCertificate {
        /// The variable that names further root certificates.
        variable: String,
    },
    /// Try again; a request may have arrived.
    RetryIfSafe,
    /// Try again later: the server failed.
    RetryLater,
    /// Contact the server's operator.
    ContactOperator,
    /// Report a bug in libatmn.
    ReportBug,
}

impl Hint {
    /// The stable name of this kind of hint, such as `log_in`.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.into()
    }

    /// This hint, and then another one.
    #[must_use]
    pub fn and(self, next: impl Into<Self>) -> Self {
        match self {
            Self::All(mut hints) => {
                hints.push(next.into());
                Self::All(hints)
            }
            first => Self::All(vec![first, next.into()]),
        }
    }
}

impl From<String> for Hint {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<&str> for Hint {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

/// The hint as a Rust program names things.
impl fmt::Display for Hint {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.render(&Caller::new(Language::Rust)))
    }
}
