//! `make demo`: logs in to an Autumn on this machine, shows the saved keys, replaces a revoked key, and logs out. Needs no
//! account.
#![allow(clippy::print_stdout, clippy::print_stderr)] // this is a program, not a library

use std::error::Error;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::time::Duration;

use libatmn::{
    ApiKey, ApiRequest, Cancel, ClientOptions, Environment, Event, EventCode, Reauth, ResolveOptions, blocking,
    resolve_key,
};
use local_autumn::{LocalAutumn, Options, Running, Store};

/// How long the demo waits for the user to approve the login before it approves the login itself.
const APPROVAL_DELAY: Duration = Duration::from_secs(20);

type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// Variables of the caller that would change what the demo shows.
const IGNORED_VARIABLES: &[&str] = &[
    "AUTUMN_SECRET_KEY",
    "AUTUMN_PROD_SECRET_KEY",
    "AUTUMN_SECRET_KEY_FILE",
    "AUTUMN_PROD_SECRET_KEY_FILE",
    "ATMN_DISABLE_AUTH_RECOVERY",
];

fn main() -> ExitCode {
    if IGNORED_VARIABLES.iter().any(|name| std::env::var_os(name).is_some()) {
        return run_without_variables();
    }
    match Demo::new().and_then(|demo| demo.run()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("The demo failed: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Runs the demo in a child process without these variables, since a process cannot safely remove its own.
fn run_without_variables() -> ExitCode {
    let Ok(demo) = std::env::current_exe() else { return ExitCode::FAILURE };
    let mut command = Command::new(demo);
    for name in IGNORED_VARIABLES {
        command.env_remove(name);
    }
    if command.status().is_ok_and(|status| status.success()) { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

struct Demo {
    atmn: PathBuf,
    project: tempfile::TempDir,
    autumn: Running,
}

impl Demo {
    fn new() -> Result<Self> {
        let atmn = std::env::current_exe()?.with_file_name("atmn");
        let autumn = LocalAutumn::bind(Options { port: 0, ..Options::default() })?.spawn()?;
        Ok(Self { atmn, project: tempfile::Builder::new().prefix("atmn-demo.").tempdir()?, autumn })
    }

    fn run(&self) -> Result<()> {
        let project = self.project.path();
        println!("A local Autumn is running at {}, as with `atmn serve`.", self.autumn.url());
        self.login()?;
        println!("\n$ cat .env    # masked here");
        print!("{}", masked(&std::fs::read_to_string(project.join(".env"))?));
        let subdirectory = project.join("packages/web/src");
        std::fs::create_dir_all(&subdirectory)?;
        println!("\n$ cd packages/web/src");
        self.step(&subdirectory, &["key", "--explain"], 0)?;
        self.step(&subdirectory, &["env"], 0)?;
        self.call_with_a_revoked_key()?;
        self.step(project, &["logout"], 0)?;
        self.step(project, &["env"], 4)?;
        println!("\nDone. The last exit code was 4: a login is required.");
        Ok(())
    }

    /// Shows re-authentication: the server revokes the key, the client logs in and repeats the request.
    fn call_with_a_revoked_key(&self) -> Result<()> {
        let directory = Some(self.project.path().to_path_buf());
        let resolve = ResolveOptions { environment: Some(Environment::Sandbox), directory, ..Default::default() };
        let old = resolve_key(&resolve)?.key;
        self.autumn.store().revoke(&old);
        println!("\n(The key {old} is revoked. A program with `reauth: always` calls the API.)");
        let server = Some(libatmn::Server::parse(&self.autumn.url())?);
        let options =
            ClientOptions { server, resolve, reauth: Reauth::Always, open_browser: false, ..Default::default() };
        let client = blocking::Client::new(options)?;
        let mut listener = |event: &Event| {
            // The hint helps users whose browser runs on another machine.
            if event.code != EventCode::Hint {
                println!("  {}", event.message);
            }
            if event.code == EventCode::LoginUrl {
                self.approve_after(Duration::ZERO, event.context["url"].clone());
            }
            ControlFlow::Continue(())
        };
        let request = ApiRequest::new("GET", "/v1/customers").query("limit", "1");
        let response = client.request(&request, Some(&mut listener), &Cancel::new())?;
        println!("GET /v1/customers: {}, {} bytes of customers.", response.status, response.body.len());
        Ok(())
    }

    fn command(&self, directory: &Path, arguments: &[&str]) -> Command {
        println!("\n$ atmn {}", arguments.join(" "));
        let mut command = Command::new(&self.atmn);
        command.args(arguments).current_dir(directory).env("ATMN_BACKEND_URL", self.autumn.url());
        command
    }

    fn step(&self, directory: &Path, arguments: &[&str], expected: i32) -> Result<()> {
        let status = self.command(directory, arguments).status()?;
        if status.code() == Some(expected) { Ok(()) } else { Err(format!("{arguments:?} ended with {status}").into()) }
    }

    /// Runs `atmn login` and prints its output. Approves the login if the user does not.
    fn login(&self) -> Result<()> {
        // In CI no user can approve the login, even if a browser is installed.
        let in_ci = std::env::var_os("CI").is_some();
        let arguments: &[&str] = if in_ci { &["login", "--no-browser"] } else { &["login", "--headless"] };
        let mut command = self.command(self.project.path(), arguments);
        // `atmn login` refuses or advises against a login in CI, so the child does not see the variable.
        let mut child = command.env_remove("CI").stdin(Stdio::null()).stderr(Stdio::piped()).spawn()?;
        let (stderr, mut url) = (child.stderr.take().ok_or("the child has no stderr")?, String::new());
        for line in BufReader::new(stderr).lines() {
            let line = line?;
            println!("{line}");
            if line.starts_with(&self.autumn.url()) {
                url.clone_from(&line);
            }
            if line.contains("Opened your browser") {
                println!("(Choose a user in the browser. After twenty seconds the demo does it.)");
                self.approve_after(APPROVAL_DELAY, url.clone());
            } else if line.contains("Could not open a browser") || (in_ci && line == url) {
                println!("(Without a browser, the demo approves the login.)");
                self.approve_after(Duration::ZERO, url.clone());
            }
        }
        let status = child.wait()?;
        if status.success() { Ok(()) } else { Err(format!("the login ended with {status}").into()) }
    }

    /// Approves the login on another thread. If the user has approved it before, this has no effect.
    fn approve_after(&self, delay: Duration, url: String) {
        let store = self.autumn.store().clone();
        std::thread::spawn(move || {
            std::thread::sleep(delay);
            let _ = approve(&store, &url);
        });
    }
}

fn approve(store: &Store, url: &str) -> Result<()> {
    let callback = store.approve(url, "ada@example.com", "night-library")?;
    let response = get(&callback)?;
    // Follows the redirect to the result page, as a browser does.
    let page = response.lines().find_map(|line| line.strip_prefix("Location: "));
    let base: String = callback.split_inclusive('/').take(3).collect();
    page.map(|path| get(&(base + path.trim_start_matches('/')))).transpose()?;
    Ok(())
}

fn get(url: &str) -> Result<String> {
    let (host, path) = url.strip_prefix("http://").and_then(|rest| rest.split_once('/')).ok_or("not a URL")?;
    let mut stream = TcpStream::connect(host)?;
    write!(stream, "GET /{path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n")?;
    let mut response = String::new();
    stream.read_to_string(&mut response)?;
    Ok(response)
}

fn masked(file: &str) -> String {
    let line = |line: &str| match line.split_once('=') {
        Some((name, value)) => match ApiKey::parse(value) {
            Ok(key) => format!("{name}={key}\n"),
            Err(_) => format!("{name}=…\n"),
        },
        None => format!("{line}\n"),
    };
    file.lines().map(line).collect()
}
