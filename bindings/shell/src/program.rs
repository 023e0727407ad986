//! How the command was called: by which name, and with which arguments. Other programs run it under their own name, such as
//! `npx libatmn`.

use std::borrow::Cow;
use std::ffi::OsString;
use std::sync::OnceLock;

use libatmn::__internal::diagnose::CallingCommand;
use serde_json::Value;

/// The name that the texts of this crate and of the core contain.
const OWN_NAME: &str = "atmn";

static CALLED: OnceLock<CommandLine> = OnceLock::new();
/// Set if `--local` was typed.
static IS_LOCAL: OnceLock<()> = OnceLock::new();

/// A call of the command.
#[derive(Clone, Debug)]
pub struct CommandLine {
    /// What users type to call the command. Help, hints and messages name it.
    pub name: String,
    /// The arguments, without the name.
    pub arguments: Vec<OsString>,
}

impl CommandLine {
    fn of_process() -> Self {
        Self { name: OWN_NAME.to_owned(), arguments: std::env::args_os().skip(1).collect() }
    }
}

/// Sets how the command was called. Without it, the process is the command.
pub(crate) fn set(program: CommandLine) {
    // A process runs the command once.
    let _ = CALLED.set(program);
    pass_streams_on();
}

/// Node keeps its standard streams from programs that replace the process.
#[cfg(unix)]
fn pass_streams_on() {
    use rustix::io::{FdFlags, fcntl_getfd, fcntl_setfd};
    use rustix::stdio::{stderr, stdin, stdout};
    for stream in [stdin(), stdout(), stderr()] {
        // A closed one stays closed.
        let _ = fcntl_getfd(stream).and_then(|flags| fcntl_setfd(stream, flags - FdFlags::CLOEXEC));
    }
}

#[cfg(not(unix))]
fn pass_streams_on() {}

fn called() -> &'static CommandLine {
    CALLED.get_or_init(CommandLine::of_process)
}

/// What users type to call the command.
pub(crate) fn name() -> &'static str {
    &called().name
}

/// The arguments, without the name.
pub(crate) fn arguments() -> &'static [OsString] {
    &called().arguments
}

/// This command, for the check of the programs that have its name.
pub(crate) fn command() -> Option<CallingCommand> {
    if name() == OWN_NAME {
        std::env::current_exe().ok().map(CallingCommand::Program)
    } else {
        Some(CallingCommand::Part(name().to_owned()))
    }
}

/// Makes the texts lead to a login at the local server, as the user asked for that server.
pub(crate) fn use_local_server() {
    let _ = IS_LOCAL.set(());
}

fn is_local() -> bool {
    IS_LOCAL.get().is_some()
}

/// A text in which the commands in backticks have the name that users type, and its logins the server that they chose.
pub(crate) fn named(text: &str) -> Cow<'_, str> {
    match (is_local(), name() == OWN_NAME) {
        (false, true) => text.into(),
        (false, false) => renamed(text, name()).into(),
        (true, _) => renamed(&with_local_logins(text), name()).into(),
    }
}

/// A text whose logins are at the local server. The second step of a login has the server of the first.
fn with_local_logins(text: &str) -> String {
    let local = text.replace("`atmn login", "`atmn --local login");
    local.replace("`atmn --local login --complete", "`atmn login --complete")
}

/// A line for a shell with the name that users type.
pub(crate) fn named_line(line: &str) -> Cow<'_, str> {
    if name() == OWN_NAME { line.into() } else { renamed_line(line, name()).into() }
}

/// A result as JSON, whose texts for users have the name that they type.
pub(crate) fn named_json(mut value: Value) -> Value {
    if is_local() || name() != OWN_NAME {
        rename_members(&mut value);
    }
    value
}

fn rename_members(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(rename_members),
        Value::Object(members) => {
            for (member, value) in members {
                match (member.as_str(), &mut *value) {
                    ("message" | "hint" | "note", Value::String(text)) => *text = named(text).into_owned(),
                    ("next", Value::String(line)) => *line = renamed_line(line, name()),
                    (_, value) => rename_members(value),
                }
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

fn renamed(text: &str, name: &str) -> String {
    let parts = text.split('`').enumerate();
    let parts = parts.map(|(at, part)| if at % 2 == 1 { renamed_line(part, name) } else { part.to_owned() });
    parts.collect::<Vec<_>>().join("`")
}

fn renamed_line(line: &str, name: &str) -> String {
    let (mut text, mut rest) = (String::with_capacity(line.len() + name.len()), line);
    while let Some((before, after)) = rest.split_once(OWN_NAME) {
        text.push_str(before);
        let is_word = after.is_empty() || after.starts_with(' ');
        text.push_str(if is_word && is_command_next(&text) { name } else { OWN_NAME });
        rest = after;
    }
    text + rest
}

/// Whether a shell takes the next word of a line for a command.
fn is_command_next(before: &str) -> bool {
    let is_assignment = || before.strip_suffix(' ').is_some_and(|words| !words.contains(' ') && words.contains('='));
    before.is_empty() || ["| ", "$(", "<("].iter().any(|start| before.ends_with(start)) || is_assignment()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_get_the_name_and_other_words_stay() {
        for (text, expected) in [
            ("Run `atmn login` or `atmn key --explain`.", "Run `npx libatmn login` or `npx libatmn key --explain`."),
            (
                "Log in with `ATMN_BACKEND_URL=http://[::1]:1 atmn login`.",
                "Log in with `ATMN_BACKEND_URL=http://[::1]:1 npx libatmn login`.",
            ),
            ("Use `pbpaste | atmn save`.", "Use `pbpaste | npx libatmn save`."),
            ("Run `npx atmn push`; atmn retries.", "Run `npx atmn push`; atmn retries."),
            ("Cannot read `/srv/atmn data/.env`.", "Cannot read `/srv/atmn data/.env`."),
            ("Add `/.env` to `atmn.fish`.", "Add `/.env` to `atmn.fish`."),
        ] {
            assert_eq!(renamed(text, "npx libatmn"), expected);
        }
        let local =
            with_local_logins("Run `atmn login --begin`, then `… | atmn login --complete` or `atmn login --complete`.");
        assert_eq!(
            local,
            "Run `atmn --local login --begin`, then `… | atmn login --complete` or `atmn login --complete`."
        );
        let line = "customers=$(atmn api /v1/customers) || exit";
        assert_eq!(renamed_line(line, "libatmn"), "customers=$(libatmn api /v1/customers) || exit");
    }
}
