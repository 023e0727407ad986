//! Hints for the users of a program that has its own login command. They cannot change how the program calls this library,
//! so these hints name none of its functions and options.

use super::render::{in_backticks, lacking};
use super::{Caller, Hint, Language};

impl Caller {
    /// The login command, if hints are for the users of the host program. The `atmn` command's own hints name its options.
    pub(super) fn users_command(&self) -> Option<&str> {
        self.login_command.as_deref().filter(|_| self.language != Language::Command)
    }
}

impl Hint {
    /// The hint as one or more sentences, if it would otherwise name a function or an option. Hints about a wrong call are for
    /// developers, and stay.
    pub(super) fn for_users(&self, command: &str) -> Option<String> {
        Some(match self {
            Self::PassListener => format!("Run `{command}` in a terminal."),
            Self::CheckOrganization => {
                "Check the organization of the new key before you repeat the request.".to_owned()
            }
            Self::ChooseOrganization { expected } => format!(
                "For keys of {expected}, run `{command}` and choose that organization in the browser. {}",
                if_the_program_can("replace keys that still work")
            ),
            Self::SaveKey => "To log in, paste the URL that the browser shows.".to_owned(),
            Self::ExplainKey => {
                "To see which key is used, look for `AUTUMN_SECRET_KEY` and `AUTUMN_PROD_SECRET_KEY` in \
                                 the environment and in the `.env` files of this directory and its parents."
                    .to_owned()
            }
            Self::CreateKey { scopes, dashboard } => {
                let create = lacking(scopes.as_deref(), dashboard.as_deref());
                format!("{create} and use it instead of this one.")
            }
            Self::LogInForScopes { scopes } => {
                let (lacks, option) = (in_backticks(scopes), if_the_program_can("replace a key that still works"));
                format!("This key lacks {lacks}, which a login can grant: run `{command}`. {option}")
            }
            Self::PassOption { purpose, .. } => if_the_program_can(purpose),
            Self::IncreaseLimit { .. } => "The program sets this limit.".to_owned(),
            Self::IncreaseOption { .. } => "The program sets this time limit.".to_owned(),
            _ => return None,
        })
    }
}

fn if_the_program_can(purpose: &str) -> String {
    format!("To {purpose}, use the program's option for that, if it has one.")
}
