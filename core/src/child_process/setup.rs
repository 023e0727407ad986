//! What a language adds to each child process.

use std::process::Command;
use std::sync::OnceLock;

static SETUP: OnceLock<fn(&mut Command)> = OnceLock::new();

/// Sets the function that receives every command before it starts, and then lets the child restore the signal mask of the
/// program. The C library blocks a signal during calls, and children must not inherit that. The first function stays.
pub fn set_child_setup(setup: fn(&mut Command)) {
    let _ = SETUP.set(setup);
}

/// Passes a command to the function of the language; `false` if there is none.
pub(super) fn set_up_child(command: &mut Command) -> bool {
    let setup = SETUP.get();
    if let Some(setup) = setup {
        setup(command);
    }
    setup.is_some()
}
