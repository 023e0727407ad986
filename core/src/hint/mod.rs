//! Hints: what to do about an error, as data. Each language names its own commands, functions and options.

mod for_users;
mod names;
mod render;
#[cfg(test)]
mod tests;

use std::fmt;

pub use names::Language;

/// The reader of an error: the language, and the login command of the host program if it has one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    /// The language in which commands, functions and options are named.
    pub language: Language,
    /// The command with which users of the host program log in, such as `shop login`. If it is set, hints are for these users:
    /// they name it, and no function or option of this library. Only hints about a wrong call do.
    pub login_command: Option<String>,
}

impl Caller {
    /// A caller in this language without a login command.
    #[must_use]
    pub const fn new(language: Language) -> Self {
        Self { language, login_command: None }
    }
}

named_variants! {
    /// What to do about an error. `tests/vectors/hints.json` lists every hint as each language reads it.
    #[derive(Clone, Debug, PartialEq, Eq)]
    #[non_exhaustive]
    pub enum Hint {
        /// Advice that is the same in every language.
        Text(String) => "text",
        /// Several hints, to be read in this order.
        All(Vec<Hint>) => "all",

        /// Log in: there is no key yet.
        LogIn => "log_in",
        /// Set the variable of the key, or name a file that has it: in automation, no user can log in.
        ProvideKey {
            /// The key; completes "to …".
            key: &'static str,
        } => "provide_key",
        /// Log in again: the last login failed.
        LogInAgain => "log_in_again",
        /// Run the login in the directory of the rejected key.
        LogInThere {
            /// The directory.
            directory: String,
        } => "log_in_there",
        /// Run the login in one step, where a login in two steps is impossible.
        LogInInOneStep => "log_in_in_one_step",
        /// Begin a login in two steps again.
        BeginLogin => "begin_login",
        /// Make one of the callback ports available, or log in without one.
        FreePort {
            /// Windows may have reserved the ports.
            reserved: bool,
        } => "free_port",
        /// Log in, and choose the organization that was expected. Saved keys that work must not be kept.
        ChooseOrganization {
            /// The expected organization; completes "keys of …".
            expected: String,
        } => "choose_organization",
        /// Check the organization of a new key before a request is repeated.
        CheckOrganization => "check_organization",
        /// Pass a listener, so that the user sees the login URL.
        PassListener => "pass_listener",

        /// Log in for new keys: the server rejected this one.
        ReplaceKey {
            /// A server that is not Autumn's own: the key may belong to another one.
            server: Option<String>,
        } => "replace_key",
        /// Replace a rejected key where the caller's process got it.
        ReplaceKeyAtSource {
            /// Where the key was found.
            location: String,
            /// The environment variable to change or unset.
            variable: String,
        } => "replace_key_at_source",
        /// Pass another key instead of the rejected one.
        PassAnotherKey => "pass_another_key",
        /// Use a secret key instead of a publishable one.
        UseSecretKey => "use_secret_key",
        /// Copy the whole key from the dashboard.
        CopyKey => "copy_key",
        /// Write the key in a way that every reader of `.env` files understands.
        WriteKey {
            /// The variable that holds the text.
            variable: String,
        } => "write_key",
        /// Save a key instead of pasting it as the result of a login.
        SaveKey => "save_key",
        /// Pass the text of a key, not its masked form.
        RevealKey => "reveal_key",
        /// See where keys were looked for.
        ExplainKey => "explain_key",
        /// Create a key with further scopes in the dashboard, and save it: a login cannot have them.
        CreateKey {
            /// The scopes that the key lacks, separated by spaces, where they are known.
            scopes: Option<String>,
            /// The dashboard's URL, where it is known.
            dashboard: Option<String>,
        } => "create_key",
        /// Log in for a key with scopes that a login can have, and that this key lacks.
        LogInForScopes {
            /// The scopes that the key lacks, separated by spaces.
            scopes: String,
        } => "log_in_for_scopes",
        /// Delete keys that exist on the server and were not saved.
        DeleteKeys {
            /// The dashboard's URL, where it is known.
            dashboard: Option<String>,
        } => "delete_keys",

        /// Pass an option with a value.
        PassOption {
            /// The option's name in the core.
            option: &'static str,
            /// The name of the value.
            value: &'static str,
            /// The purpose; completes "to …".
            purpose: &'static str,
        } => "pass_option",
        /// Leave an option out.
        OmitOption {
            /// The option's name in the core.
            option: &'static str,
        } => "omit_option",
        /// Give a time limit a larger value.
        IncreaseOption {
            /// The option's name in the core.
            option: &'static str,
        } => "increase_option",
        /// Give a limit of size a larger value, or request less at once.
        IncreaseLimit {
            /// The option's name in the core.
            option: &'static str,
        } => "increase_limit",
        /// Leave a header out: atmn sets it.
        RemoveHeader {
            /// The header's name.
            name: String,
        } => "remove_header",
        /// Pass the path alone: it starts with one slash.
        StartPathWithSlash => "start_path_with_slash",
        /// Make a call that waits where waiting is possible.
        WaitElsewhere => "wait_elsewhere",

        /// Correct an environment variable, or unset it.
        SetVariable {
            /// The variable's name.
            variable: String,
            /// The valid values; completes "set it to …".
            value: String,
        } => "set_variable",
        /// Correct or unset the environment variable that a value comes from.
        UnsetVariable {
            /// The variable's name.
            variable: String,
        } => "unset_variable",
        /// Keep other accounts from changing a file.
        MakeTrusted => "make_trusted",

        /// Check the network connection, and perhaps set a proxy.
        CheckNetwork => "check_network",
        /// Check the server's URL: something else answers there.
        CheckUrl => "check_url",
        /// Check this machine's clock.
        CheckClock => "check_clock",
        /// Trust the root certificate of a network that inspects TLS.
        TrustCertificate {
            /// The variable that names further root certificates.
            variable: String,
        } => "trust_certificate",
        /// Try again; a request may have arrived.
        RetryIfSafe => "retry_if_safe",
        /// Try again later: the server failed.
        RetryLater => "retry_later",
        /// Contact the server's operator.
        ContactOperator => "contact_operator",
        /// Report a bug in libatmn.
        ReportBug => "report_bug",
    }
}

impl Hint {
    /// This hint, followed by another one.
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

    /// This hint without advice to pass an option, for a call that does not have it.
    pub(crate) fn without_option(self, name: &str) -> Option<Self> {
        match self {
            Self::PassOption { option, .. } if option == name => None,
            Self::All(hints) => {
                let left: Vec<Self> = hints.into_iter().filter_map(|hint| hint.without_option(name)).collect();
                (!left.is_empty()).then_some(Self::All(left))
            }
            other => Some(other),
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

/// The hint in the words of a Rust program.
impl fmt::Display for Hint {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.render(&Caller::new(Language::Rust)))
    }
}
