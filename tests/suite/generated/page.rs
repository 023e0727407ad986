//! The page `docs/events-and-errors.md`: classes, codes, events and the values of enumerations.

use libatmn::__internal::context::{CONTEXT_VALUES, Errors, EventContext, event_context};
use libatmn::{Accepts, Environment, ErrorClass, ErrorCode, EventCode, Git, Gitignore, Kind, Origin, Outcome, Reauth};

/// The blocks of error numbers, with the first and the last of each.
const BLOCKS: &[(i32, i32, &str)] = &[
    (1, 99, "arguments and the call itself"),
    (100, 199, "logging in"),
    (200, 299, "keys"),
    (300, 399, "files"),
    (400, 499, "network and API"),
    (500, 599, "answers to requests without a good key"),
];

pub(crate) fn page() -> String {
    include_str!("events-and-errors.md").to_owned() + &classes() + &errors() + &events() + &contexts() + &enumerations()
}

/// The classes of errors, and the exceptions that Node and Python throw for them.
fn classes() -> String {
    let mut text =
        "\n## Classes of errors\n\n| class | errors of this class | Node | Python |\n|---|---|---|---|\n".to_owned();
    for &class in ErrorClass::ALL {
        let (node, python) = match class {
            ErrorClass::Argument => ("`AtmnError`, `TypeError`", "`InvalidArgument`, `TypeError`"),
            ErrorClass::Call => ("`AtmnError`", "`AtmnError`"),
            ErrorClass::Deadline => ("`AtmnError`", "`LoginTimeout`"),
            ErrorClass::Login => ("`AtmnError`", "`LoginError`"),
            ErrorClass::Key => ("`AtmnError`", "`ApiKeyError`"),
            ErrorClass::File => ("`AtmnError`", "`FileError`, `FilePermissionError`"),
            ErrorClass::Request => ("`AtmnError`", "`RequestError`, `RequestTimeout`, `ServerConnectionError`"),
            ErrorClass::Answer => ("`ApiError`", "`ApiError`"),
            ErrorClass::Refusal => ("`AuthenticationError`", "`AuthenticationError`"),
        };
        text += &format!("| `{}` | {} | {node} | {python} |\n", class.name(), without_links(class.meaning()));
    }
    text + CLASSES_BY_NUMBER
}

/// The rule of `Error::class`, for bindings that have only the number and the context.
const CLASSES_BY_NUMBER: &str = "
An error whose context has `server` and `status` is a response: its class is `answer` if its number
is 500 or more, or if it is `unauthorized`, `api_error`, `login_needed`, `exchange_refused`,
`exchange_unreadable` or `keys_refused`. Without `server`, numbers from 500 on, `unauthorized` and
`api_error` are `refusal` with a `status`, and `request` without. All others follow their block: 1
to 3 are `argument`, 5 is `deadline`, the rest below 100 is `call`; then come `login`, `key`, `file`
and `request`.
";

fn errors() -> String {
    let mut text = "\n## Errors\n\nThe exit code is that of the `atmn` command: 1 failed, 2 usage error, 4 login required. 0 means\n\
                    success in C and in the shell. A signal ends the command with 129, 130 or 143, and a\n\
                    closed pipe with 141.\n"
        .to_owned();
    for (first, last, title) in BLOCKS {
        text +=
            &format!("\n### {first}–{last}: {title}\n\n| number | name | meaning | exit code |\n|---|---|---|---|\n");
        for code in ErrorCode::ALL.iter().filter(|code| (*first..=*last).contains(&code.number())) {
            let (number, name, exit) = (code.number(), code.name(), code.exit_code());
            text += &format!("| {number} | `{name}` | {} | {exit} |\n", code.meaning());
        }
    }
    text
}

fn events() -> String {
    let mut text = "\n## Events\n\nThe context of an event has the names of the last column, those in parentheses only sometimes.\n\n\
                    | number | name | what happened | context |\n|---|---|---|---|\n"
        .to_owned();
    for code in EventCode::ALL {
        let EventContext { always, sometimes } = event_context(*code);
        let always = always.iter().map(|name| format!("`{name}`"));
        let names: Vec<String> = always.chain(sometimes.iter().map(|name| format!("(`{name}`)"))).collect();
        text += &format!("| {} | `{}` | {} | {} |\n", code.number(), code.name(), code.meaning(), names.join(", "));
    }
    text
}

/// The names in the contexts of events and errors.
fn contexts() -> String {
    let mut text = "\n## Context\n\nErrors and events have details, each with a name. In the context of an event, numbers are numbers (in C and \
                    Rust,\ncalls such as `atmn_event_port` and `number(\"port\")` return them); in the context of an error, all values are \
                    texts.\nThe fields of an `ApiError` are in the table at the top.\n\n\
                    | name | value | what it is | errors | events |\n|---|---|---|---|---|\n"
        .to_owned();
    for value in CONTEXT_VALUES {
        let has = |code: &&EventCode| {
            let EventContext { always, sometimes } = event_context(**code);
            always.contains(&value.name) || sometimes.contains(&value.name)
        };
        let events: Vec<String> = EventCode::ALL.iter().filter(has).map(|code| format!("`{}`", code.name())).collect();
        let kind = if value.is_number { "number" } else { "text" };
        let errors = errors_with(&value.errors);
        text += &format!("| `{}` | {kind} | {} | {errors} | {} |\n", value.name, value.meaning, events.join(", "));
    }
    text
}

/// The errors that may have a value, in words.
fn errors_with(errors: &Errors) -> String {
    let codes =
        |codes: &[ErrorCode]| codes.iter().map(|code| format!("`{}`", code.name())).collect::<Vec<_>>().join(", ");
    match errors {
        Errors::None => String::new(),
        Errors::Codes(those) => codes(those),
        Errors::Classes(classes, those) => {
            let classes = classes.iter().map(|class| format!("`{}`", class.name())).collect::<Vec<_>>().join(", ");
            let rest = if those.is_empty() { String::new() } else { format!("; {}", codes(those)) };
            format!("class {classes}{rest}")
        }
        Errors::Described(words) => (*words).to_owned(),
    }
}

/// The values of options and of fields in results.
fn enumerations() -> String {
    let introduction = "\n## Values of options and results\n\nThe names are those of Node, Python and `--json`. C has numbers \
                        with macros, such as\n`ATMN_OUTCOME_USED`, and Rust has enumerations of the same names.\n";
    [
        introduction.to_owned(),
        table("Environment", "environment", Environment::ALL, |value| (value.name(), value.meaning())),
        table("Kind of a key", "kind", Kind::ALL, |value| (value.name(), value.meaning())),
        table("Origin of a location", "origin", Origin::ALL, |value| (value.name(), value.meaning())),
        table("Outcome of a location", "outcome", Outcome::ALL, |value| (value.name(), value.meaning())),
        table("Git, for a saved file", "git", Git::ALL, |value| (value.name(), value.meaning())),
        table("Gitignore", "gitignore", Gitignore::ALL, |value| (value.name(), value.meaning())),
        table("Automatic login", "reauth", Reauth::ALL, |value| (value.name(), value.meaning())),
        table("Accepted credentials", "accepts", Accepts::ALL, |value| (value.name(), value.meaning())),
    ]
    .concat()
}

fn table<T: Copy>(title: &str, name: &str, values: &[T], row: fn(T) -> (&'static str, &'static str)) -> String {
    let rows = values.iter().map(|&value| row(value));
    let rows: String = rows.map(|(value, meaning)| format!("| `{value}` | {} |\n", without_links(meaning))).collect();
    format!("\n### {title}\n\n| `{name}` | meaning |\n|---|---|\n{rows}")
}

/// A text of rustdoc without the targets of its links.
fn without_links(text: &str) -> String {
    let mut parts = text.split("](");
    let first = parts.next().unwrap_or_default().to_owned();
    let rest = parts.map(|part| part.split_once(' ').map_or(String::new(), |(_target, rest)| format!(" {rest}")));
    (first + &rest.collect::<String>()).replace('[', "")
}
