//! The caller for whom errors are worded: a C program, which may have its own login command.

use std::sync::{PoisonError, RwLock};

use libatmn::{Caller, Language};

/// Set once by the host program and read for every error, on any thread.
static LOGIN_COMMAND: RwLock<Option<String>> = RwLock::new(None);

/// Sets the command that hints name for logging in; `None` resets it.
pub(crate) fn set_login_command(command: Option<String>) {
    *LOGIN_COMMAND.write().unwrap_or_else(PoisonError::into_inner) = command;
}

/// The caller for whom errors are rendered.
pub(crate) fn caller() -> Caller {
    let login_command = LOGIN_COMMAND.read().unwrap_or_else(PoisonError::into_inner).clone();
    Caller { login_command, ..Caller::new(Language::C) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn login_command_is_set_and_reset() {
        assert_eq!(caller().login_command, None);
        set_login_command(Some("shop login".to_owned()));
        assert_eq!(caller().login_command.as_deref(), Some("shop login"));
        set_login_command(None);
        assert_eq!(caller().login_command, None);
    }
}
