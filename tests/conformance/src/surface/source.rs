//! The core's surface, read from its source: public functions, fields and variants.

use std::path::Path;

use libatmn::{ErrorCode, EventCode};
use serde_json::{Value, json};

use super::{lists, surface as sections};

/// Functions of the core that are parts of an operation, or the operation again for callers with async.
const PARTS: [&str; 6] =
    ["authenticate_async", "conclude", "is_public_endpoint", "read_credential", "refusal", "terminal_listener"];

/// Options and the structs that hold them.
const OPTIONS: [(&str, &str); 10] = [
    ("resolve_key", "ResolveOptions"),
    ("explain_key", "ResolveOptions"),
    ("save_keys", "SaveOptions"),
    ("logout", "LogoutOptions"),
    ("login", "LoginOptions"),
    ("start_login", "LoginOptions"),
    ("begin_login", "LoginOptions"),
    ("whoami", "WhoamiOptions"),
    ("client", "ClientOptions"),
    ("request", "ApiRequest"),
];

const RESULTS: [(&str, &str); 11] = [
    ("key_class", "KeyClass"),
    ("place", "Place"),
    ("resolved_key", "ResolvedKey"),
    ("saved", "Saved"),
    ("logged_out", "LogoutResult"),
    ("logged_in", "LoginResult"),
    ("organization", "Organization"),
    ("pending_login", "PendingLogin"),
    ("identity", "Identity"),
    ("event", "Event"),
    ("error", "Error"),
];

const WORDS: [(&str, &str); 8] = [
    ("kind", "Kind"),
    ("environment", "Environment"),
    ("origin", "Origin"),
    ("outcome", "Outcome"),
    ("git", "Git"),
    ("gitignore", "Gitignore"),
    ("reauth", "Reauth"),
    ("accepts", "Accepts"),
];

pub(crate) fn surface(folder: &Path) -> Value {
    let mut text = String::new();
    gather(folder, &mut text);
    let lib = std::fs::read_to_string(folder.join("lib.rs")).expect("lib.rs");
    let source = Source { lib, text };
    let named = |(name, of): &(&str, &str), find: &dyn Fn(&str) -> Vec<String>| ((*name).to_owned(), find(of));
    let mut options: Vec<_> = OPTIONS.iter().map(|entry| named(entry, &|of| source.options(of))).collect();
    // What a call takes beside its request or text.
    options.push(("authenticate".into(), vec!["accepts".into()]));
    options.push(("complete_login".into(), vec!["login_timeout".into()]));
    let mut results: Vec<_> = RESULTS.iter().map(|entry| named(entry, &|of| source.fields(of))).collect();
    results.push(("response".into(), source.fields("Response")));
    results.push(("credential".into(), vec!["kind".into(), "key".into()]));
    let (waits, getters) = source.methods("Attempt", &["start", "handle"]);
    results.push(("attempt".into(), getters));
    let handle = source.methods("AttemptHandle", &[]).0;
    let client = source.methods("Client", &["new"]).0;
    let mut operations = source.functions();
    operations.extend(client.iter().filter(|method| *method != "submit").cloned());
    sections([
        ("operations", json!(operations)),
        ("methods", lists([("attempt".into(), [waits, handle].concat()), ("client".into(), client)])),
        ("options", lists(options)),
        ("results", lists(results)),
        ("words", lists(WORDS.iter().map(|entry| named(entry, &|of| source.variants(of))))),
        ("error_codes", ErrorCode::ALL.iter().map(|code| code.name()).collect()),
        ("event_codes", EventCode::ALL.iter().map(|code| code.name()).collect()),
    ])
}

fn gather(folder: &Path, text: &mut String) {
    let mut paths: Vec<_> =
        std::fs::read_dir(folder).expect("the core").map(|entry| entry.expect("a file").path()).collect();
    paths.sort();
    for path in paths {
        if path.is_dir() {
            // Its words are its own: nothing of it is shown to callers.
            if !path.ends_with("callback") {
                gather(&path, text);
            }
        } else {
            text.push_str(&std::fs::read_to_string(&path).expect("source"));
        }
    }
}

struct Source {
    /// The file that says what is public.
    lib: String,
    /// All files, one behind the other.
    text: String,
}

impl Source {
    /// The lines between `head {` and the closing brace, of each place where it stands; at least one.
    fn blocks(&self, head: &str) -> Vec<Vec<&str>> {
        let head = format!("\n{head} {{\n");
        let blocks: Vec<_> = self.text.split(&head).skip(1).filter_map(|rest| rest.split("\n}").next()).collect();
        assert!(!blocks.is_empty(), "the core has no{}", head.trim_end());
        blocks.into_iter().map(|block| block.lines().map(str::trim).collect()).collect()
    }

    /// The public fields of a struct, without those that are hidden.
    fn fields(&self, name: &str) -> Vec<String> {
        let block = self.blocks(&format!("pub struct {name}")).remove(0);
        let hidden = |index: usize| index > 0 && block[index - 1] == "#[doc(hidden)]";
        let field = |(index, line): (usize, &&str)| {
            let (field, _) = line.strip_prefix("pub ")?.split_once(':')?;
            (!hidden(index)).then(|| field.to_owned())
        };
        block.iter().enumerate().filter_map(field).collect()
    }

    /// The fields of an options struct, with those of the resolution in it; what every request has is no option.
    fn options(&self, name: &str) -> Vec<String> {
        let inner = |field: String| match field.as_str() {
            "resolve" => self.fields("ResolveOptions"),
            "method" | "path" => Vec::new(),
            _ => vec![field],
        };
        self.fields(name).into_iter().flat_map(inner).collect()
    }

    /// The variants of an enum, as the other languages write them.
    fn variants(&self, name: &str) -> Vec<String> {
        let block = self.blocks(&format!("pub enum {name}")).remove(0);
        let variant = |line: &str| line.strip_suffix(',').filter(|name| !name.starts_with(['/', '#'])).map(snake);
        block.into_iter().filter_map(variant).collect()
    }

    /// The functions that `lib.rs` shows to callers.
    fn functions(&self) -> Vec<String> {
        let exports = self.lib.split("pub use ").skip(1).filter_map(|rest| rest.split(';').next()?.split_once("::"));
        let names = exports.flat_map(|(_, names)| names.trim_matches(['{', '}']).split(',').map(str::trim));
        let is_function = |name: &&str| name.starts_with(|c: char| c.is_ascii_lowercase());
        names.filter(is_function).filter(|name| !PARTS.contains(name)).map(str::to_owned).collect()
    }

    /// What an object for callers that wait can do, and what it tells.
    fn methods(&self, name: &str, but: &[&str]) -> (Vec<String>, Vec<String>) {
        let blocks = self.blocks(&format!("impl {name}"));
        let (mut actions, mut getters) = (Vec::new(), Vec::new());
        for line in blocks.iter().flatten() {
            let Some(method) = line.strip_prefix("pub fn ").and_then(|line| line.split('(').next()) else { continue };
            let list = if line.contains(") -> ") && !line.contains("Result<") { &mut getters } else { &mut actions };
            if !but.contains(&method) && !list.iter().any(|known| known == method) {
                list.push(method.to_owned());
            }
        }
        (actions, getters)
    }
}

/// `NotIgnored` is `not_ignored`.
fn snake(name: &str) -> String {
    let mut text = String::new();
    for c in name.chars() {
        if c.is_ascii_uppercase() && !text.is_empty() {
            text.push('_');
        }
        text.push(c.to_ascii_lowercase());
    }
    text
}
