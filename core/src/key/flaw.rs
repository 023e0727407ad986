//! Why a text is not a key. A reason names a class of texts, so that it reveals nothing of the text itself.

mod remedy;

use super::split;
use crate::config::KEY_TAIL_LIMIT;
use crate::secret::Secret;
use crate::text::{BASE64_KEY, clean_pasted, is_invisible, is_variable_name, strip_bearer, strip_wrapping};

pub(crate) use remedy::{Place, Remedy};

/// Why a text is not a key, and what the user can do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flaw {
    /// The reason, as a sentence without its subject: "is in quotes".
    pub reason: String,
    /// What the user can do; `None` if only another key helps.
    pub remedy: Option<Remedy>,
}

/// How the texts of a class start, the reason, and the remedy.
type Class = (&'static str, &'static str, Option<Remedy>);

/// Autumn's other credentials.
const TOKENS: &[Class] =
    &[("am_oauth_", "is an OAuth access token of Autumn", None), ("am_jwt_", "is a JSON Web Token of Autumn", None)];

/// Texts that stand for a key, which a secret manager, a shell or a template should have replaced by it.
const REFERENCES: &[Class] = &[
    ("op://", "is a 1Password reference", Some(Remedy::Placed(&remedy::ONE_PASSWORD))),
    ("encrypted:", "is encrypted by dotenvx", Some(Remedy::Placed(&remedy::DOTENVX))),
    ("vault:", "is a Vault reference", Some(Remedy::Placed(&remedy::VAULT))),
    ("ref+", "is a vals reference", Some(Remedy::Placed(&remedy::VALS))),
    ("ENC[", "is encrypted by SOPS", Some(Remedy::Placed(&remedy::SOPS))),
    ("EJ[1:", "is encrypted by ejson", Some(Remedy::Text("Write the key that `ejson decrypt` prints."))),
    (
        "@Microsoft.KeyVault(",
        "is an Azure Key Vault reference that was not resolved",
        Some(Remedy::Text("Check that the app's identity may read the secret.")),
    ),
    ("infisical://", "is an Infisical reference", Some(Remedy::Placed(&remedy::INFISICAL))),
    ("akv://", "is an Azure Key Vault reference", Some(RESOLVE)),
    ("bws://", "is a Bitwarden reference", Some(Remedy::Placed(&remedy::BITWARDEN))),
    ("file://", "is the URL of a file", Some(Remedy::Placed(&remedy::PATH))),
    ("{{resolve:", "is a CloudFormation reference that was not resolved", Some(EXPAND)),
    ("arn:aws", "is the name of an AWS secret", Some(Remedy::Text("Pass the value of the secret instead of its ARN."))),
    (
        "projects/",
        "is the name of a Google Cloud secret",
        Some(Remedy::Text("Pass the value of the secret instead of its name.")),
    ),
    ("${{", "is an expression that was not evaluated", Some(EXPAND)),
    ("{{", "is a template that was not filled in", Some(EXPAND)),
    ("$(", "is a shell command that was not run", Some(EXPAND)),
    ("$", "refers to another variable, which was not expanded", Some(EXPAND)),
    ("%", "refers to another variable, which was not expanded", Some(EXPAND)),
    (
        BASE64_KEY,
        "is encoded in Base64",
        Some(Remedy::Text("Decode it. In Kubernetes, `stringData` takes the key as it is.")),
    ),
    ("{", "is a JSON object", Some(Remedy::Text("Pass only the value of its field."))),
    ("https://", "is a URL", None),
    ("/", "is a path", Some(Remedy::Placed(&remedy::PATH))),
    ("./", "is a path", Some(Remedy::Placed(&remedy::PATH))),
    ("../", "is a path", Some(Remedy::Placed(&remedy::PATH))),
    ("~/", "is a path", Some(Remedy::Placed(&remedy::PATH))),
    (r"\\", "is a path", Some(Remedy::Placed(&remedy::PATH))),
];

const RESOLVE: Remedy =
    Remedy::Text("Write the key itself, or run the program under the tool that resolves such references.");
const EXPAND: Remedy = Remedy::Text("Write the key itself, or run the program under the tool that inserts the value.");

/// Keys of other services.
const OTHER_SERVICES: &[&str] = &["sk_test_", "sk_live_", "pk_test_", "pk_live_", "rk_live_", "sk-", "whsec_"];
/// Whole texts that stand for a value.
const STAND_INS: &[&str] = &["todo", "tbd", "fixme", "sensitive", "redacted", "masked", "hidden", "null", "undefined"];
/// Words of example files.
const PLACEHOLDERS: &[&str] = &["your", "changeme", "change_me", "change-me", "replace", "xxxx", "placeholder"];

impl Flaw {
    /// A reason and what to do about it.
    pub(crate) fn new(reason: impl Into<String>, remedy: Option<Remedy>) -> Self {
        Self { reason: reason.into(), remedy }
    }

    /// A reason with the same remedy in every place.
    fn with_text(reason: impl Into<String>, remedy: &'static str) -> Self {
        Self::new(reason, Some(Remedy::Text(remedy)))
    }

    /// Why a text is not a key; `None` if it belongs to no known class.
    pub(crate) fn of(text: &str) -> Option<Self> {
        let bare = strip_wrapping(text);
        if bare.is_empty() {
            return Some(Self::new("has no text", None));
        }
        let reference = || class(REFERENCES, bare).or_else(|| other_reference(bare));
        let first = class(TOKENS, bare).or_else(|| wrapped(text)).or_else(|| stand_in(text, bare));
        first.or_else(reference).or_else(|| almost(bare))
    }

    /// Why the value in a `.env` file is not a key, if readers differ on what it is. `None` also for a reference to another
    /// variable, which some readers expand.
    pub(crate) fn of_ambiguous(raw: &str) -> Option<Self> {
        let bare = strip_wrapping(raw);
        let is_expanded = bare.starts_with(['$', '%']) && !["$(", "${{"].iter().any(|start| bare.starts_with(start));
        let reference = || class(REFERENCES, bare).filter(|_| !is_expanded).or_else(|| other_reference(bare));
        let first = class(TOKENS, bare).or_else(|| special_space(raw)).or_else(|| with_scheme(bare));
        first.or_else(|| stand_in(raw, bare)).or_else(reference)
    }
}

/// What a pipeline, a shell or a user should have replaced by a key.
fn stand_in(text: &str, bare: &str) -> Option<Flaw> {
    if let Some(name) = bare.strip_prefix("$(").and_then(|rest| rest.strip_suffix(')')) {
        let is_name = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_');
        let remedy = "Define the variable where the pipeline or the container is configured.";
        return is_name.then(|| Flaw::with_text("is a variable of a pipeline that is not defined", remedy));
    }
    if text.trim().starts_with('`') && bare.contains(' ') {
        return Some(Flaw::new("is a shell command that was not run", Some(EXPAND)));
    }
    let is_drive = bare.as_bytes().first().is_some_and(u8::is_ascii_alphabetic);
    if is_drive && bare.get(1..3).is_some_and(|rest| matches!(rest, r":\" | ":/")) && !bare.contains("://") {
        return Some(Flaw::new("is a path", Some(Remedy::Placed(&remedy::PATH))));
    }
    let is_open = |rest: &str| rest.starts_with(['<', '[', '{']);
    let rest = super::PREFIXES.iter().find_map(|(prefix, _)| bare.strip_prefix(prefix));
    rest.is_some_and(is_open).then(|| Flaw::new("is a placeholder", None))
}

/// Whether a text is a mask, or a word that stands for a value.
fn is_mask(lower: &str) -> bool {
    let word = lower.trim_matches(|c: char| matches!(c, '[' | ']' | '<' | '>' | '(' | ')'));
    let is_masked = word.len() > 2 && word.chars().all(|c| matches!(c, '*' | '•' | 'x' | '.' | '…'));
    is_masked || STAND_INS.contains(&word)
}

/// A reference of a secret manager that has no separate class.
fn other_reference(text: &str) -> Option<Flaw> {
    let (scheme, _) = text.split_once("://")?;
    let is_scheme = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'.' | b'-');
    let fits = scheme.starts_with(|c: char| c.is_ascii_alphabetic()) && scheme.bytes().all(is_scheme);
    fits.then(|| Flaw::new("is a URL, or a reference that was not resolved", Some(RESOLVE)))
}

/// A key beside a space that looks like a usual one.
fn special_space(text: &str) -> Option<Flaw> {
    let space = text.chars().find(|c| c.is_whitespace() && !c.is_ascii())?;
    let name = if space == '\u{a0}' { "a no-break space" } else { "a special space" };
    let reason = format!("has {name} around it (U+{:04X})", u32::from(space));
    split(text.trim()).map(|_| Flaw::with_text(reason, "Remove it: copy the key again, or type the blank."))
}

/// A key after the scheme of an HTTP header.
fn with_scheme(text: &str) -> Option<Flaw> {
    let key = strip_bearer(text)?;
    split(key).map(|_| Flaw::with_text("starts with `Bearer`", "Remove this word."))
}

/// A key with what some programs do not remove from the value of a variable.
fn with_rest(text: &str) -> Option<Flaw> {
    let is_key = |text: &str| split(strip_wrapping(text)).is_some();
    let unquoted = strip_wrapping(text);
    if let Some(key) = unquoted.strip_suffix(r"\n") {
        let remedy = "Remove it. To store a key without a line break, use `printf %s` in place of `echo`.";
        return is_key(key.strip_suffix(r"\r").unwrap_or(key)).then(|| Flaw::with_text(r"ends in `\n`", remedy));
    }
    let (key, rest) = text.split_once(char::is_whitespace)?;
    let is_comment = is_key(key) && rest.trim_start().starts_with('#');
    is_comment.then(|| Flaw::new("is followed by a comment", Some(Remedy::Placed(&remedy::COMMENT))))
}

fn class(classes: &[Class], text: &str) -> Option<Flaw> {
    let (_, reason, remedy) = classes.iter().find(|(start, ..)| text.starts_with(start))?;
    Some(Flaw::new(*reason, *remedy))
}

/// A key with something around it.
fn wrapped(text: &str) -> Option<Flaw> {
    let is_key = |text: &str| split(text).is_some();
    let is_quote = |c: char| matches!(c, '"' | '\'' | '`');
    if let Some(flaw) = special_space(text) {
        return Some(flaw);
    }
    let is_typographic = |c: char| matches!(c, '“' | '”' | '„' | '‘' | '’' | '«' | '»');
    if is_key(text.trim()) {
        let (reason, remedy) = if text.ends_with('\r') {
            ("ends in a carriage return", "Save the file that it comes from with LF line ends.")
        } else if text.trim_matches(' ') == text.trim() {
            ("has blanks around it", "Remove the blanks.")
        } else {
            ("has a line break or a tab around it", "Remove it. In quotes, a line break can be written as `\\n`.")
        };
        return Some(Flaw::with_text(reason, remedy));
    }
    if is_key(text.trim_start_matches('\u{feff}').trim()) {
        let remedy = "Save the file that it comes from without the mark.";
        return Some(Flaw::with_text("starts with a byte order mark", remedy));
    }
    if let Some(invisible) = text.chars().find(|c| is_invisible(*c))
        && is_key(strip_wrapping(clean_pasted(text).reveal()))
    {
        let reason = format!("contains an invisible character (U+{:04X})", u32::from(invisible));
        return Some(Flaw::with_text(reason, "Copy the key again, without this character."));
    }
    let bare = text.trim();
    if is_key(bare.trim_matches(is_quote).trim()) {
        return Some(Flaw::new("is in quotes", Some(Remedy::Placed(&remedy::QUOTES))));
    }
    if is_key(bare.trim_matches(is_typographic).trim()) {
        return Some(Flaw::with_text("is in typographic quotes", "Remove the quotes."));
    }
    if let Some(flaw) = with_scheme(strip_wrapping(bare)).or_else(|| with_rest(bare)) {
        return Some(flaw);
    }
    let around = if bare.contains('=') {
        Flaw::with_text("also contains a variable's name", "Remove the name and the `=`.")
    } else if named_by_colon(bare).is_some() {
        Flaw::with_text("also contains a variable's name", "Remove the name and the `:`.")
    } else {
        Flaw::with_text("has other characters around it", "Remove them.")
    };
    let inner = named_by_colon(bare).unwrap_or(bare).trim_matches(['<', '>', '(', ')', '[', ']', '{', '}', ',']);
    is_key(strip_wrapping(inner)).then_some(around)
}

/// The value in a line of YAML such as `NAME: value`.
fn named_by_colon(text: &str) -> Option<&str> {
    text.split_once(": ").filter(|(name, _)| is_variable_name(name)).map(|(_, value)| value)
}

/// A text that resembles a key, or a placeholder for one.
fn almost(text: &str) -> Option<Flaw> {
    let lower = Secret::from(text.to_ascii_lowercase());
    let lower = lower.reveal();
    let dots = ["…", "...", "***", "•••", "xxxx"];
    if is_mask(lower) {
        return Some(Flaw::new("is a masked value or a placeholder", None));
    }
    if text.starts_with("am_") && dots.iter().any(|dots| lower.contains(dots)) {
        return Some(Flaw::new("is a masked key or a placeholder", None));
    }
    let keys = super::PREFIXES.iter().map(|(prefix, _)| *prefix);
    if let Some(prefix) = keys.into_iter().find(|prefix| lower.starts_with(prefix)) {
        let reason = match text.strip_prefix(prefix) {
            None => "has upper-case letters in its prefix",
            Some("") => "is only the prefix of a key",
            Some(rest) if rest.contains(['\n', '\r']) => "has more than one line",
            Some(rest) if rest.contains(char::is_whitespace) => "contains a blank",
            Some(_) if super::is_doubled(text) => "is one key twice",
            Some(rest) if is_plain(rest) && rest.len() <= KEY_TAIL_LIMIT => "is a placeholder",
            Some(rest) if is_plain(rest) => "is longer than a key",
            Some(_) => "contains a character that keys do not have",
        };
        return Some(Flaw::new(reason, None));
    }
    if OTHER_SERVICES.iter().any(|prefix| text.starts_with(prefix)) {
        return Some(Flaw::new("looks like the key of another service", None));
    }
    let is_placeholder = text.starts_with('<') || PLACEHOLDERS.iter().any(|word| lower.contains(word));
    is_placeholder.then(|| Flaw::new("is a placeholder", None))
}

fn is_plain(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flaws_are_named_by_class_and_repeat_nothing() {
        let key = "am_sk_test_planted0123456789";
        for (text, reason) in [
            ("am_oauth_planted", "is an OAuth access token of Autumn"),
            ("\"am_jwt_planted\"", "is a JSON Web Token of Autumn"),
            ("op://planted/autumn/key", "is a 1Password reference"),
            (" 'encrypted:BPlanted/+=='", "is encrypted by dotenvx"),
            ("vault:secret/data/planted#KEY", "is a Vault reference"),
            ("${PLANTED}", "refers to another variable, which was not expanded"),
            ("$(planted)", "is a shell command that was not run"),
            ("$(PLANTED_KEY)", "is a variable of a pipeline that is not defined"),
            ("`op read planted`", "is a shell command that was not run"),
            (r"C:\secrets\planted", "is a path"),
            ("C:/secrets/planted", "is a path"),
            (r"\\server\planted", "is a path"),
            ("../planted", "is a path"),
            ("EJ[1:planted=]", "is encrypted by ejson"),
            ("xxx", "is a masked value or a placeholder"),
            ("***", "is a masked value or a placeholder"),
            ("[SENSITIVE]", "is a masked value or a placeholder"),
            ("TODO", "is a masked value or a placeholder"),
            ("am_sk_test_<planted key>", "is a placeholder"),
            ("am_sk_test_REPLACE_ME", "is a placeholder"),
            ("am_sk_test_yourkey", "is a placeholder"),
            ("am_sk_test_xxx", "is a placeholder"),
            (&format!("{key}{key}"), "is one key twice"),
            (&format!("<{key}>"), "has other characters around it"),
            (&format!("AUTUMN_SECRET_KEY: {key}"), "also contains a variable's name"),
            (&format!("AUTUMN_SECRET_KEY: \"{key}\""), "also contains a variable's name"),
            (&format!("$env:AUTUMN_SECRET_KEY=\"{key}\""), "also contains a variable's name"),
            ("YW1fc2tfdGVzdF9wbGFudGVkMQ==", "is encoded in Base64"),
            ("YW1fcGtfdGVzdF9wbGFudGVkMQ==", "is encoded in Base64"),
            ("/run/secrets/planted", "is a path"),
            ("YW1fc2tfdGVzdF9wbGFudGVk", "is encoded in Base64"),
            ("{\"AUTUMN_SECRET_KEY\":\"planted\"}", "is a JSON object"),
            (&format!("\"{key}\""), "is in quotes"),
            (&format!("'\"{key}\"'"), "is in quotes"),
            (&format!("“{key}”"), "is in typographic quotes"),
            (&format!("{key}\r"), "ends in a carriage return"),
            (&format!(" {key}"), "has blanks around it"),
            (&format!("{key}\n"), "has a line break or a tab around it"),
            (&format!("\u{feff}{key}"), "starts with a byte order mark"),
            ("am_sk_test_pl\u{200b}anted", "contains an invisible character (U+200B)"),
            (&format!("{key}\u{200b}"), "contains an invisible character (U+200B)"),
            (&format!("Bearer {key}"), "starts with `Bearer`"),
            (&format!("\"Authorization: bearer {key}\""), "starts with `Bearer`"),
            (&format!("\u{a0}{key}"), "has a no-break space around it (U+00A0)"),
            (&format!("{key}\u{2009}"), "has a special space around it (U+2009)"),
            (&format!("{key} # planted"), "is followed by a comment"),
            (&format!("\"{key}\"  # planted"), "is followed by a comment"),
            (&format!(r"{key}\n"), r"ends in `\n`"),
            (&format!(r#""{key}\r\n""#), r"ends in `\n`"),
            ("infisical://planted/key", "is an Infisical reference"),
            ("akv://planted/key", "is an Azure Key Vault reference"),
            ("bws://planted", "is a Bitwarden reference"),
            ("file:///run/secrets/planted", "is the URL of a file"),
            ("awssm://planted", "is a URL, or a reference that was not resolved"),
            (&format!("AUTUMN_SECRET_KEY={key}"), "also contains a variable's name"),
            (&format!("export AUTUMN_SECRET_KEY=\"{key}\""), "also contains a variable's name"),
            (&format!("{key};"), "has other characters around it"),
            ("am_sk_test_…nted", "is a masked key or a placeholder"),
            ("am_sk_test_", "is only the prefix of a key"),
            ("AM_SK_TEST_PLANTED", "has upper-case letters in its prefix"),
            (&format!("{key} {key}"), "contains a blank"),
            (&format!("{key}\n{key}"), "has more than one line"),
            (&format!("am_sk_test_{}", "planted".repeat(40)), "is longer than a key"),
            ("am_sk_test_kkkkkkkkkkkk", "is a placeholder"),
            ("\"am_sk_live_YOUR_KEY_here\"", "is a placeholder"),
            ("am_pk_test_example", "is a placeholder"),
            ("am_sk_test_xxxxxxxxxxxx", "is a masked key or a placeholder"),
            ("am_sk_test_planted#", "contains a character that keys do not have"),
            ("sk_test_planted", "looks like the key of another service"),
            ("<planted>", "is a placeholder"),
            ("your-planted-key", "is a placeholder"),
            (" ", "has no text"),
        ] {
            let flaw = Flaw::of(text).unwrap_or_else(|| panic!("{text:?}"));
            assert_eq!(flaw.reason, reason, "{text:?}");
            assert!(!format!("{flaw:?}").to_lowercase().contains("planted"), "{flaw:?}");
        }
        assert_eq!(Flaw::of("planted"), None);
    }

    proptest::proptest! {
        #[test]
        fn every_text_has_a_class_or_none(start in "(am_sk_test_|am_|[Bb]earer |export |\"|=)?", rest in "\\PC{0,40}") {
            let text = start + &rest;
            let flaw = Flaw::of(&text);
            proptest::prop_assert!(split(&text).is_some() || flaw.is_none_or(|flaw| flaw.reason.len() < 80));
            let _ = super::super::pasted_keys(&text);
        }
    }
}
