//! The arguments of the commands that use no operation of their own: `run`, `open`, `doctor` and `completions`.

use std::ffi::OsString;

use clap::{Args, ValueEnum};
use clap_complete::Shell;

/// Run a program with the active key in its environment
///
/// The program gets the key as AUTUMN_SECRET_KEY, with `--prod` the live key, as in a deployment. Nothing else in its
/// environment changes. The key is in no argument and no output. Without a key, the program does not start. The exit code
/// is that of the program; 127 if it does not exist, 126 if it cannot be run.
#[derive(Args, Debug)]
pub(crate) struct RunArguments {
    /// The program and its arguments; write `--` before it
    #[arg(required = true, num_args = 1.., trailing_var_arg = true, value_name = "COMMAND")]
    #[arg(value_hint = clap::ValueHint::CommandWithArguments)]
    pub(crate) command: Vec<OsString>,
}

/// Open the dashboard or the documentation in the browser
///
/// Prints the URL on stdout, so that it can be used where no browser opens.
#[derive(Args, Debug)]
pub(crate) struct OpenArguments {
    /// The page to open
    #[arg(value_enum, default_value_t = DashboardPage::Dashboard)]
    pub(crate) page: DashboardPage,
    /// Print the URL and open no browser
    #[arg(long)]
    pub(crate) no_browser: bool,
}

/// A page of Autumn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum DashboardPage {
    /// The dashboard
    Dashboard,
    /// The API keys in the dashboard
    Keys,
    /// Plans and customers in the dashboard
    Billing,
    /// The documentation of Autumn
    Docs,
}

/// Check what a login and a call need on this machine
///
/// Checks the server, the proxy, certificates, the clock, the callback ports, the browser, git, the .env file and its
/// rights, which keys are active, and whether another program is called atmn. Each line is ok, a warning or a failure with
/// what to do. The exit code is 1 if a check failed.
#[derive(Args, Debug)]
pub(crate) struct DoctorArguments {
    /// Check no server
    #[arg(long)]
    pub(crate) offline: bool,
    /// Use other callback ports in a test: `FIRST-LAST`
    #[arg(long, hide = true, value_parser = super::ports)]
    pub(crate) ports: Option<std::ops::RangeInclusive<u16>>,
}

/// Print a script that completes commands and options in a shell
///
/// Bash: `source <(atmn completions bash)`. Zsh: save it as `_atmn` in a directory of `$fpath`. Fish: save it as
/// `~/.config/fish/completions/atmn.fish`. PowerShell: `atmn completions powershell | Out-String | Invoke-Expression`.
#[derive(Args, Debug)]
pub(crate) struct CompletionsArguments {
    /// The shell
    #[arg(value_enum)]
    pub(crate) shell: Shell,
}
