//! `make demo`: a login against an Autumn on this machine, what it leaves behind, and the way back. No account needed.
#![allow(clippy::print_stdout, clippy::print_stderr)] // it is a program

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

/// How long somebody may take to look at the page before the demo goes on by itself.
const PATIENCE: Duration = Duration::from_secs(20);

type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// What the caller may have set, and what must not take part.
const FOREIGN: [&str; 5] = [
    "AUTUMN_SECRET_KEY",
    "AUTUMN_PROD_SECRET_KEY",
    "AUTUMN_SECRET_KEY_FILE",
    "AUTUMN_PROD_SECRET_KEY_FILE",
    "ATMN_DISABLE_AUTH_RECOVERY",
];

fn main() -> ExitCode {
    if FOREIGN.iter().any(|name| std::env::var_os(name).is_some()) {
        return again();
    }
    match Demo::new().and_then(|demo| demo.run()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("The demo did not work: {error}");
            ExitCode::FAILURE
        }
    }
}

/// The demo in a process without them, since none can be taken out of this one.
fn again() -> ExitCode {
    let Ok(demo) = std::env::current_exe() else { return ExitCode::FAILURE };
    let mut command = Command::new(demo);
    for name in FOREIGN {
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
        println!("An Autumn on this machine answers at {} (as `atmn serve` does).", self.autumn.url());
        self.login()?;
        println!("\n$ cat .env    # masked here");
        print!("{}", masked(&std::fs::read_to_string(project.join(".env"))?));
        let deep = project.join("packages/web/src");
        std::fs::create_dir_all(&deep)?;
        println!("\n$ cd packages/web/src");
        self.step(&deep, &["key", "--explain"], 0)?;
        self.step(&deep, &["env"], 0)?;
        self.call_with_a_revoked_key()?;
        self.step(project, &["logout"], 0)?;
        self.step(project, &["env"], 4)?;
        println!("\nDone: the exit code 4 says that somebody has to log in.");
        Ok(())
    }

    /// What a program sees: the key stops working, a login replaces it, and the answer comes all the same.
    fn call_with_a_revoked_key(&self) -> Result<()> {
        let directory = Some(self.project.path().to_path_buf());
        let resolve = ResolveOptions { environment: Some(Environment::Sandbox), directory, ..Default::default() };
        let old = resolve_key(&resolve)?.key;
        self.autumn.store().revoke(&old);
        println!("\n(Somebody revokes the key {old}. A program calls the API with it, reauth: always.)");
        let server = Some(libatmn::Server::parse(&self.autumn.url())?);
        let options =
            ClientOptions { server, resolve, reauth: Reauth::Always, open_browser: false, ..Default::default() };
        let client = blocking::Client::new(options)?;
        let mut listener = |event: &Event| {
            // Nobody has to find a way back from a browser.
            if event.code != EventCode::Hint {
                println!("  {}", event.message);
            }
            if event.code == EventCode::LoginUrl {
                self.approve_after(Duration::ZERO, event.context["url"].clone());
            }
            ControlFlow::Continue(())
        };
        let request = ApiRequest::new("GET", "/v1/customers").query("limit", "1");
        let answer = client.request(&request, Some(&mut listener), &Cancel::new())?;
        println!("GET /v1/customers: {}, {} bytes of customers.", answer.status, answer.body.len());
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

    /// Passes on what the command says, and does for the person what they do not do themselves.
    fn login(&self) -> Result<()> {
        // Automation has nobody who looks at a browser, even where there is one.
        let alone = std::env::var_os("CI").is_some();
        let arguments: &[&str] = if alone { &["login", "--no-browser"] } else { &["login"] };
        let mut command = self.command(self.project.path(), arguments);
        // Here the login is what automation wants, and it is advised against otherwise.
        let mut child = command.env_remove("CI").stdin(Stdio::null()).stderr(Stdio::piped()).spawn()?;
        let (stderr, mut address) = (child.stderr.take().ok_or("there is no stderr")?, String::new());
        for line in BufReader::new(stderr).lines() {
            let line = line?;
            println!("{line}");
            if line.starts_with(&self.autumn.url()) {
                address.clone_from(&line);
            }
            if line.contains("handed to the browser") {
                println!("(Choose somebody in the browser; after twenty seconds the demo does it.)");
                self.approve_after(PATIENCE, address.clone());
            } else if line.contains("No browser was opened") || (alone && line == address) {
                println!("(There is no browser to log in with: the demo does it.)");
                self.approve_after(Duration::ZERO, address.clone());
            }
        }
        let status = child.wait()?;
        if status.success() { Ok(()) } else { Err(format!("the login ended with {status}").into()) }
    }

    /// On a thread that nobody waits for: whoever was quicker in the browser has the login.
    fn approve_after(&self, patience: Duration, address: String) {
        let store = self.autumn.store().clone();
        std::thread::spawn(move || {
            std::thread::sleep(patience);
            let _ = approve(&store, &address);
        });
    }
}

fn approve(store: &Store, address: &str) -> Result<()> {
    let callback = store.approve(address, "ada@example.com", "night-library")?;
    let result = get(&callback)?;
    // As a browser does: the page that tells how it ended is behind a redirect.
    let page = result.lines().find_map(|line| line.strip_prefix("Location: "));
    let base: String = callback.split_inclusive('/').take(3).collect();
    page.map(|path| get(&(base + path.trim_start_matches('/')))).transpose()?;
    Ok(())
}

fn get(url: &str) -> Result<String> {
    let (host, path) = url.strip_prefix("http://").and_then(|rest| rest.split_once('/')).ok_or("not an address")?;
    let mut stream = TcpStream::connect(host)?;
    write!(stream, "GET /{path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n")?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    Ok(answer)
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
