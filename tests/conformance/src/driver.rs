//! A binding over the line protocol: a child process that is reused while its environment fits.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::Duration;

use serde_json::Value;

use crate::case::Case;
use crate::workspace::Workspace;

/// The longest time that a driver may take for one answer.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(600);

/// Variables that a loader, an interpreter or a sanitizer needs; drivers inherit no others.
const INHERITED: &[&str] = &[
    "PATH",
    "LANG",
    "LD_LIBRARY_PATH",
    "LD_PRELOAD",
    "PYTHONPATH",
    "NODE_PATH",
    "ASAN_OPTIONS",
    "LSAN_OPTIONS",
    "UBSAN_OPTIONS",
];

/// The number of broken processes after which a binding is not asked again.
const FAILURE_LIMIT: usize = 10;

pub(crate) struct Driver {
    command: Vec<String>,
    shared: Option<DriverProcess>,
    failures: usize,
}

impl Driver {
    pub(crate) fn new(command: &[String]) -> Self {
        Self { command: command.to_vec(), shared: None, failures: 0 }
    }

    /// Asks the shared process, or a new one if the case sets the environment or working directory.
    pub(crate) fn ask(&mut self, case: &Case, workspace: &Workspace) -> Result<Value, String> {
        if self.failures >= FAILURE_LIMIT {
            return Err("the driver broke too often to be asked again".to_owned());
        }
        let answer = self.answer(case, workspace);
        self.failures += usize::from(answer.is_err());
        answer
    }

    fn answer(&mut self, case: &Case, workspace: &Workspace) -> Result<Value, String> {
        let request = Value::Object(case.request.clone()).to_string();
        let own = !case.env.is_empty() || case.cwd.is_some();
        let process = match self.shared.take_if(|_| !own) {
            Some(process) => process,
            None => DriverProcess::start(&self.command, case, workspace)?,
        };
        let (process, answer) = process.ask(&request)?;
        if own {
            process.end()?;
        } else {
            self.shared = Some(process);
        }
        Ok(answer)
    }

    /// Ends the shared process and reports if that fails.
    pub(crate) fn end(&mut self) -> Result<(), String> {
        self.shared.take().map_or(Ok(()), DriverProcess::end)
    }
}

/// Sets a driver's environment: the case's variables and the inherited ones.
pub(crate) fn set_environment(command: &mut Command, case: &Case, workspace: &Workspace) {
    command.env_clear().envs(INHERITED.iter().filter_map(|name| Some((name, std::env::var_os(name)?))));
    command.envs(workspace.variables());
    command.envs(case.env.iter().map(|(name, text)| (name, text.as_str().unwrap_or_default())));
    command.current_dir(case.cwd.as_deref().map_or_else(|| workspace.idle(), PathBuf::from));
}

struct DriverProcess {
    child: Child,
    stdin: ChildStdin,
    answers: Receiver<Vec<u8>>,
}

impl DriverProcess {
    fn start(words: &[String], case: &Case, workspace: &Workspace) -> Result<Self, String> {
        let (program, arguments) = words.split_first().ok_or("an empty command")?;
        let mut command = Command::new(program);
        command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped());
        set_environment(&mut command, case, workspace);
        let mut child = command.spawn().map_err(|error| format!("{program} does not start: {error}"))?;
        let (stdin, stdout) = (child.stdin.take().ok_or("no stdin")?, child.stdout.take().ok_or("no stdout")?);
        let (send, answers) = channel();
        thread::spawn(move || {
            BufReader::new(stdout).split(b'\n').map_while(Result::ok).try_for_each(|line| send.send(line)).ok();
        });
        Ok(Self { child, stdin, answers })
    }

    /// Returns the process with the answer; a broken process is killed.
    fn ask(mut self, request: &str) -> Result<(Self, Value), String> {
        let sent = self.stdin.write_all(format!("{request}\n").as_bytes()).and_then(|()| self.stdin.flush());
        let line = sent.map_err(|error| error.to_string()).and_then(|()| {
            self.answers.recv_timeout(ANSWER_TIMEOUT).map_err(|error| format!("the driver gave no answer ({error})"))
        });
        let line = line.map_err(|reason| format!("{reason}; {}", self.kill()))?;
        // Paths may hold bytes that are not UTF-8; the core shows them the same way.
        let line = String::from_utf8_lossy(&line);
        let answer = serde_json::from_str(&line).map_err(|error| format!("not JSON ({error}): {line}"))?;
        Ok((self, answer))
    }

    fn end(mut self) -> Result<(), String> {
        drop(self.stdin);
        match self.answers.recv_timeout(ANSWER_TIMEOUT) {
            Ok(line) => return Err(format!("an answer without a request: {}", String::from_utf8_lossy(&line))),
            Err(std::sync::mpsc::RecvTimeoutError::Disconnected) => {}
            Err(std::sync::mpsc::RecvTimeoutError::Timeout) => {
                let _ = self.child.kill();
                return Err("the driver does not end when its stdin ends".to_owned());
            }
        }
        let status = self.child.wait().map_err(|error| error.to_string())?;
        if status.success() { Ok(()) } else { Err(format!("the driver ended with {status}")) }
    }

    fn kill(&mut self) -> String {
        let _ = self.child.kill();
        self.child.wait().map_or_else(|error| error.to_string(), |status| format!("it ended with {status}"))
    }
}

/// The words of a command in `bindings.json`, with complete paths.
pub(crate) fn words(command: &Value, target: &Path, repository: &Path) -> Vec<String> {
    let location = |word: &str| match word.strip_prefix("{target}/") {
        Some(rest) => target.join(rest).display().to_string(),
        None if word.contains('/') => repository.join(word).display().to_string(),
        None => word.to_owned(),
    };
    command.as_array().into_iter().flatten().filter_map(Value::as_str).map(location).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// The last answer of a driver that runs this script.
    fn run_script(script: &str, times: usize) -> Result<Value, String> {
        let mut driver = Driver::new(&["sh".into(), "-c".into(), script.into()]);
        let case = Case::new("none", "none", &json!({ "op": "whoami" }), Value::Null);
        let workspace = Workspace::new();
        let answers: Result<Vec<Value>, String> = (0..times).map(|_| driver.ask(&case, &workspace)).collect();
        let last = answers?.pop().unwrap_or_default();
        driver.end().map(|()| last)
    }

    #[test]
    fn ask_returns_an_answer_for_every_request() {
        let answers = "while read -r line; do printf '{\"ok\":%s}\\n' \"$line\"; done";
        assert_eq!(run_script(answers, 3), Ok(json!({ "ok": { "op": "whoami" } })));
    }

    #[test]
    fn ask_reports_broken_drivers() {
        for (script, complaint) in [
            ("exit 0", "no answer"),
            ("read -r line; echo '{}'", "no answer"),
            ("read -r line; kill $$", "no answer"),
            ("while read -r line; do echo nonsense; done", "not JSON"),
            ("while read -r line; do echo '{}'; done; exit 3", "ended with"),
            ("while read -r line; do echo '{}'; done; echo '{}'", "answer without a request"),
        ] {
            let wrong = run_script(script, 2).unwrap_err();
            assert!(wrong.contains(complaint) || wrong.contains("Broken pipe"), "{script}: {wrong}");
        }
        let missing =
            Driver::new(&["/missing".into()]).ask(&Case::new("", "", &json!({}), Value::Null), &Workspace::new());
        assert!(missing.unwrap_err().contains("does not start"));
    }
}
