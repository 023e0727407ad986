//! The sentences of hints.

use super::names::{BEGIN_LOGIN, EXPLAIN_KEY, LISTENER, LOGIN, REVEAL, SAVE_KEYS, WHOAMI, capitalized};
use super::{Caller, Hint, Language};

impl Caller {
    /// How to log in, as an instruction within a sentence.
    fn log_in(&self) -> String {
        self.own_command().unwrap_or_else(|| LOGIN.instruction(self))
    }

    /// How to begin a login in two steps.
    fn begin_login(&self) -> String {
        self.own_command().unwrap_or_else(|| BEGIN_LOGIN.instruction(self))
    }

    fn own_command(&self) -> Option<String> {
        self.login_command.as_ref().map(|command| format!("run `{command}`"))
    }
}

impl Hint {
    /// The hint in the caller's language, as one or more sentences.
    #[must_use]
    pub fn render(&self, caller: &Caller) -> String {
        match self {
            Self::Text(text) => text.clone(),
            Self::All(hints) => hints.iter().map(|hint| hint.render(caller)).collect::<Vec<_>>().join(" "),
            _ => {
                let for_users = caller.users_command().and_then(|command| self.for_users(command));
                let about_logins = || self.about_logins(caller);
                let about_keys = || self.about_keys(caller);
                let about_options = || self.about_options(caller.language);
                let sentence = for_users.or_else(about_logins).or_else(about_keys).or_else(about_options);
                sentence.or_else(|| self.about_the_system()).unwrap_or_default()
            }
        }
    }

    fn about_logins(&self, caller: &Caller) -> Option<String> {
        let log_in = caller.log_in();
        Some(match self {
            Self::LogIn => format!("{} to create keys and save them in .env.", capitalized(&log_in)),
            Self::ProvideKey { key } => format!(
                "In an automated environment, no user can log in: set `AUTUMN_SECRET_KEY` to {key}, or \
                 `AUTUMN_SECRET_KEY_FILE` to the path of a file that has it."
            ),
            Self::LogInAgain => format!("To try again, {log_in}."),
            Self::LogInThere { directory } => format!("{} in {directory}, then try again.", capitalized(&log_in)),
            Self::LogInInOneStep => format!("To use a one-step login, {log_in}."),
            Self::BeginLogin => {
                let begin = caller.begin_login();
                format!("A login can be completed once, within ten minutes. To begin again, {begin}.")
            }
            Self::FreePort { reserved } => free_port(*reserved, caller),
            Self::ChooseOrganization { expected } => choose_organization(expected, caller),
            Self::CheckOrganization => {
                let (check, option) = (WHOAMI.instruction(caller), caller.language.option("organization"));
                format!(
                    "To see the organization of the new key, {check}. Then repeat the request, and set `{option}` to \
                     have the organization checked."
                )
            }
            Self::PassListener => pass_listener(caller),
            _ => return None,
        })
    }

    fn about_keys(&self, caller: &Caller) -> Option<String> {
        let log_in = caller.log_in();
        Some(match self {
            Self::ReplaceKey { server: None } => {
                format!("The key may have been revoked. To create new keys, {log_in}.")
            }
            Self::ReplaceKey { server: Some(server) } => format!(
                "The key may have been revoked, or it may belong to a server other than {server}. To create new keys, \
                 {log_in}."
            ),
            Self::ReplaceKeyAtSource { location, variable } => format!(
                "A login does not replace this key, which comes from {location}. Change it there, or unset `{variable}` \
                 and {log_in}."
            ),
            Self::PassAnotherKey => {
                "A login does not replace this key, which comes from the calling program. Pass another key.".to_owned()
            }
            _ => return self.about_texts_of_keys(caller),
        })
    }

    fn about_texts_of_keys(&self, caller: &Caller) -> Option<String> {
        let log_in = caller.log_in();
        Some(match self {
            Self::UseSecretKey => {
                format!("Use a secret key (`am_sk_…`): {log_in}, or copy one from the dashboard.")
            }
            Self::CopyKey => {
                format!("{}, or copy the whole key from the dashboard.", capitalized(&log_in))
            }
            Self::WriteKey { variable } => {
                format!("Write `{variable}=am_sk_…` on a separate line, without a reference or quotes, or {log_in}.")
            }
            Self::SaveKey => {
                let save = SAVE_KEYS.instruction(caller);
                format!("To save a key, {save}. To log in, paste the URL that the browser shows.")
            }
            Self::RevealKey => {
                format!("This looks like a masked key. Pass the text from `{}`.", REVEAL.of(caller.language))
            }
            Self::ExplainKey => format!("To see which key is used, {}.", EXPLAIN_KEY.instruction(caller)),
            Self::CreateKey { scopes, dashboard } => create_key(scopes.as_deref(), dashboard.as_deref(), caller),
            Self::LogInForScopes { scopes } => log_in_for_scopes(scopes, caller),
            Self::DeleteKeys { dashboard } => {
                let at = place(dashboard.as_deref());
                format!("New keys may exist that were not saved. Delete those that you do not need {at}.")
            }
            _ => return None,
        })
    }

    fn about_options(&self, language: Language) -> Option<String> {
        Some(match self {
            Self::PassOption { option, value, purpose } => {
                format!("To {purpose}, {}.", language.setting(option, value))
            }
            Self::OmitOption { option } => format!("Omit `{}` to use the default.", language.option(option)),
            Self::IncreaseOption { option } => format!("To allow more time, increase `{}`.", language.option(option)),
            Self::IncreaseLimit { option } => match language {
                // The command has no option for it.
                Language::Command => "Request less at once, such as fewer items with `--query limit=10`.".to_owned(),
                _ => {
                    let option = language.option(option);
                    format!("To receive larger responses, increase `{option}` of the client, or request less at once.")
                }
            },
            Self::RemoveHeader { name } => match language {
                Language::Command => format!("Remove `-H '{name}: …'`."),
                _ => format!("Remove `{name}` from the headers; the key and the server are options of the client."),
            },
            Self::StartPathWithSlash => match language {
                Language::Command => "Start the path with `/`, such as `/v1/customers`.".to_owned(),
                _ => "Start the path with `/`, such as `/v1/customers`; the server is an option of the client."
                    .to_owned(),
            },
            Self::WaitElsewhere => match language {
                Language::Rust => "In async code, call the async function of the same name.".to_owned(),
                _ => "Make the call after the callback has returned, or on another thread.".to_owned(),
            },
            _ => return None,
        })
    }

    fn about_the_system(&self) -> Option<String> {
        Some(match self {
            Self::SetVariable { variable, value } => format!("Set `{variable}` to {value}, or unset it."),
            Self::UnsetVariable { variable } => format!("The value comes from `{variable}`; correct or unset it."),
            Self::TrustCertificate { variable } => format!(
                "If your network inspects TLS, save its root certificate in PEM format and set `{variable}` to the \
                 file's path."
            ),
            Self::MakeTrusted => {
                "Take ownership of the file, or remove other accounts' write access to the file and its directory."
                    .to_owned()
            }
            Self::CheckNetwork => {
                "Check the network connection. Behind a firewall, you may need to set `HTTPS_PROXY`.".to_owned()
            }
            Self::CheckUrl => {
                "Check the URL: another program, a proxy or a sign-in page may be answering there.".to_owned()
            }
            Self::CheckClock => "Check this machine's clock.".to_owned(),
            Self::RetryIfSafe => "The request may have arrived. Check the network connection and try again.".to_owned(),
            Self::RetryLater => "The server failed. Try again later.".to_owned(),
            Self::ContactOperator => "Contact the server's operator.".to_owned(),
            Self::ReportBug => "Please report this bug and quote this message.".to_owned(),
            _ => return None,
        })
    }
}

fn free_port(reserved: bool, caller: &Caller) -> String {
    let free = if reserved {
        "See `netsh interface ipv4 show excludedportrange protocol=tcp` for ranges that Windows reserves"
    } else {
        "End the login or program that uses one of them"
    };
    match &caller.login_command {
        Some(command) => format!("{free}, then run `{command}` again."),
        // A login in two steps names one of these ports, too. A key from the dashboard needs none.
        None => format!("{free}. Or copy a key from the dashboard and {}.", SAVE_KEYS.instruction(caller)),
    }
}

/// A login keeps keys that still work, so it is forced.
fn choose_organization(expected: &str, caller: &Caller) -> String {
    let log_in = caller.log_in();
    match (caller.language, &caller.login_command) {
        (Language::Command, None) => {
            format!("For keys of {expected}, run `atmn login --force` and choose that organization in the browser.")
        }
        (language, _) => format!(
            "For keys of {expected}, {log_in} and choose that organization in the browser. Keys that still work are \
             kept unless you {}.",
            language.setting("force", "true")
        ),
    }
}

pub(super) fn in_backticks(scopes: &str) -> String {
    scopes.split(' ').map(|scope| format!("`{scope}`")).collect::<Vec<_>>().join(" and ")
}

/// A login keeps keys that still work, so it is forced.
fn log_in_for_scopes(scopes: &str, caller: &Caller) -> String {
    let (lacks, log_in) = (in_backticks(scopes), caller.log_in());
    let (force, option) = (caller.language.setting("force", "true"), caller.language.option("scopes"));
    format!(
        "This key lacks {lacks}, which a login without `{option}` grants: {log_in}. Keys that still work are kept \
         unless you {force}."
    )
}

fn create_key(scopes: Option<&str>, dashboard: Option<&str>, caller: &Caller) -> String {
    format!("{} and {}.", lacking(scopes, dashboard), SAVE_KEYS.instruction(caller))
}

/// What a key lacks, and where to create one that has it, without the end of the sentence.
pub(super) fn lacking(scopes: Option<&str>, dashboard: Option<&str>) -> String {
    let (reason, with) = match scopes.map(in_backticks) {
        None => ("this key lacks scopes".to_owned(), "the scopes that the request needs".to_owned()),
        Some(names) => (format!("this key lacks {names}"), names),
    };
    let at = place(dashboard);
    format!("Logging in again will not help: {reason}. Create a key with {with} {at}")
}

/// Where keys are created and deleted. Servers without a known dashboard may have none.
fn place(dashboard: Option<&str>) -> String {
    dashboard.map_or_else(|| "on the server".to_owned(), |url| format!("in the dashboard ({url})"))
}

fn pass_listener(caller: &Caller) -> String {
    let option = LISTENER.of(caller.language);
    let command = caller.login_command.clone().or_else(|| LOGIN.command_line(caller.language));
    match (caller.language, command) {
        (Language::Command, Some(command)) => format!("Run `{command}` in a terminal."),
        (_, Some(command)) => format!("Pass `{option}` to show the login URL, or run `{command}` in a terminal."),
        (_, None) => format!("Pass `{option}` to show the login URL."),
    }
}
