//! Autumn's API keys: their format, their kind and environment, and their masked form.

mod flaw;
mod pasted;

use std::fmt;
use std::hash::{Hash, Hasher};

use subtle::ConstantTimeEq as _;

use crate::config::{KEY_TAIL_LIMIT, PROD_SECRET_VARIABLE, SECRET_VARIABLE};
use crate::error::{Error, ErrorCode, Result};
use crate::secret::Secret;
use crate::text::{contains_secret, parse_enum};

pub use flaw::Flaw;
pub(crate) use flaw::{Place, Remedy};
pub use pasted::{PastedKeys, pasted_keys};

enumeration! {
    /// The kind of a key.
    pub enum Kind {
        /// `am_sk_…`: a secret key, for all endpoints. It belongs on servers only.
        Secret => "secret",
        /// `am_pk_…`: a publishable key, for four endpoints. It may be public.
        Publishable => "publishable",
    }
}

enumeration! {
    /// The environment whose data a key accesses.
    pub enum Environment("environment") {
        /// `…_test_…`: for development and testing.
        Sandbox => "sandbox",
        /// `…_live_…`: real customers. The command selects it with `--prod`.
        Live => "live",
    }
}

impl Environment {
    /// The variable in which keys of this environment are saved.
    #[must_use]
    pub const fn variable(self) -> &'static str {
        match self {
            Self::Sandbox => SECRET_VARIABLE,
            Self::Live => PROD_SECRET_VARIABLE,
        }
    }

    /// The other environment.
    pub(crate) const fn other(self) -> Self {
        match self {
            Self::Sandbox => Self::Live,
            Self::Live => Self::Sandbox,
        }
    }
}

/// The kind and environment of a key, as its text shows them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeyClass {
    /// The kind.
    pub kind: Kind,
    /// The environment.
    pub environment: Environment,
}

pub(crate) const PREFIXES: &[(&str, KeyClass)] = &[
    ("am_sk_test_", KeyClass { kind: Kind::Secret, environment: Environment::Sandbox }),
    ("am_sk_live_", KeyClass { kind: Kind::Secret, environment: Environment::Live }),
    ("am_pk_test_", KeyClass { kind: Kind::Publishable, environment: Environment::Sandbox }),
    ("am_pk_live_", KeyClass { kind: Kind::Publishable, environment: Environment::Live }),
];

/// Returns the kind and environment of a key. A key is one of the four prefixes and 1 to 256 characters of
/// `[A-Za-z0-9_-]`; for any other text, and for a placeholder such as `am_sk_test_xxxx`, the result is `None`.
///
/// ```
/// use libatmn::{Environment, Kind, classify_key};
/// let class = classify_key("am_pk_live_0123456789ab").unwrap();
/// assert_eq!((class.kind, class.environment), (Kind::Publishable, Environment::Live));
/// assert!(classify_key("am_oauth_example").is_none());
/// ```
#[must_use]
pub fn classify_key(text: &str) -> Option<KeyClass> {
    split(text).map(|(_, class)| class)
}

const PREFIX_HINT: &str = "Keys start with `am_sk_test_`, `am_sk_live_`, `am_pk_test_` or `am_pk_live_`.";

fn malformed(text: &str) -> Error {
    let flaw = Flaw::of(text);
    let reason = flaw.as_ref().map(|flaw| format!(": it {}", flaw.reason)).unwrap_or_default();
    let remedy = flaw.and_then(|flaw| flaw.remedy).map(|remedy| remedy.at(Place::Argument));
    Error::new(ErrorCode::MalformedKey, format!("This is not an Autumn API key{reason}."))
        .with_hint(remedy.as_deref().unwrap_or(PREFIX_HINT))
}

/// The length of the prefix, and its meaning.
fn split(text: &str) -> Option<(usize, KeyClass)> {
    let (prefix, class) = PREFIXES.iter().find(|(prefix, _)| text.starts_with(prefix))?;
    let tail = &text.as_bytes()[prefix.len()..];
    let fits = (1..=KEY_TAIL_LIMIT).contains(&tail.len());
    let clean = tail.iter().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'));
    let is_key = fits && clean && !is_placeholder(&text[prefix.len()..]) && !is_doubled(text);
    is_key.then_some((prefix.len(), *class))
}

/// Whether a text consists of one key, pasted twice.
fn is_doubled(text: &str) -> bool {
    let (first, second) = text.as_bytes().split_at(text.len() / 2);
    first == second && PREFIXES.iter().any(|(prefix, _)| first.len() > prefix.len() && text.starts_with(prefix))
}

/// The words of placeholders, such as `am_sk_test_your_key_here`.
#[rustfmt::skip]
const PLACEHOLDER_WORDS: &[&str] =
    &[
    "your", "my", "the", "api", "secret", "key", "here", "example", "change", "changeme", "me", "placeholder", "todo",
    "replace", "replaceme", "replacethis", "this", "with", "real", "insert", "paste", "put", "dummy", "fake", "sample",
    "test", "value", "yourkey", "yourkeyhere", "yourapikey", "yoursecretkey", "mykey", "apikey", "secretkey", "xxx",
];

/// Whether the text after a prefix stands for a key in an example: one character, four times or more, or only words of
/// placeholders. A server makes keys of random characters.
fn is_placeholder(tail: &str) -> bool {
    let mut letters = tail.chars().filter(|letter| !matches!(letter, '_' | '-'));
    let first = letters.next();
    let repeated = tail.len() >= 4 && letters.all(|letter| Some(letter) == first);
    let is_word = |word: &str| PLACEHOLDER_WORDS.iter().any(|known| word.eq_ignore_ascii_case(known));
    let mut words = tail.split(['_', '-']).filter(|word| !word.is_empty()).peekable();
    repeated || words.peek().is_some() && words.all(is_word)
}

/// A path in which a key is masked, such as a key that was passed as a directory by mistake.
pub fn mask_segments(path: &str) -> String {
    path.split_inclusive(['/', '\\']).map(mask_segment).collect()
}

fn mask_segment(segment: &str) -> String {
    let text = segment.trim_end_matches(['/', '\\']);
    let masked = match ApiKey::parse(text) {
        Ok(key) => key.to_string(),
        // A key with other text around it, or part of a key.
        Err(_) if contains_secret(text, &[]) => "…".to_owned(),
        Err(_) => return segment.to_owned(),
    };
    masked + &segment[text.len()..]
}

/// An Autumn API key. `Display` and `Debug` mask it, as `am_sk_test_…a1b2`; only [`ApiKey::reveal`] returns the text.
///
/// The mask contains U+2026, which is not Latin-1, so a masked key in an HTTP header is an error in every language. The
/// mask of a key with fewer than 8 characters after the prefix shows none of them. Keys are equal, and hash alike, if
/// their texts are equal.
///
/// ```
/// use libatmn::ApiKey;
/// let key = ApiKey::parse("am_sk_test_0123456789abcdef")?;
/// assert_eq!(key.to_string(), "am_sk_test_…cdef");
/// assert_eq!(key.reveal(), "am_sk_test_0123456789abcdef");
/// let keys = std::collections::HashSet::from([key.clone()]);
/// assert!(keys.contains(&key));
/// assert!(!keys.contains(&ApiKey::parse("am_sk_test_0123456789abcdeg")?));
/// # Ok::<(), libatmn::Error>(())
/// ```
#[derive(Clone)]
pub struct ApiKey {
    text: Secret,
    prefix: usize,
    class: KeyClass,
}

impl ApiKey {
    /// Parses a key, by the rules of [`classify_key`].
    ///
    /// # Errors
    /// `malformed_key`; the error does not repeat the text.
    pub fn parse(text: &str) -> Result<Self> {
        let (prefix, class) = split(text).ok_or_else(|| malformed(text))?;
        Ok(Self { text: Secret::from(text), prefix, class })
    }

    /// The kind of the key.
    #[must_use]
    pub fn kind(&self) -> Kind {
        self.class.kind
    }

    /// The environment of the key.
    #[must_use]
    pub fn environment(&self) -> Environment {
        self.class.environment
    }

    /// The secret text.
    #[must_use]
    pub fn reveal(&self) -> &str {
        self.text.reveal()
    }
}

/// Keys are equal if their texts are. Texts of one length are compared in constant time.
impl PartialEq for ApiKey {
    fn eq(&self, other: &Self) -> bool {
        self.reveal().as_bytes().ct_eq(other.reveal().as_bytes()).into()
    }
}

impl Eq for ApiKey {}

impl Hash for ApiKey {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.reveal().hash(state);
    }
}

impl fmt::Display for ApiKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (prefix, tail) = self.reveal().split_at(self.prefix);
        // Four characters of a short tail would reveal most of the secret.
        let shown = if tail.len() < 8 { "" } else { &tail[tail.len() - 4..] };
        write!(formatter, "{prefix}…{shown}")
    }
}

impl fmt::Debug for ApiKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "ApiKey({self})")
    }
}
