//! A project, a local Autumn, and `atmn` processes between them.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::os::unix::process::ExitStatusExt as _;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::{Duration, Instant};

use atmn_tests::ports::{free_ports, is_free};
use atmn_tests::project::{Done, Project, binary};
use local_autumn::{LocalAutumn, Options, Running};

/// Longer than any step takes on a busy machine.
const TIMEOUT: Duration = Duration::from_secs(200);

pub(crate) struct CommandFixture {
    pub(crate) project: Project,
    /// The only callback port of this test, so that tests can run in parallel.
    pub(crate) port: u16,
    pub(crate) autumn: Running,
}

impl CommandFixture {
    pub(crate) fn new() -> Self {
        let options = Options { port: 0, controls: true, ..Options::default() };
        let autumn = LocalAutumn::bind(options).unwrap().spawn().unwrap();
        let port = free_ports(1);
        autumn.store().register_callback_port(port);
        Self { project: Project::new(), port, autumn }
    }

    /// `atmn`, started by `env`, which sets the signal dispositions, because the parent of the tests may ignore signals.
    pub(crate) fn command(&self, signals: &[&str], arguments: &[&str]) -> Command {
        let mut command = Command::new("env");
        command.args(signals).arg(binary()).args(arguments).current_dir(self.project.path("")).env_clear();
        command.env("HOME", self.project.home()).env("PATH", "/usr/local/bin:/usr/bin:/bin");
        if matches!(arguments[0], "login" | "api") && !arguments.contains(&"--complete") {
            command.args(["--ports", &self.port.to_string()]);
        }
        command.env("ATMN_BACKEND_URL", self.autumn.url());
        command
    }

    pub(crate) fn start(&self, command: &mut Command) -> Process {
        Process::start(command)
    }

    pub(crate) fn atmn(&self, arguments: &[&str]) -> Process {
        Process::start(&mut self.command(&["--default-signal"], arguments))
    }

    pub(crate) fn login(&self, arguments: &[&str]) -> Process {
        self.atmn(&[&["login"], arguments].concat())
    }

    /// A login whose parent is a shell that waits for it.
    pub(crate) fn login_below_a_shell(&self, signals: &str) -> Process {
        let line = format!("{} login --no-browser --ports {} & wait", binary().display(), self.port);
        let mut command = self.command(&[signals], &["login"]);
        let mut shell = Command::new("env");
        shell.args([signals, "sh", "-c", &line]).current_dir(self.project.path(""));
        shell.env_clear().envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
        command = shell;
        Process::start(&mut command)
    }

    pub(crate) fn login_in_terminal(&self) -> Process {
        self.in_terminal("login --no-browser")
    }

    pub(crate) fn in_terminal(&self, arguments: &str) -> Process {
        let line = format!("{} {arguments} --ports {}", binary().display(), self.port);
        let plain = self.command(&[], &["env"]);
        let mut command = Command::new("env");
        command
            .args(["--default-signal", "script", "--quiet", "--return", "--command", &line, "/dev/null"])
            .current_dir(self.project.path(""));
        command.env_clear().envs(plain.get_envs().filter_map(|(name, value)| Some((name, value?))));
        Process::start(&mut command)
    }

    /// The callback URL after Ada approved the login for Copper Kettle.
    pub(crate) fn callback(&self, url: &str) -> String {
        self.autumn.store().approve(url, "ada@example.com", "copper-kettle").unwrap()
    }

    /// Approves the login and opens the callback URL, as a browser does.
    pub(crate) fn approve(&self, url: &str) {
        let answer = get(&self.callback(url));
        // The command waits until a browser loads the page.
        let page = answer.lines().find_map(|line| line.strip_prefix("Location: ")).expect("a page");
        get(&format!("http://localhost:{}{page}", self.port));
    }

    /// Checks that nothing was written and the port is free.
    pub(crate) fn assert_untouched(&self) {
        assert_eq!(self.project.snapshot(), "");
        assert!(is_free(self.port), "the port is taken");
    }

    /// Checks that the output contains no key of the file or of the server.
    pub(crate) fn assert_no_secret_in(&self, done: &Done) {
        let file = self.project.read(".env");
        let mut keys: Vec<String> = file.lines().filter_map(|line| Some(line.split_once('=')?.1.to_owned())).collect();
        assert!(!keys.is_empty(), "no key to search for");
        keys.extend(self.autumn.store().keys().iter().map(|known| known.key.reveal().to_owned()));
        assert!(keys.iter().all(|key| !done.stdout.contains(key) && !done.stderr.contains(key)), "{done:?}");
        // An access token, and a code in a URL.
        for secret in ["am_oauth_", "code=", "code_verifier"] {
            assert!(!done.stderr.contains(&format!("&{secret}")) && !done.stdout.contains(secret), "{done:?}");
        }
    }
}

/// Waits until a condition holds.
pub(crate) fn until(mut happened: impl FnMut() -> bool) {
    let deadline = Instant::now() + TIMEOUT;
    while !happened() {
        assert!(Instant::now() < deadline, "it did not happen");
        std::thread::sleep(Duration::from_millis(5));
    }
}

pub(crate) fn get(url: &str) -> String {
    let (host, path) = url.strip_prefix("http://").unwrap().split_once('/').unwrap();
    let mut stream = TcpStream::connect(host).unwrap();
    write!(stream, "GET /{path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

enum OutputLine {
    Data(String),
    Message(String),
}

/// A running command, whose lines are read as they come.
pub(crate) struct Process {
    child: Child,
    lines: Receiver<OutputLine>,
    stdout: String,
    stderr: String,
}

impl Process {
    fn start(command: &mut Command) -> Self {
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let (sender, lines) = channel();
        read(child.stdout.take().unwrap(), sender.clone(), OutputLine::Data);
        read(child.stderr.take().unwrap(), sender, OutputLine::Message);
        Self { child, lines, stdout: String::new(), stderr: String::new() }
    }

    /// The next line that contains a text, on either stream.
    pub(crate) fn line_with(&mut self, text: &str) -> String {
        let until = Instant::now() + TIMEOUT;
        loop {
            let line = self.next(until).unwrap_or_else(|| panic!("no {text}: {}{}", self.stdout, self.stderr));
            if line.contains(text) {
                return line;
            }
        }
    }

    /// The login URL, alone on its line.
    pub(crate) fn url(&mut self) -> String {
        let line = self.line_with("/api/auth/oauth2/authorize?");
        let url = line.trim_end();
        assert!(url.starts_with("http://localhost:") && !url.contains(char::is_whitespace), "{line}");
        url.to_owned()
    }

    /// Writes a text to stdin and closes it. A command that refuses its arguments may have ended without reading it.
    pub(crate) fn feed(&mut self, text: &str) {
        let _ = write!(self.child.stdin.take().unwrap(), "{text}");
    }

    pub(crate) fn type_line(&mut self, text: &str) {
        writeln!(self.child.stdin.as_mut().unwrap(), "{text}").unwrap();
    }

    pub(crate) fn signal(&self, name: &str) {
        let status = Command::new("kill").args(["-s", name, &self.child.id().to_string()]).status().unwrap();
        assert!(status.success());
    }

    /// Waits for the process, which a signal has ended, and returns whether the system wrote a core dump.
    pub(crate) fn dumps_core(mut self) -> bool {
        let status = self.child.wait().unwrap();
        assert!(status.signal().is_some(), "{status:?}");
        status.core_dumped()
    }

    /// The next line on either stream, or `None` at their end.
    pub(crate) fn line(&mut self) -> Option<String> {
        self.next(Instant::now() + TIMEOUT)
    }

    /// Closes stdin, reads to the end, and waits for the process.
    pub(crate) fn end(mut self) -> Done {
        drop(self.child.stdin.take());
        self.end_open()
    }

    /// Reads to the end while stdin stays open, and waits for the process.
    pub(crate) fn end_open(mut self) -> Done {
        let until = Instant::now() + TIMEOUT;
        while self.next(until).is_some() {}
        let code = self.child.wait().unwrap().code().unwrap_or(-1);
        Done { code, stdout: self.stdout, stderr: self.stderr }
    }

    /// The next line, or `None` at the end of both streams.
    fn next(&mut self, until: Instant) -> Option<String> {
        use std::sync::mpsc::RecvTimeoutError::{Disconnected, Timeout};
        let (kept, line) = match self.lines.recv_timeout(until.saturating_duration_since(Instant::now())) {
            Ok(OutputLine::Data(line)) => (&mut self.stdout, line),
            Ok(OutputLine::Message(line)) => (&mut self.stderr, line),
            Err(Disconnected) => return None,
            Err(Timeout) => {
                let _ = self.child.kill();
                panic!("no further output: {}{}", self.stdout, self.stderr);
            }
        };
        kept.push_str(&line);
        Some(line)
    }
}

fn read(stream: impl Read + Send + 'static, sender: Sender<OutputLine>, kind: fn(String) -> OutputLine) {
    std::thread::spawn(move || {
        for line in BufReader::new(stream).lines().map_while(Result::ok) {
            let _ = sender.send(kind(line + "\n"));
        }
    });
}
