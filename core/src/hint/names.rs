//! The names of operations and options in each language.

use super::Caller;

/// The language of the program that calls libatmn. A hint names commands, functions and options in this language.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    /// The `atmn` command.
    Command,
    /// C, through `atmn.h`.
    C,
    /// JavaScript and TypeScript, through the npm package `libatmn`.
    Node,
    /// Python, through the package `libatmn`.
    Python,
    /// Rust, through the crate `libatmn`.
    Rust,
}

/// The name of an operation or option in each language.
pub(super) struct Names {
    pub(super) rust: &'static str,
    pub(super) command: &'static str,
    pub(super) c: &'static str,
    pub(super) node: &'static str,
    pub(super) python: &'static str,
}

impl Names {
    pub(super) fn of(&self, language: Language) -> &'static str {
        match language {
            Language::Command => self.command,
            Language::C => self.c,
            Language::Node => self.node,
            Language::Python => self.python,
            Language::Rust => self.rust,
        }
    }

    /// The command that users of this language run in a terminal, if their package has one.
    pub(super) fn command_line(&self, language: Language) -> Option<String> {
        let command = self.command;
        match language {
            Language::Command => Some(format!("atmn {command}")),
            Language::Node => Some(format!("npx libatmn {command}")),
            Language::Python => Some(format!("python -m libatmn {command}")),
            Language::C | Language::Rust => None,
        }
    }

    /// The operation as an instruction within a sentence: "run `python -m libatmn login` or call `libatmn.login()`".
    pub(super) fn instruction(&self, caller: &Caller) -> String {
        let function = self.of(caller.language);
        match (caller.language, self.command_line(caller.language)) {
            (Language::Command, Some(command)) => format!("run `{command}`"),
            (_, Some(command)) => format!("run `{command}` or call `{function}`"),
            (_, None) => format!("call `{function}`"),
        }
    }
}

pub(super) const LOGIN: Names =
    Names { rust: "libatmn::login", command: "login", c: "atmn_login()", node: "login()", python: "libatmn.login()" };

pub(super) const BEGIN_LOGIN: Names = Names {
    rust: "libatmn::begin_login",
    command: "login --begin",
    c: "atmn_begin_login()",
    node: "beginLogin()",
    python: "libatmn.begin_login()",
};

pub(super) const SAVE_KEYS: Names = Names {
    rust: "libatmn::save_keys",
    command: "save",
    c: "atmn_save_keys()",
    node: "saveKeys()",
    python: "libatmn.save_keys()",
};

pub(super) const EXPLAIN_KEY: Names = Names {
    rust: "libatmn::explain_key",
    command: "key --explain",
    c: "atmn_explain_key()",
    node: "explainKey()",
    python: "libatmn.explain_key()",
};

pub(super) const WHOAMI: Names =
    Names { rust: "libatmn::whoami", command: "env", c: "atmn_whoami()", node: "whoami()", python: "libatmn.whoami()" };

/// The operation that returns the text of a key.
pub(super) const REVEAL: Names = Names {
    rust: "ApiKey::reveal()",
    command: "atmn key --reveal",
    c: "atmn_key_reveal()",
    node: "reveal()",
    python: "reveal()",
};

/// The option for the listener of a call.
pub(super) const LISTENER: Names =
    Names { rust: "listener", command: "", c: "on_event", node: "onEvent", python: "on_event" };

const fn option(
    rust: &'static str,
    command: &'static str,
    c: &'static str,
    node: &'static str,
    python: &'static str,
) -> Names {
    Names { rust, command, c, node, python }
}

/// Every option and argument that an error can name. The command has flags, arguments and environment variables for
/// them; without one, the table repeats the name of the core.
#[rustfmt::skip]
const OPTIONS: &[Names] = &[
    //      Rust               the command           C                    Node              Python
    option("accepts",          "accepts",            "accepts",           "accepts",        "accepts"),
    option("allow_tracked",    "--allow-tracked",    "allow_tracked",     "allowTracked",   "allow_tracked"),
    option("body",             "--data",             "body",              "body",           "body"),
    option("boundary",         "boundary",           "boundary",          "boundary",       "boundary"),
    option("code",             "code",               "code",              "code",           "code"),
    option("content_type",     "--header",           "content_type",      "contentType",    "content_type"),
    option("directory",        "--dir",              "directory",         "directory",      "directory"),
    option("environment",      "--prod",             "environment",       "environment",    "environment"),
    option("file",             "--file",             "file",              "file",           "file"),
    option("force",            "--force",            "force",             "force",          "force"),
    option("gitignore",        "--no-gitignore",     "gitignore",         "gitignore",      "gitignore"),
    option("headers",          "--header",           "header",            "headers",        "headers"),
    option("idempotency_key",  "--idempotency-key",  "idempotency_key",   "idempotencyKey", "idempotency_key"),
    option("key",              "key",                "key",               "key",            "key"),
    option("keys",             "keys",               "keys",              "keys",           "keys"),
    option("login_command",    "login_command",      "login_command",     "loginCommand",   "login_command"),
    option("login_timeout",    "--timeout",          "login_timeout_ms",  "loginTimeoutMs", "login_timeout"),
    option("method",           "METHOD",             "method",            "method",         "method"),
    option("open_browser",     "--no-browser",       "open_browser",      "openBrowser",    "open_browser"),
    option("organization",     "--organization",     "organization",      "organization",   "organization"),
    option("path",             "PATH",               "path",              "path",           "path"),
    option("query",            "--query",            "query",             "query",          "query"),
    option("reauth",           "--reauth",           "reauth",            "reauth",         "reauth"),
    option("response_limit",   "response_limit",     "response_limit",    "responseLimit",  "response_limit"),
    option("retries",          "--retries",          "retries",           "retries",        "retries"),
    option("runtime",          "runtime",            "runtime",           "runtime",        "runtime"),
    option("sandbox_only",     "--sandbox-only",     "sandbox_only",      "sandboxOnly",    "sandbox_only"),
    option("scopes",           "--scopes",           "scopes",            "scopes",         "scopes"),
    option("server",           "ATMN_BACKEND_URL",   "server",            "server",         "server"),
    option("text",             "text",               "text",              "text",           "text"),
    option("timeout",          "--timeout",          "timeout_ms",        "timeoutMs",      "timeout"),
];

impl Language {
    /// The name of an option of the core in this language. A name that is not in the table is returned as it is.
    #[must_use]
    pub fn option(self, rust: &str) -> &str {
        OPTIONS.iter().find(|names| names.rust == rust).map_or(rust, |names| names.of(self))
    }

    /// Whether an option of the core has this name in this language.
    #[cfg(test)]
    pub(super) fn names_option(self, name: &str) -> bool {
        OPTIONS.iter().any(|names| names.of(self) == name)
    }

    /// An option with a value as an instruction within a sentence: "add `--prod`", "pass `environment: 'live'`".
    pub(super) fn setting(self, option: &str, value: &str) -> String {
        let name = self.option(option);
        let is_flag = matches!(value, "true" | "false");
        match self {
            Self::Command => match (option, value) {
                ("environment", "sandbox") => "remove `--prod`".to_owned(),
                ("environment" | "gitignore", _) | (_, "true") => format!("add `{name}`"),
                (_, value) => format!("add `{name} {value}`"),
            },
            Self::Node if is_flag => format!("pass `{name}: {value}`"),
            Self::Node => format!("pass `{name}: '{value}'`"),
            Self::Python if is_flag => format!("pass `{name}={}`", capitalized(value)),
            Self::Python => format!("pass `{name}='{value}'`"),
            Self::C if is_flag => format!("set `{name}` to {}", i32::from(value == "true")),
            Self::C if option == "file" => format!("set `{name}` to \"{value}\""),
            Self::C => format!("set `{name}` to `ATMN_{}_{}`", option.to_uppercase(), value.to_uppercase()),
            Self::Rust if is_flag => format!("set `{name}` to `{value}`"),
            Self::Rust if option == "file" => format!("set `{name}` to `{value}`"),
            Self::Rust => format!("set `{name}` to `{}::{}`", capitalized(option), capitalized(value)),
        }
    }
}

/// A text with a capital first letter.
pub(super) fn capitalized(text: &str) -> String {
    let mut characters = text.chars();
    let first = characters.next().map(|first| first.to_ascii_uppercase());
    first.into_iter().chain(characters).collect()
}
