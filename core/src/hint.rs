//! What to do about an error, as data: each language names its own commands, functions and options.

use std::fmt;

/// What the caller of an operation speaks. A hint names commands, functions and options in this language.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    /// The `atmn` command.
    Command,
    /// C, over `atmn.h`.
    C,
    /// JavaScript and TypeScript, over the npm package `libatmn`.
    Node,
    /// Python, over the package `libatmn`.
    Python,
    /// Rust, over the crate `libatmn`.
    Rust,
}

/// Who reads an error: the language, and the host program's own login command if it has one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    /// The language in which commands, functions and options are named.
    pub language: Language,
    /// The command with which users of the host program log in, such as `shop login`. Every hint names it if it is set.
    pub login_command: Option<String>,
}

impl Caller {
    /// A caller in this language that has no login command of its own.
    #[must_use]
    pub const fn new(language: Language) -> Self {
        Self { language, login_command: None }
    }
}

/// What to do about an error.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Hint {
    /// A sentence that is the same in every language.
    Text(String),
    /// Several hints, to be read in this order.
    All(Vec<Hint>),
}

impl Hint {
    /// The hint in the caller's language, as one or more sentences.
    #[must_use]
    pub fn render(&self, caller: &Caller) -> String {
        match self {
            Self::Text(text) => text.clone(),
            Self::All(hints) => hints.iter().map(|hint| hint.render(caller)).collect::<Vec<_>>().join(" "),
        }
    }
}

impl Hint {
    /// This hint, and then another one.
    #[must_use]
    pub fn and(self, next: impl Into<Self>) -> Self {
        match self {
            Self::All(mut hints) => {
                hints.push(next.into());
                Self::All(hints)
            }
            first => Self::All(vec![first, next.into()]),
        }
    }
}

impl From<String> for Hint {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<&str> for Hint {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

/// The hint as a Rust program names things.
impl fmt::Display for Hint {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.render(&Caller::new(Language::Rust)))
    }
}

/// An option's name in each language, where they differ.
struct OptionName {
    rust: &'static str,
    command: &'static str,
    c: &'static str,
    node: &'static str,
    python: &'static str,
}

const OPTION_NAMES: &[OptionName] = &[
    OptionName {
        rust: "login_timeout",
        command: "--timeout",
        c: "login_timeout_ms",
        node: "loginTimeoutMs",
        python: "login_timeout",
    },
    OptionName { rust: "timeout", command: "--timeout", c: "timeout_ms", node: "timeoutMs", python: "timeout" },
    OptionName {
        rust: "response_limit",
        command: "response_limit",
        c: "response_limit",
        node: "responseLimit",
        python: "response_limit",
    },
    OptionName {
        rust: "open_browser",
        command: "--no-browser",
        c: "open_browser",
        node: "openBrowser",
        python: "open_browser",
    },
    OptionName {
        rust: "sandbox_only",
        command: "--sandbox-only",
        c: "sandbox_only",
        node: "sandboxOnly",
        python: "sandbox_only",
    },
    OptionName {
        rust: "allow_tracked",
        command: "--allow-tracked",
        c: "allow_tracked",
        node: "allowTracked",
        python: "allow_tracked",
    },
    OptionName {
        rust: "content_type",
        command: "--header",
        c: "content_type",
        node: "contentType",
        python: "content_type",
    },
    OptionName {
        rust: "idempotency_key",
        command: "--idempotency-key",
        c: "idempotency_key",
        node: "idempotencyKey",
        python: "idempotency_key",
    },
];

impl Language {
    /// What this language calls an option of the core.
    #[must_use]
    pub fn option(self, rust: &str) -> &str {
        let Some(names) = OPTION_NAMES.iter().find(|names| names.rust == rust) else { return rust };
        match self {
            Self::Command => names.command,
            Self::C => names.c,
            Self::Node => names.node,
            Self::Python => names.python,
            Self::Rust => names.rust,
        }
    }
}
