//! What can be typed.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use libatmn::{Environment, Result, Server};

/// Log in to Autumn, keep its API keys in .env, find them again.
///
/// Keys are looked for in the process environment, in the file named by AUTUMN_SECRET_KEY_FILE, and in .env.local and
/// .env of the directory and each of its parents. The nearest place that has the variable wins.
///
/// Exit codes: 0 done, 1 failed, 2 wrong use, 4 somebody has to log in.
#[derive(Debug, Parser)]
#[command(name = "atmn", version, arg_required_else_help = true)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What every command takes.
#[derive(Args, Debug)]
pub(crate) struct Global {
    /// Work with the live key instead of the sandbox key
    #[arg(short, long, global = true)]
    prod: bool,
    /// Use the API server on this machine, http://localhost:8080
    #[arg(short, long, global = true)]
    local: bool,
    /// Work in this directory instead of the current one
    #[arg(long, global = true, value_name = "DIRECTORY")]
    pub(crate) dir: Option<PathBuf>,
    /// Print results as JSON on stdout, failures as JSON on stderr
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// Print results and failures only
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub(crate) quiet: bool,
    /// Tell more about what is done
    #[arg(short, long, global = true)]
    pub(crate) verbose: bool,
}

impl Global {
    pub(crate) fn environment(&self) -> Environment {
        if self.prod { Environment::Live } else { Environment::Sandbox }
    }

    pub(crate) fn server(&self) -> Result<Server> {
        Server::choose(self.local.then_some("local"))
    }
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Print the key in force
    Key(KeyArguments),
    /// Save keys from stdin in .env
    Save(SaveArguments),
    /// Remove both keys from .env
    Logout,
}

/// Print the key in force
///
/// In a terminal the key is masked; into a pipe it is printed alone, so that `$(atmn key)` works.
#[derive(Args, Debug)]
pub(crate) struct KeyArguments {
    /// List every place that was looked at, and what became of it
    #[arg(long, conflicts_with = "check")]
    pub(crate) explain: bool,
    /// Tell what the key on stdin is, without looking anywhere; exit code 1 if it is none
    #[arg(long)]
    pub(crate) check: bool,
    /// Print the key unmasked, in a terminal and in JSON too
    #[arg(long, conflicts_with_all = ["check", "explain"])]
    pub(crate) reveal: bool,
}

/// Save keys from stdin in .env
///
/// One or two keys, separated by blanks or lines: the sandbox key is saved as AUTUMN_SECRET_KEY, the live key as
/// AUTUMN_PROD_SECRET_KEY. All else in the file stays as it is.
#[derive(Args, Debug)]
pub(crate) struct SaveArguments {
    /// Write even if git tracks the file
    #[arg(long)]
    pub(crate) allow_tracked: bool,
    /// Leave .gitignore alone and only report that .env is not ignored
    #[arg(long)]
    pub(crate) no_gitignore: bool,
}
