//! Running C programs, each with its own project, server and browser.

use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use atmn_tests::project::Project;
use local_autumn::{LocalAutumn, Options, Running};

use crate::build::{Checker, Program, prefix};

/// Longer than any program takes on a busy machine.
const TIME_LIMIT: Duration = Duration::from_secs(600);

/// The callback ports belong to the machine, so programs run one after the other.
static PORTS: Mutex<()> = Mutex::new(());

/// A server that approves every login, and a browser that follows redirects.
pub(crate) struct World {
    autumn: Running,
    _ports: MutexGuard<'static, ()>,
}

pub(crate) struct ProgramOutput {
    pub(crate) success: bool,
    pub(crate) status: String,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl ProgramOutput {
    pub(crate) fn expect_success(&self, name: &str) {
        assert!(self.success, "{name}: {}: {}{}", self.status, self.stdout, self.stderr);
    }
}

impl World {
    pub(crate) fn new() -> Self {
        let ports = PORTS.lock().unwrap_or_else(PoisonError::into_inner);
        let autumn = LocalAutumn::bind(Options { port: 0, ..Options::default() }).unwrap().spawn().unwrap();
        autumn.store().approve_automatically(Some(("ada@example.com", "copper-kettle"))).unwrap();
        Self { autumn, _ports: ports }
    }

    pub(crate) fn url(&self) -> String {
        self.autumn.url()
    }

    /// A sandbox key that the server knows.
    pub(crate) fn key(&self) -> String {
        let keys = self.autumn.store().keys();
        let known = keys.iter().find(|known| known.key.reveal().starts_with("am_sk_test_")).unwrap();
        known.key.reveal().to_owned()
    }

    /// Makes the server reject all keys that it has created.
    pub(crate) fn revoke_keys(&self) {
        let store = self.autumn.store();
        assert!(store.keys().iter().all(|known| store.revoke(&known.key)));
    }

    /// Runs a test program with its arguments.
    pub(crate) fn run(&self, program: &Program) -> ProgramOutput {
        let project = Project::new();
        let directory = project.path("").to_string_lossy().into_owned();
        let arguments: Vec<String> = match program.name.as_str() {
            "keys" | "misuse" | "exit" => vec![directory],
            "loading" => vec![prefix().join("lib/libatmn.so").to_string_lossy().into_owned(), directory],
            "login" | "client" | "descriptors" | "cancellation" | "children" => vec![self.url(), directory],
            "stress" => vec![calls_of_a_thread(program.checker).to_string(), directory],
            "threads" | "fork" | "steps" | "loop" => vec![self.url(), directory, self.key()],
            _ => Vec::new(),
        };
        self.run_in(&project, program, &arguments.iter().map(String::as_str).collect::<Vec<_>>())
    }

    pub(crate) fn run_with(&self, program: &Program, arguments: &[&str]) -> ProgramOutput {
        self.run_in(&Project::new(), program, arguments)
    }

    /// Runs a program in a project, without the environment of this process.
    pub(crate) fn run_in(&self, project: &Project, program: &Program, arguments: &[&str]) -> ProgramOutput {
        output_of(self.command(project, program).args(arguments))
    }

    /// A compiled program under its checker, about to run in a project.
    pub(crate) fn command(&self, project: &Project, program: &Program) -> Command {
        match program.checker {
            Checker::Valgrind => {
                let mut command = self.program(project, Path::new("/usr/bin/valgrind"));
                command.args(["--quiet", "--error-exitcode=99", "--leak-check=full"]);
                command.arg(suppressions()).arg(program.path());
                command
            }
            Checker::Helgrind => {
                let mut command = self.program(project, Path::new("/usr/bin/valgrind"));
                command.args(["--tool=helgrind", "--quiet", "--error-exitcode=99", "--history-level=none"]);
                command.arg(suppressions()).arg(program.path());
                command
            }
            Checker::Sanitizers | Checker::None => self.program(project, &program.path()),
        }
    }

    /// Any program, about to run in a project, without the environment of this process.
    pub(crate) fn program(&self, project: &Project, path: &Path) -> Command {
        let mut command = Command::new(path);
        command.current_dir(project.path("")).env_clear().env("HOME", project.home());
        command.env("PATH", "/usr/local/bin:/usr/bin:/bin").env("BROWSER", browser().path());
        command.env("ATMN_BACKEND_URL", self.url()).env("XDG_STATE_HOME", project.home().join("state"));
        command
    }
}

/// Four threads in twenty rounds make 100,000 calls. valgrind runs one thread at a time, fifty times slower.
fn calls_of_a_thread(checker: Checker) -> u32 {
    match checker {
        Checker::Sanitizers | Checker::None => 1250,
        Checker::Valgrind | Checker::Helgrind => 25,
    }
}

/// The file that `make install` installs.
fn suppressions() -> String {
    format!("--suppressions={}", prefix().join("share/atmn/atmn.supp").display())
}

/// Follows redirects.
fn browser() -> &'static Program {
    static BROWSER: OnceLock<Program> = OnceLock::new();
    BROWSER.get_or_init(|| Program::build("browser", Checker::None))
}

/// Waits until a program ends, and kills it after the time limit.
pub(crate) fn output_of(command: &mut Command) -> ProgramOutput {
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let (out, err) = (child.stdout.take().unwrap(), child.stderr.take().unwrap());
    let (stdout, stderr) = (std::thread::spawn(|| text(out)), std::thread::spawn(|| text(err)));
    let until = Instant::now() + TIME_LIMIT;
    let status = loop {
        if let Some(status) = child.try_wait().unwrap() {
            break status;
        }
        if Instant::now() > until {
            child.kill().unwrap();
        }
        std::thread::sleep(Duration::from_millis(5));
    };
    let (stdout, stderr) = (stdout.join().unwrap(), stderr.join().unwrap());
    ProgramOutput { success: status.success(), status: status.to_string(), stdout, stderr }
}

fn text(mut stream: impl std::io::Read) -> String {
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).unwrap();
    String::from_utf8_lossy(&bytes).into_owned()
}
