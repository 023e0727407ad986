//! The arguments of `atmn run`.

use std::ffi::OsString;

use clap::Args;

/// Run a program with the active key in its environment
///
/// The program gets the key as AUTUMN_SECRET_KEY, with `--prod` the live key, as in a deployment. Nothing else in its
/// environment changes. The key is in no argument and no output. Without a key, the program does not start. The exit code
/// is that of the program; 127 if it does not exist, 126 if it cannot be run.
#[derive(Args, Debug)]
pub(crate) struct RunArguments {
    /// The program and its arguments; write `--` before it
    #[arg(required = true, num_args = 1.., trailing_var_arg = true, value_name = "COMMAND")]
    pub(crate) command: Vec<OsString>,
}
