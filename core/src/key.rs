//! Autumn's API keys: which texts are one, what they may do, and how they are shown without being given away.

use std::fmt;

use crate::config::{KEY_TAIL_LIMIT, PROD_SECRET_VARIABLE, SECRET_VARIABLE};
use crate::error::{Error, ErrorCode, Result};
use crate::secret::Secret;
use crate::text::parse_enum;

enumeration! {
    /// What a key may do.
    pub enum Kind {
        /// `am_sk_…`: everything, from a server.
        Secret => "secret",
        /// `am_pk_…`: four endpoints, from anywhere.
        Publishable => "publishable",
    }
}

enumeration! {
    /// Which data a key reaches.
    pub enum Environment("environment") {
        /// `…_test_…`: for development and testing.
        Sandbox => "sandbox",
        /// `…_live_…`: real customers; `--prod` in the shell.
        Live => "live",
    }
}

impl Environment {
    /// The variable that keys of this environment are saved in.
    #[must_use]
    pub const fn variable(self) -> &'static str {
        match self {
            Self::Sandbox => SECRET_VARIABLE,
            Self::Live => PROD_SECRET_VARIABLE,
        }
    }
}

/// What a key is, told from its text alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeyClass {
    /// What it may do.
    pub kind: Kind,
    /// Which data it reaches.
    pub environment: Environment,
}

const PREFIXES: [(&str, KeyClass); 4] = [
    ("am_sk_test_", KeyClass { kind: Kind::Secret, environment: Environment::Sandbox }),
    ("am_sk_live_", KeyClass { kind: Kind::Secret, environment: Environment::Live }),
    ("am_pk_test_", KeyClass { kind: Kind::Publishable, environment: Environment::Sandbox }),
    ("am_pk_live_", KeyClass { kind: Kind::Publishable, environment: Environment::Live }),
];

/// Tells kind and environment of a key, or `None` for any text that [`ApiKey`] would not accept: one of the four
/// prefixes and 1 to 256 characters of `[A-Za-z0-9_-]`, nothing before, nothing behind.
///
/// ```
/// use libatmn::{Environment, Kind, classify_key};
/// let class = classify_key("am_pk_live_example").unwrap();
/// assert_eq!((class.kind, class.environment), (Kind::Publishable, Environment::Live));
/// assert!(classify_key("am_oauth_example").is_none());
/// ```
#[must_use]
pub fn classify_key(text: &str) -> Option<KeyClass> {
    split(text).map(|(_, class)| class)
}

/// Where the prefix ends, and what it stands for.
fn split(text: &str) -> Option<(usize, KeyClass)> {
    let (prefix, class) = PREFIXES.iter().find(|(prefix, _)| text.starts_with(prefix))?;
    let tail = &text.as_bytes()[prefix.len()..];
    let fits = (1..=KEY_TAIL_LIMIT).contains(&tail.len());
    let clean = tail.iter().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'));
    (fits && clean).then_some((prefix.len(), *class))
}

/// An Autumn API key. It shows itself masked everywhere, as `am_sk_test_…a1b2`; the text comes from
/// [`ApiKey::reveal`] only.
///
/// The mask holds U+2026, which is not Latin-1, so that a masked key put into a header fails at once in every
/// language. Keys with fewer than 8 characters behind the prefix show none of them.
///
/// ```
/// use libatmn::ApiKey;
/// let key = ApiKey::parse("am_sk_test_0123456789abcdef")?;
/// assert_eq!(key.to_string(), "am_sk_test_…cdef");
/// assert_eq!(key.reveal(), "am_sk_test_0123456789abcdef");
/// # Ok::<(), libatmn::Error>(())
/// ```
#[derive(Clone)]
pub struct ApiKey {
    text: Secret,
    prefix: usize,
    class: KeyClass,
}

impl ApiKey {
    /// Takes a text that is a key, exactly as [`classify_key`] decides.
    ///
    /// # Errors
    /// `malformed_key`; the text is not repeated.
    pub fn parse(text: &str) -> Result<Self> {
        let (prefix, class) = split(text).ok_or_else(|| {
            Error::new(ErrorCode::MalformedKey, "This is not an Autumn API key.")
                .with_hint("Keys start with `am_sk_test_`, `am_sk_live_`, `am_pk_test_` or `am_pk_live_`.")
        })?;
        Ok(Self { text: Secret::from(text), prefix, class })
    }

    /// What it may do.
    #[must_use]
    pub fn kind(&self) -> Kind {
        self.class.kind
    }

    /// Which data it reaches.
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

impl fmt::Display for ApiKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (prefix, tail) = self.reveal().split_at(self.prefix);
        // Four characters of a short tail would be most of the secret.
        let shown = if tail.len() < 8 { "" } else { &tail[tail.len() - 4..] };
        write!(formatter, "{prefix}…{shown}")
    }
}

impl fmt::Debug for ApiKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "ApiKey({self})")
    }
}
