//! What can be typed.

use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::time::Duration;

use clap::{ArgMatches, Args, FromArgMatches, Parser, Subcommand};
use libatmn::{Environment, Gitignore, Reauth, Server};

/// Log in to Autumn, keep its API keys in .env, find them again.
///
/// Keys are looked for in the process environment, in the file named by AUTUMN_SECRET_KEY_FILE, and in .env.local and
/// .env of the directory and each of its parents. The nearest place that has the variable wins.
///
/// Exit codes: 0 done, 1 failed, 2 wrong use, 4 somebody has to log in; 129, 130 and 143 where a signal ended it.
#[derive(Debug, Parser)]
#[command(name = "atmn", version, arg_required_else_help = true, after_long_help = include_str!("more-help.txt"))]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What every command takes.
#[derive(Args, Debug)]
#[command(next_help_heading = "Options of every command")]
pub(crate) struct Global {
    /// Work with the live key instead of the sandbox key
    #[arg(short, long, global = true)]
    prod: bool,
    /// Use the API server on this machine, http://localhost:8080
    #[arg(short, long, global = true)]
    local: bool,
    /// Ask nothing in the terminal: print the address to log in at, and wait
    #[arg(long, global = true)]
    pub(crate) headless: bool,
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

    pub(crate) fn server(&self) -> Option<Server> {
        self.local.then_some(Server::Local)
    }
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Log in with the browser, and save the keys in .env
    Login(Deferred<LoginArguments>),
    /// Tell whose the key in force is, and where it came from
    Env,
    /// Print the key in force
    Key(Deferred<KeyArguments>),
    /// Save keys from stdin in .env
    Save(Deferred<SaveArguments>),
    /// Remove both keys from .env
    Logout,
    /// Call the API with the key in force
    Api(Deferred<ApiArguments>),
    /// Run a small Autumn server on this machine, for development
    Serve(Deferred<ServeArguments>),
}

/// Arguments that clap builds only for the command that was typed: building all of them takes longer than finding a key.
#[derive(Debug)]
pub(crate) struct Deferred<T>(pub(crate) T);

impl<T: Args> Args for Deferred<T> {
    fn augment_args(command: clap::Command) -> clap::Command {
        command.defer(T::augment_args)
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

/// Log in with the browser, and save the keys in .env
///
/// Keys that still work are kept. While the command waits, the address at which the browser ended can be pasted into the
/// terminal. With `--json`, events come as one JSON object a line on stderr, the first with the address to log in at.
#[derive(Args, Debug)]
pub(crate) struct LoginArguments {
    /// How long to wait for the login: seconds, `90s` or `5m`
    #[arg(long, value_name = "TIME", default_value = "5m", value_parser = duration)]
    pub(crate) timeout: Duration,
    /// Print the address only, and open no browser
    #[arg(long)]
    pub(crate) no_browser: bool,
    /// Log in even if the keys in .env still work
    #[arg(long)]
    pub(crate) force: bool,
    /// Save the sandbox key only
    #[arg(long)]
    pub(crate) sandbox_only: bool,
    /// Refuse the keys of any other organization
    #[arg(long, value_name = "ID or SLUG")]
    pub(crate) organization: Option<String>,
    #[command(flatten)]
    pub(crate) git: GitArguments,
    /// Print the address and end; `--complete` finishes within ten minutes
    #[arg(long, conflicts_with_all = ["timeout", "no_browser"])]
    pub(crate) begin: bool,
    /// Finish what `--begin` began, with the address on stdin at which the browser ended
    #[arg(long, conflicts_with_all = ["begin", "no_browser", "force", "sandbox_only", "organization"])]
    #[arg(conflicts_with_all = ["allow_tracked", "no_gitignore"])]
    pub(crate) complete: bool,
    /// Callback ports of a test's own: `FIRST-LAST`
    #[arg(long, hide = true, value_parser = ports)]
    pub(crate) ports: Option<RangeInclusive<u16>>,
}

/// Call the API with the key in force
///
/// The answer's body goes to stdout as it is, a failure to stderr. Requests that may be repeated are, after lost
/// connections and where the server is busy. If the server rejects the key, a login replaces it, and the request is made
/// again once: with Autumn's own server and somebody at the terminal, unless `--reauth` says otherwise.
#[derive(Args, Debug)]
pub(crate) struct ApiArguments {
    /// GET, HEAD, POST, PUT, PATCH, DELETE or OPTIONS
    pub(crate) method: String,
    /// The path on the server, such as /v1/customers
    pub(crate) path: String,
    /// The body, JSON; `@FILE` reads a file, `-` reads stdin
    #[arg(short, long, value_name = "JSON")]
    pub(crate) data: Option<String>,
    /// A header, `NAME: VALUE`; can be given several times
    #[arg(short = 'H', long, value_name = "HEADER", value_parser = header)]
    pub(crate) header: Vec<(String, String)>,
    /// A name and value behind the path, `NAME=VALUE`, encoded on the way; can be given several times
    #[arg(long, value_name = "NAME=VALUE", value_parser = pair)]
    pub(crate) query: Vec<(String, String)>,
    /// Let the request be repeated whatever its method: the server counts all with the same key as one
    #[arg(long, value_name = "KEY")]
    pub(crate) idempotency_key: Option<String>,
    /// Print the status and the headers too
    #[arg(short, long)]
    pub(crate) include: bool,
    /// How long each try may take: seconds, `90s` or `5m`; thirty seconds unless set
    #[arg(long, value_name = "TIME", value_parser = duration)]
    pub(crate) timeout: Option<Duration>,
    /// Whether a rejected key leads to a login: `never`, `auto` or `always`
    #[arg(long, value_name = "WHEN", default_value = "auto", value_parser = Reauth::parse)]
    pub(crate) reauth: Reauth,
    /// Refuse the keys of any other organization where a login replaces a rejected key
    #[arg(long, value_name = "ID or SLUG")]
    pub(crate) organization: Option<String>,
    /// Print the address of such a login only, and open no browser
    #[arg(long)]
    pub(crate) no_browser: bool,
    /// Callback ports of a test's own: `FIRST-LAST`
    #[arg(long, hide = true, value_parser = ports)]
    pub(crate) ports: Option<RangeInclusive<u16>>,
}

fn header(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once(':').ok_or("write NAME: VALUE")?;
    Ok((name.trim().to_owned(), value.trim().to_owned()))
}

fn pair(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or("write NAME=VALUE")?;
    Ok((name.to_owned(), value.to_owned()))
}

fn duration(text: &str) -> Result<Duration, String> {
    let (digits, unit) = match text.strip_suffix('m') {
        Some(minutes) => (minutes, 60),
        None => (text.strip_suffix('s').unwrap_or(text), 1),
    };
    let number: u64 = digits.parse().map_err(|_| "write seconds, such as 90 or 90s, or minutes, such as 5m")?;
    number.checked_mul(unit).map(Duration::from_secs).ok_or_else(|| "that is too long".to_owned())
}

fn ports(text: &str) -> Result<RangeInclusive<u16>, String> {
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    let port = |text: &str| text.parse().map_err(|_| "not a port".to_owned());
    Ok(port(first)?..=port(last)?)
}

/// Run a small Autumn server on this machine, for development
///
/// It knows two made-up people and their organizations, keeps everything in memory, and forgets it when it ends.
#[derive(Args, Debug)]
pub(crate) struct ServeArguments {
    /// The port on 127.0.0.1 and ::1; 0 for any that is free
    #[arg(long, default_value_t = 8080)]
    pub(crate) port: u16,
    /// Open the control routes that tests need; they show whole keys
    #[arg(long, hide = true)]
    pub(crate) controls: bool,
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
    #[command(flatten)]
    pub(crate) git: GitArguments,
}

/// What to do about git when keys are saved.
#[derive(Args, Debug)]
pub(crate) struct GitArguments {
    /// Write even if git tracks the file
    #[arg(long)]
    pub(crate) allow_tracked: bool,
    /// Leave .gitignore alone and only report that .env is not ignored
    #[arg(long)]
    no_gitignore: bool,
}

impl GitArguments {
    pub(crate) fn gitignore(&self) -> Gitignore {
        if self.no_gitignore { Gitignore::Never } else { Gitignore::Add }
    }
}
