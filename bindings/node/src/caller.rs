//! Who reads messages and hints: a Node program, which may have its own login command.

use std::sync::{PoisonError, RwLock};

use libatmn::__internal::text::check_login_command;
use libatmn::{Caller, Language, Result};

/// Shared by all environments of the process, as the program that sets it is one.
static LOGIN_COMMAND: RwLock<Option<String>> = RwLock::new(None);

/// Sets or, without a command, resets what hints tell users to run in order to log in.
///
/// # Errors
/// `invalid_argument`
pub(crate) fn set_login_command(command: Option<String>) -> Result<()> {
    command.as_deref().map_or(Ok(()), check_login_command)?;
    *LOGIN_COMMAND.write().unwrap_or_else(PoisonError::into_inner) = command;
    Ok(())
}

/// The caller of every operation.
pub(crate) fn caller() -> Caller {
    let login_command = LOGIN_COMMAND.read().unwrap_or_else(PoisonError::into_inner).clone();
    Caller { language: Language::Node, login_command }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn caller_has_the_login_command_until_it_is_reset() {
        set_login_command(Some("shop login".into())).unwrap();
        assert_eq!(caller().login_command.as_deref(), Some("shop login"));
        assert_eq!(set_login_command(Some("shop\nlogin".into())).unwrap_err().code.name(), "invalid_argument");
        assert_eq!(caller().login_command.as_deref(), Some("shop login"));
        set_login_command(None).unwrap();
        assert_eq!(caller(), Caller::new(Language::Node));
    }
}
