//! The definition of the command line.

use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::time::Duration;

use clap::{ArgMatches, Args, FromArgMatches, Parser, Subcommand};
use libatmn::{EnvFile, Environment, Gitignore, Reauth, Server};

use crate::{help, program, used};

mod more;
mod values;

pub(crate) use more::{CompletionsArguments, DashboardPage, DoctorArguments, OpenArguments, RunArguments};
use values::{EnvFileName, METHOD, ReauthMode, SCOPE, duration, header, pair, ports};

/// Log in to Autumn, keep its API keys in .env, and call its API
///
/// The active key comes from the process environment, from the file named by AUTUMN_SECRET_KEY_FILE, or from .env.local
/// and .env in the working directory and each of its parents. The first location that has the variable wins.
#[derive(Debug, Parser)]
#[command(name = "atmn", bin_name = program::name(), version, arg_required_else_help = true, disable_help_subcommand = true)]
#[command(help_template = help::template(), before_help = help::commands(), after_help = program::named(help::FURTHER).into_owned())]
#[command(after_long_help = help::details())]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// The options of every command.
#[derive(Args, Debug)]
#[command(next_help_heading = "Global options")]
pub(crate) struct Global {
    /// Use the live key instead of the sandbox key
    #[arg(short, long, global = true)]
    prod: bool,
    /// Use the API server on this machine, http://localhost:8080
    #[arg(short, long, global = true)]
    local: bool,
    /// Never prompt: print the login URL and wait, without reading the terminal
    #[arg(long, global = true)]
    pub(crate) headless: bool,
    /// Use this directory instead of the working directory
    #[arg(long, global = true, value_name = "DIRECTORY", value_hint = clap::ValueHint::DirPath)]
    pub(crate) dir: Option<PathBuf>,
    /// Print results as JSON on stdout, and errors as JSON on stderr
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// Print only results, errors and login URLs
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub(crate) quiet: bool,
    /// Show more detail: all causes and the context of an error, all locations of a key, all requests to `serve`
    #[arg(short, long, global = true)]
    pub(crate) verbose: bool,
}

impl Global {
    pub(crate) fn environment(&self) -> Environment {
        if self.prod { Environment::Live } else { Environment::Sandbox }
    }

    pub(crate) fn is_prod(&self) -> bool {
        self.prod
    }

    pub(crate) fn server(&self) -> Option<Server> {
        self.local.then_some(Server::Local)
    }
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Log in with the browser and save the keys in .env
    Login(Deferred<LoginArguments>),
    /// Show the active key, its organization and where it was found
    #[command(visible_aliases = ["whoami", "status"])]
    Env(Deferred<EnvArguments>),
    /// Print the active key
    Key(Deferred<KeyArguments>),
    /// Save keys from stdin in .env
    Save(Deferred<SaveArguments>),
    /// Remove the keys from .env and .env.local
    Logout(Deferred<LogoutArguments>),
    /// Run a program with the active key in its environment
    Run(Deferred<RunArguments>),
    /// Call the API with the active key
    Api(Deferred<ApiArguments>),
    /// Open the dashboard or the documentation in the browser
    Open(Deferred<OpenArguments>),
    /// Check what a login and a call need on this machine
    Doctor(Deferred<DoctorArguments>),
    /// Print a script that completes commands and options in a shell
    Completions(Deferred<CompletionsArguments>),
    /// Run a local Autumn server for development
    Serve(Deferred<ServeArguments>),
}

impl Command {
    /// The name that the user types.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Login(_) => "login",
            Self::Env(_) => "env",
            Self::Key(_) => "key",
            Self::Save(_) => "save",
            Self::Logout(_) => "logout",
            Self::Run(_) => "run",
            Self::Api(_) => "api",
            Self::Open(_) => "open",
            Self::Doctor(_) => "doctor",
            Self::Completions(_) => "completions",
            Self::Serve(_) => "serve",
        }
    }
}

/// Arguments that clap builds only for the command that was typed. Building all of them takes longer than finding a key.
#[derive(Debug)]
pub(crate) struct Deferred<T>(pub(crate) T);

impl<T: Args> Args for Deferred<T> {
    fn augment_args(command: clap::Command) -> clap::Command {
        command.defer(|command| help::with_examples(used::without_refused(T::augment_args(command))))
    }

    fn augment_args_for_update(command: clap::Command) -> clap::Command {
        command.defer(T::augment_args_for_update)
    }
}

impl<T: FromArgMatches> FromArgMatches for Deferred<T> {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        T::from_arg_matches(matches).map(Self)
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        self.0.update_from_arg_matches(matches)
    }
}

/// Log in with the browser and save the keys in .env
///
/// Each key that still works is kept. If the other one is missing or rejected, choose the organization of the kept key. If
/// the browser shows an error after you approve, paste its URL into the terminal. With `--json`, each event is one line of
/// JSON on stderr; `login_url` contains the login URL.
#[derive(Args, Debug)]
pub(crate) struct LoginArguments {
    /// Wait at most this long for the login, such as `90s` or `5m`
    #[arg(long, value_name = "TIME", value_hint = clap::ValueHint::Other, default_value = "5m", value_parser = duration)]
    pub(crate) timeout: Duration,
    /// Print the login URL and open no browser
    #[arg(long)]
    pub(crate) no_browser: bool,
    /// Print a QR code of the login URL too, for the browser of another device
    #[arg(long)]
    pub(crate) qr: bool,
    /// Replace both keys, even one that still works
    #[arg(long)]
    pub(crate) force: bool,
    /// Save the sandbox key only
    #[arg(long)]
    pub(crate) sandbox_only: bool,
    /// Fail unless this organization is chosen
    #[arg(long, value_name = "ID|SLUG", value_hint = clap::ValueHint::Other)]
    pub(crate) organization: Option<String>,
    /// Create keys that may do only this, such as `customers:read,plans:read`
    #[arg(long, value_name = "SCOPE,…", value_delimiter = ',', hide_possible_values = true, value_parser = SCOPE)]
    pub(crate) scopes: Option<Vec<String>>,
    #[command(flatten)]
    pub(crate) git: GitArguments,
    /// Print the login URL and exit; finish with `--complete` within ten minutes
    #[arg(long, conflicts_with_all = ["timeout", "no_browser"])]
    pub(crate) begin: bool,
    /// Finish the login that `--begin` started; read the callback URL from stdin
    #[arg(long, conflicts_with_all = ["begin", "no_browser", "qr", "force", "sandbox_only", "organization", "scopes"])]
    #[arg(conflicts_with_all = ["file", "allow_tracked", "no_gitignore"])]
    pub(crate) complete: bool,
    /// Use other callback ports in a test: `FIRST-LAST`
    #[arg(long, hide = true, value_parser = ports)]
    pub(crate) ports: Option<RangeInclusive<u16>>,
}

/// Show the active key, its organization and where it was found
///
/// What is known on this machine is printed at once, then what the server says about the key. The exit code is 4 if there
/// is no key, or if the server rejects it.
#[derive(Args, Debug)]
pub(crate) struct EnvArguments {}

/// Call the API with the active key
///
/// The body of the response goes to stdout, also that of an error, whose message goes to stderr. In a terminal, JSON is
/// indented and coloured; a pipe gets the bytes of the server. If there is no connection, atmn retries every request.
/// After a lost connection, a timeout, or a response with 429, 502, 503 or 504, it retries GET, HEAD, OPTIONS, PUT and
/// DELETE, and with `--idempotency-key` also POST and PATCH. If the server rejects the key, atmn logs in again and retries
/// once; by default only with Autumn's own server, and only in a terminal (see `--reauth`).
#[derive(Args, Debug)]
#[command(override_usage = program::named_line("atmn api [OPTIONS] [METHOD] <PATH>").into_owned())]
pub(crate) struct ApiArguments {
    /// The method; without it, POST if there is a body, otherwise GET
    #[arg(hide_possible_values = true, value_parser = METHOD)]
    pub(crate) method: Option<String>,
    /// The path on the server, such as /v1/customers
    #[arg(value_hint = clap::ValueHint::Other)]
    pub(crate) path: Option<String>,
    /// The method, as an option
    #[arg(short = 'X', long = "method", value_name = "METHOD", hide_possible_values = true, value_parser = METHOD)]
    pub(crate) request_method: Option<String>,
    /// Send this JSON as the body; `@FILE` reads a file, `-` reads stdin
    #[arg(short, long, value_name = "JSON", value_hint = clap::ValueHint::FilePath)]
    pub(crate) data: Option<String>,
    /// Send a text as a member of a JSON body, or with GET as a query parameter (repeatable)
    #[arg(short, long, value_name = "NAME=VALUE", value_hint = clap::ValueHint::Other, value_parser = pair, conflicts_with = "data")]
    pub(crate) field: Vec<(String, String)>,
    /// Add a header, `NAME: VALUE` (repeatable)
    #[arg(short = 'H', long, value_name = "HEADER", value_hint = clap::ValueHint::Other, value_parser = header)]
    pub(crate) header: Vec<(String, String)>,
    /// Add a query parameter (repeatable)
    #[arg(long, value_name = "NAME=VALUE", value_hint = clap::ValueHint::Other, value_parser = pair)]
    pub(crate) query: Vec<(String, String)>,
    /// Make retries safe: the server runs requests with the same key once
    #[arg(long, value_name = "KEY", value_hint = clap::ValueHint::Other)]
    pub(crate) idempotency_key: Option<String>,
    /// Print the status and headers before the body
    #[arg(short, long)]
    pub(crate) include: bool,
    /// Request the following pages of a list too, as long as the server says that there are more
    #[arg(long, conflicts_with = "idempotency_key")]
    pub(crate) paginate: bool,
    /// The time limit of each attempt, such as `90s` or `5m` [default: 30s]
    #[arg(long, value_name = "TIME", value_hint = clap::ValueHint::Other, value_parser = duration)]
    pub(crate) timeout: Option<Duration>,
    /// How many times to retry at most, all within thirty seconds [default: 3]
    #[arg(long, value_name = "NUMBER")]
    pub(crate) retries: Option<u32>,
    /// When to log in again if the key is rejected: `never`, `auto` or `always`
    #[arg(long, value_name = "WHEN", default_value = "auto", hide_possible_values = true, value_parser = ReauthMode)]
    pub(crate) reauth: Reauth,
    /// When logging in again, fail unless this organization is chosen
    #[arg(long, value_name = "ID|SLUG", value_hint = clap::ValueHint::Other)]
    pub(crate) organization: Option<String>,
    /// When logging in again, print the URL and open no browser
    #[arg(long)]
    pub(crate) no_browser: bool,
    /// Use other callback ports in a test: `FIRST-LAST`
    #[arg(long, hide = true, value_parser = ports)]
    pub(crate) ports: Option<RangeInclusive<u16>>,
}

/// Run a local Autumn server for development
///
/// It has two made-up people with their organizations. All data is in memory and is lost when the server stops. At the
/// start, keys with all scopes are printed: with `--json` those of each organization.
#[derive(Args, Debug)]
pub(crate) struct ServeArguments {
    /// Listen on this port of 127.0.0.1 and ::1; 0 uses any free port
    #[arg(long, default_value_t = 8080)]
    pub(crate) port: u16,
    /// Print the keys of this organization [default: copper-kettle]
    #[arg(long, value_name = "ID|SLUG", value_hint = clap::ValueHint::Other)]
    pub(crate) organization: Option<String>,
    /// Answer the control routes for tests under /_test/, which show whole keys and approve logins
    #[arg(long)]
    pub(crate) controls: bool,
}

/// Print the active key
///
/// In a terminal the key is masked. In a pipe stdout contains only the key. Do not put it into an argument of another
/// program, because other users can read arguments; pass it through a pipe, or use `atmn run`.
#[derive(Args, Debug)]
pub(crate) struct KeyArguments {
    /// List every location where keys are looked for, with its outcome
    #[arg(long, conflicts_with = "check")]
    pub(crate) explain: bool,
    /// Say whether the text on stdin is a well-formed key, and of which kind; exit code 1 if it is not
    #[arg(long)]
    pub(crate) check: bool,
    /// With `--check`, ask the server too; exit code 4 if it rejects the key
    #[arg(long, requires = "check")]
    pub(crate) verify: bool,
    /// Print the whole key, even in a terminal and in JSON
    #[arg(long, conflicts_with_all = ["check", "explain"])]
    pub(crate) reveal: bool,
}

/// Save keys from stdin in .env
///
/// Reads one or two keys, separated by spaces or newlines, also in quotes or as lines of a .env file
/// (`AUTUMN_SECRET_KEY=am_sk_…`). In a terminal, paste one key or both at once, then press Enter; they are not shown.
/// It saves the sandbox key as AUTUMN_SECRET_KEY and the live key as AUTUMN_PROD_SECRET_KEY, and leaves the rest of the
/// file unchanged.
#[derive(Args, Debug)]
pub(crate) struct SaveArguments {
    /// Ask the server whether it accepts each key before it is saved
    #[arg(long)]
    pub(crate) verify: bool,
    /// With `--verify`, fail unless each key belongs to this organization
    #[arg(long, value_name = "ID|SLUG", value_hint = clap::ValueHint::Other, requires = "verify")]
    pub(crate) organization: Option<String>,
    #[command(flatten)]
    pub(crate) git: GitArguments,
}

/// Remove the keys from .env and .env.local
///
/// With `--prod`, only live keys are removed. A .env that git tracks, or may track, is left beside a .env.local. A file
/// here or in a parent directory that still has keys is named. The keys stay valid until you revoke them in the
/// dashboard.
#[derive(Args, Debug)]
pub(crate) struct LogoutArguments {
    /// The only file to edit: `.env` or `.env.local` [default: both]
    #[arg(long, value_name = "FILE", hide_possible_values = true, value_parser = EnvFileName)]
    pub(crate) file: Option<EnvFile>,
}

/// The options about the file and git of commands that save keys.
#[derive(Args, Debug)]
pub(crate) struct GitArguments {
    /// The file [default: .env, or .env.local if it has a value or git tracks .env but ignores it]
    #[arg(long, value_name = "FILE", hide_possible_values = true, value_parser = EnvFileName)]
    pub(crate) file: Option<EnvFile>,
    /// Save even if git tracks the file, or may track it
    #[arg(long)]
    pub(crate) allow_tracked: bool,
    /// Do not edit .gitignore; warn if git does not ignore .env
    #[arg(long)]
    no_gitignore: bool,
}

impl GitArguments {
    pub(crate) fn gitignore(&self) -> Gitignore {
        if self.no_gitignore { Gitignore::Never } else { Gitignore::Add }
    }
}
