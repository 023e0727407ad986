//! Why a text is not a key. A reason names a class of texts, so that it reveals nothing of the text itself.

use super::split;
use crate::config::KEY_TAIL_LIMIT;
use crate::secret::Secret;
use crate::text::{clean_pasted, is_invisible, strip_bearer, strip_wrapping};

/// Why a text is not a key, and what the user can do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flaw {
    /// The reason, as a sentence without its subject: "is in quotes".
    pub reason: String,
    /// What the user can do; `None` if only another key helps.
    pub remedy: Option<&'static str>,
}

/// How the texts of a class start, the reason, and the remedy.
type Class = (&'static str, &'static str, Option<&'static str>);

/// Autumn's other credentials.
const TOKENS: &[Class] =
    &[("am_oauth_", "is an OAuth access token of Autumn", None), ("am_jwt_", "is a JSON Web Token of Autumn", None)];

/// Texts that stand for a key, which a secret manager, a shell or a template should have replaced by it.
const REFERENCES: &[Class] = &[
    ("op://", "is a 1Password reference", Some("Run the program under `op run`.")),
    ("encrypted:", "is encrypted by dotenvx", Some("Run the program under `dotenvx run`.")),
    (
        "vault:",
        "is a Vault reference",
        Some("Run the program under the tool that resolves such references, such as `vault-env`."),
    ),
    ("ref+", "is a vals reference", Some("Run the program under `vals exec`.")),
    ("ENC[", "is encrypted by SOPS", Some("Run the program under `sops exec-env`.")),
    (
        "@Microsoft.KeyVault(",
        "is an Azure Key Vault reference that was not resolved",
        Some("Check that the app's identity may read the secret."),
    ),
    ("infisical://", "is an Infisical reference", Some("Run the program under `infisical run`.")),
    ("akv://", "is an Azure Key Vault reference", Some(RESOLVE)),
    ("bws://", "is a Bitwarden reference", Some("Run the program under `bws run`.")),
    ("file://", "is the URL of a file", Some(NAME_FILE)),
    ("{{resolve:", "is a CloudFormation reference that was not resolved", Some(EXPAND)),
    ("arn:aws", "is the name of an AWS secret", Some("Pass the value of the secret instead of its ARN.")),
    ("projects/", "is the name of a Google Cloud secret", Some("Pass the value of the secret instead of its name.")),
    ("${{", "is an expression that was not evaluated", Some(EXPAND)),
    ("{{", "is a template that was not filled in", Some(EXPAND)),
    ("$(", "is a shell command that was not run", Some(EXPAND)),
    ("$", "refers to another variable, which was not expanded", Some(EXPAND)),
    ("%", "refers to another variable, which was not expanded", Some(EXPAND)),
    ("YW1fc2tf", "is encoded in Base64", Some("Decode it. In Kubernetes, `stringData` takes the key as it is.")),
    ("{", "is a JSON object", Some("Pass only the value of its field.")),
    ("https://", "is a URL", None),
    ("/", "is a path", Some(NAME_FILE)),
    ("./", "is a path", Some(NAME_FILE)),
    ("~/", "is a path", Some(NAME_FILE)),
];

const RESOLVE: &str = "Write the key itself, or run the program under the tool that resolves such references.";
const EXPAND: &str = "Write the key itself, or run the program under the tool that inserts the value.";
const NAME_FILE: &str = "To read the key from a file, set the variable whose name ends in `_FILE` to the path.";

/// Keys of other services.
const OTHER_SERVICES: &[&str] = &["sk_test_", "sk_live_", "pk_test_", "pk_live_", "rk_live_", "sk-", "whsec_"];
/// Words of example files.
const PLACEHOLDERS: &[&str] = &["your", "changeme", "change_me", "change-me", "replace", "xxxx", "placeholder"];

impl Flaw {
    /// A reason and what to do about it.
    pub(crate) fn new(reason: impl Into<String>, remedy: Option<&'static str>) -> Self {
        Self { reason: reason.into(), remedy }
    }

    /// Why a text is not a key; `None` if it belongs to no known class.
    pub(crate) fn of(text: &str) -> Option<Self> {
        let bare = strip_wrapping(text);
        if bare.is_empty() {
            return Some(Self::new("has no text", None));
        }
        let reference = || class(REFERENCES, bare).or_else(|| other_reference(bare));
        class(TOKENS, bare).or_else(|| wrapped(text)).or_else(reference).or_else(|| almost(bare))
    }

    /// Why the value in a `.env` file is not a key, if readers differ on what it is. `None` also for a reference to another
    /// variable, which some readers expand.
    pub(crate) fn of_ambiguous(raw: &str) -> Option<Self> {
        let bare = strip_wrapping(raw);
        let is_expanded = bare.starts_with(['$', '%']) && !["$(", "${{"].iter().any(|start| bare.starts_with(start));
        let reference = || class(REFERENCES, bare).filter(|_| !is_expanded).or_else(|| other_reference(bare));
        class(TOKENS, bare).or_else(|| special_space(raw)).or_else(|| with_scheme(bare)).or_else(reference)
    }
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
    split(text.trim()).map(|_| Flaw::new(reason, Some("Remove it: copy the key again, or type the blank.")))
}

/// A key after the scheme of an HTTP header.
fn with_scheme(text: &str) -> Option<Flaw> {
    let key = strip_bearer(text)?;
    split(key).map(|_| Flaw::new("starts with `Bearer`", Some("Remove this word.")))
}

/// A key with what some programs do not remove from the value of a variable.
fn with_rest(text: &str) -> Option<Flaw> {
    let is_key = |text: &str| split(strip_wrapping(text)).is_some();
    let unquoted = strip_wrapping(text);
    if let Some(key) = unquoted.strip_suffix(r"\n") {
        let remedy = "Remove it. To store a key without a line break, use `printf %s` in place of `echo`.";
        return is_key(key.strip_suffix(r"\r").unwrap_or(key)).then(|| Flaw::new(r"ends in `\n`", Some(remedy)));
    }
    let (key, rest) = text.split_once(char::is_whitespace)?;
    let is_comment = is_key(key) && rest.trim_start().starts_with('#');
    let remedy = "Remove the comment. `docker --env-file` and systemd keep it.";
    is_comment.then(|| Flaw::new("is followed by a comment", Some(remedy)))
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
        return Some(Flaw::new(reason, Some(remedy)));
    }
    if is_key(text.trim_start_matches('\u{feff}').trim()) {
        let remedy = "Save the file that it comes from without the mark.";
        return Some(Flaw::new("starts with a byte order mark", Some(remedy)));
    }
    if let Some(invisible) = text.chars().find(|c| is_invisible(*c))
        && is_key(strip_wrapping(clean_pasted(text).reveal()))
    {
        let reason = format!("contains an invisible character (U+{:04X})", u32::from(invisible));
        return Some(Flaw::new(reason, Some("Copy the key again, without this character.")));
    }
    let bare = text.trim();
    if is_key(bare.trim_matches(is_quote).trim()) {
        return Some(Flaw::new("is in quotes", Some("Remove the quotes. `docker --env-file` keeps them.")));
    }
    if is_key(bare.trim_matches(is_typographic).trim()) {
        return Some(Flaw::new("is in typographic quotes", Some("Remove the quotes.")));
    }
    if let Some(flaw) = with_scheme(strip_wrapping(bare)).or_else(|| with_rest(bare)) {
        return Some(flaw);
    }
    let around = if bare.contains('=') {
        Flaw::new("also contains a variable's name", Some("Remove the name and the `=`."))
    } else {
        Flaw::new("has other characters around it", Some("Remove them."))
    };
    is_key(strip_wrapping(bare)).then_some(around)
}

/// A text that resembles a key, or a placeholder for one.
fn almost(text: &str) -> Option<Flaw> {
    let lower = Secret::from(text.to_ascii_lowercase());
    let lower = lower.reveal();
    let dots = ["…", "...", "***", "•••", "xxxx"];
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
