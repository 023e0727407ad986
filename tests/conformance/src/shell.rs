//! The command as a binding: each request is a command line, and the answer is its `--json` output.

use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

use atmn_tests::vectors;
use libatmn::Language;
use serde_json::{Value, json};

use crate::case::Case;
use crate::driver::set_environment;
use crate::workspace::Workspace;

/// Each operation of the command, with its words.
pub(crate) const COMMANDS: &[(&str, &[&str])] = &[
    ("classify_key", &["key", "--check"]),
    ("resolve_key", &["key", "--reveal"]),
    ("explain_key", &["key", "--explain"]),
    ("save_keys", &["save"]),
    ("logout", &["logout"]),
    ("login", &["login"]),
    ("begin_login", &["login", "--begin"]),
    ("complete_login", &["login", "--complete"]),
    ("whoami", &["env"]),
    ("diagnose", &["doctor"]),
    ("request", &["api", "--include"]),
];

pub(crate) struct Shell {
    program: PathBuf,
}

/// A command about to run.
struct Invocation {
    arguments: Vec<String>,
    stdin: Vec<u8>,
    /// The server's URL, passed in `ATMN_BACKEND_URL`, because the command has no option for it.
    server: Option<String>,
    /// Whether the request asks for events.
    listener: bool,
}

impl Shell {
    pub(crate) fn new(program: PathBuf) -> Self {
        Self { program }
    }

    pub(crate) fn ask(&self, case: &Case, workspace: &Workspace) -> Result<Value, String> {
        let call = Invocation::of(case)?;
        let mut command = Command::new(&self.program);
        set_environment(&mut command, case, workspace);
        command.args(&call.arguments).envs(call.server.iter().map(|server| ("ATMN_BACKEND_URL", server)));
        if let Some(bytes) = bytes(case, "directory") {
            use std::os::unix::ffi::OsStringExt;
            command.arg("--dir").arg(std::ffi::OsString::from_vec(bytes));
        }
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().map_err(|error| format!("{}: {error}", self.program.display()))?;
        // A command that fails early does not read its stdin.
        let _ = child.stdin.take().ok_or("no stdin")?.write_all(&call.stdin);
        let output = child.wait_with_output().map_err(|error| error.to_string())?;
        let mut answer = answer(&call, &output)?;
        if let Some(error) = answer.get_mut("error") {
            use_core_option(case, error);
        }
        Ok(answer)
    }
}

/// Replaces the command's name of an option in an error by the core's, as the other drivers do.
fn use_core_option(case: &Case, error: &mut Value) {
    let Some(shown) = error["context"]["option"].as_str().map(str::to_owned) else { return };
    let names = case.request.keys().map(|name| name.trim_end_matches("_ms").trim_end_matches("_hex"));
    let name =
        names.chain(["server"]).find(|name| Language::Command.option(name) == shown).unwrap_or(&shown).to_owned();
    let message = error["message"].as_str().unwrap_or_default();
    error["message"] = message.replace(&format!("`{shown}`"), &format!("`{name}`")).into();
    error["context"]["option"] = name.into();
}

impl Invocation {
    /// The command line of a request; every member must have an argument.
    fn of(case: &Case) -> Result<Self, String> {
        let words = COMMANDS.iter().find(|(operation, _)| *operation == case.op()).map(|(_, words)| *words);
        let words = words.ok_or_else(|| format!("no command for {}", case.op()))?;
        let mut call = Self {
            arguments: words.iter().map(|word| (*word).to_owned()).collect(),
            stdin: Vec::new(),
            server: None,
            listener: case.request.contains_key("listener"),
        };
        call.arguments.push("--json".into());
        for (name, value) in case.request.iter().filter(|(name, _)| *name != "op") {
            call.take(name, value)?;
        }
        if case.op() == "request" {
            // The default of the command asks the user to log in.
            let reauth = case.text("reauth").unwrap_or("never");
            let words = [case.text("method"), case.text("path"), Some("--reauth"), Some(reauth)];
            call.arguments.extend(words.into_iter().flatten().map(str::to_owned));
        }
        if let Some(text) = bytes(case, "text").or_else(|| bytes(case, "body")) {
            call.stdin = text;
        }
        Ok(call)
    }

    fn take(&mut self, name: &str, value: &Value) -> Result<(), String> {
        let text = value.as_str().unwrap_or_default().to_owned();
        match (name, value) {
            ("directory" | "directory_hex" | "text" | "text_hex" | "listener" | "method" | "path" | "reauth", _) => {}
            ("body" | "body_hex", _) => self.arguments.extend(["--data".into(), "-".into()]),
            ("content_type", _) => self.arguments.extend(["--header".into(), format!("Content-Type: {text}")]),
            ("idempotency_key", _) => self.arguments.extend(["--idempotency-key".into(), text]),
            ("query", Value::Array(pairs)) => self.pairs("--query", "=", pairs),
            ("headers", Value::Array(pairs)) => self.pairs("--header", ": ", pairs),
            ("environment", _) if text == "sandbox" => {}
            ("environment", _) if text == "live" => self.arguments.push("--prod".into()),
            ("gitignore", _) if text == "add" => {}
            ("gitignore", _) if text == "never" => self.arguments.push("--no-gitignore".into()),
            ("server", _) if text == "local" => self.arguments.push("--local".into()),
            ("server", _) => self.server = Some(text),
            ("scopes", Value::Array(scopes)) => {
                let scopes: Vec<&str> = scopes.iter().filter_map(Value::as_str).collect();
                self.arguments.extend(["--scopes".into(), scopes.join(",")]);
            }
            ("file", _) => self.arguments.extend(["--file".into(), text]),
            ("organization", _) => self.arguments.extend(["--organization".into(), text]),
            ("timeout_ms" | "request_timeout_ms" | "login_timeout_ms", Value::Number(number)) => {
                let seconds = number.as_u64().filter(|time| time % 1000 == 0).ok_or("not whole seconds")? / 1000;
                self.arguments.extend(["--timeout".into(), seconds.to_string()]);
            }
            ("open_browser", Value::Bool(false)) => self.arguments.push("--no-browser".into()),
            ("allow_tracked" | "force" | "sandbox_only" | "offline" | "open_browser", Value::Bool(yes)) => {
                let flag = format!("--{}", name.replace('_', "-"));
                self.arguments.extend(yes.then_some(flag).filter(|_| name != "open_browser"));
            }
            ("keys", Value::Array(keys)) => {
                let keys: Vec<&str> = keys.iter().filter_map(Value::as_str).collect();
                self.stdin = keys.join("\n").into_bytes();
            }
            _ => return Err(format!("no place for {name} = {value} on the command line")),
        }
        Ok(())
    }

    fn pairs(&mut self, flag: &str, joint: &str, pairs: &[Value]) {
        let texts: Vec<&str> = pairs.iter().filter_map(Value::as_str).collect();
        let written = texts.chunks(2).flat_map(|pair| [flag.to_owned(), pair.join(joint)]);
        self.arguments.extend(written);
    }
}

/// A member that holds bytes: a text, or hexadecimal digits.
fn bytes(case: &Case, name: &str) -> Option<Vec<u8>> {
    if let Some(text) = case.text(name) {
        return Some(text.as_bytes().to_vec());
    }
    let digits = case.text(&format!("{name}_hex"))?;
    let pair = |start| u8::from_str_radix(digits.get(start..start + 2)?, 16).ok();
    (0..digits.len()).step_by(2).map(pair).collect()
}

fn answer(call: &Invocation, output: &Output) -> Result<Value, String> {
    let (stdout, stderr) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    let printed = || format!("{:?}: {}\n{stdout}{stderr}", call.arguments, output.status);
    let lines: Vec<Value> = stderr.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
    let error = lines.iter().find(|line| line.get("error").is_some()).cloned();
    let mut answer = match error {
        Some(error) => failed(call, error, output.status.code())?,
        None if call.arguments[0] == "api" => json!({ "ok": response(&stdout).ok_or_else(printed)? }),
        None => json!({ "ok": serde_json::from_str::<Value>(&stdout).map_err(|_| printed())? }),
    };
    // Other bindings return `null` for a text that is no key; the command fails.
    if call.arguments[..2] == ["key", "--check"] && answer["error"]["code"] == "malformed_key" {
        answer = json!({ "ok": null });
    }
    // The command reports `null` by its exit code only, and so that a check failed.
    let is_report = call.arguments[0] == "doctor";
    if !is_report && answer.get("ok").is_some_and(|ok| ok.is_null() == output.status.success()) {
        return Err(printed());
    }
    let has = |flag: &str| call.arguments.iter().any(|argument| argument == flag);
    if let Some(pending) =
        answer.get_mut("ok").and_then(Value::as_object_mut).filter(|ok| has("--begin") && ok.contains_key("url"))
    {
        // `next` is the command that completes the login; other bindings have a function.
        pending.remove("next").ok_or_else(printed)?;
    }
    if call.arguments[0] == "save" && answer.get("ok").is_some() {
        // What was saved; other bindings get the keys as objects.
        answer["ok"].as_object_mut().and_then(|saved| saved.remove("keys")).ok_or_else(printed)?;
    }
    if call.listener {
        let is_event = |line: &&Value| line.get("event").is_some();
        let event =
            |line: &Value| json!({ "event": line["event"], "message": line["message"], "context": line["context"] });
        answer["events"] = lines.iter().filter(is_event).map(event).collect();
    }
    Ok(answer)
}

/// A response of the API as `--include` prints it.
fn response(text: &str) -> Option<Value> {
    let (head, body) = text.split_once("\n\n")?;
    let (status, headers) = head.split_once('\n')?;
    let status: u16 = status.strip_prefix("HTTP ")?.parse().ok()?;
    let kind = headers.lines().find_map(|line| line.strip_prefix("content-type: "));
    Some(json!({ "status": status, "content_type": kind, "body": body }))
}

/// An error, after a check of its exit code, without the variable that only the runner sets.
fn failed(call: &Invocation, mut error: Value, exit_code: Option<i32>) -> Result<Value, String> {
    let code = error["error"]["code"].clone();
    let codes = vectors("errors.json");
    let row = codes["errors"].as_array().into_iter().flatten().find(|row| row["name"] == code);
    let agreed = row.map(|row| row["exit_code"].clone()).ok_or_else(|| format!("unknown code {code}"))?;
    if agreed != json!(exit_code) {
        return Err(format!("{code} ended with exit code {exit_code:?}, agreed is {agreed}"));
    }
    if call.server.is_some() && error["error"]["context"]["variable"] == "ATMN_BACKEND_URL" {
        error["error"]["context"].as_object_mut().map(|context| context.remove("variable"));
    }
    Ok(error)
}
