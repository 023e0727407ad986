//! The server that hosts the API, and the choice of one.

use std::fmt;

use url::Url;

use crate::config::{BACKEND_VARIABLE, CLOUD_API, CLOUD_DASHBOARD, LOCAL_API, LOCAL_DASHBOARD};
use crate::error::{Error, Result};
use crate::hint::Hint;
use crate::host::Host;
use crate::text::contains_secret;

/// The server that hosts the API.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Server {
    /// `https://api.useautumn.com`.
    Cloud,
    /// `http://localhost:8080`.
    Local,
    /// Another base URL, validated and without a trailing slash.
    Custom(String),
}

impl Server {
    /// Parses `cloud`, `local` or a base URL.
    ///
    /// Plain `http` is allowed for `localhost`, 127.0.0.0/8 and `[::1]` only. User names, paths, other schemes and non-ASCII
    /// characters are refused. A trailing slash is ignored.
    ///
    /// # Errors
    /// `invalid_argument`, with the context `option`.
    ///
    /// ```
    /// use libatmn::Server;
    /// assert_eq!(Server::parse("local")?.api(), "http://localhost:8080");
    /// assert!(Server::parse("http://localhost.example.com").is_err());
    /// # Ok::<(), libatmn::Error>(())
    /// ```
    pub fn parse(text: &str) -> Result<Self> {
        match text {
            "cloud" => return Ok(Self::Cloud),
            "local" => return Ok(Self::Local),
            _ => {}
        }
        let url = checked_base(text).map_err(|reason| {
            Error::invalid("server", format!("`server` {reason}."))
                .with_hint("Use `cloud`, `local`, or a base URL such as https://api.example.com.")
        })?;
        Ok(match url.as_str() {
            CLOUD_API => Self::Cloud,
            LOCAL_API => Self::Local,
            _ => Self::Custom(url),
        })
    }

    /// The server of a call: the option, then `ATMN_BACKEND_URL`, then the cloud.
    ///
    /// # Errors
    /// `invalid_argument`, as [`Server::parse`]. If the variable is invalid, the context has `variable`.
    pub fn choose(option: Option<&Self>, host: &Host) -> Result<Self> {
        match (option, host.nonempty(BACKEND_VARIABLE)) {
            (Some(server), _) => Ok(server.clone()),
            (None, None) => Ok(Self::Cloud),
            (None, Some(text)) => Self::parse(&text.to_string_lossy()).map_err(|error| {
                error
                    .and_hint(Hint::UnsetVariable { variable: BACKEND_VARIABLE.to_owned() })
                    .with("variable", BACKEND_VARIABLE)
            }),
        }
    }

    /// The base URL of the API, without a trailing slash.
    #[must_use]
    pub fn api(&self) -> &str {
        match self {
            Self::Cloud => CLOUD_API,
            Self::Local => LOCAL_API,
            Self::Custom(url) => url,
        }
    }

    /// The base URL, validated again: callers can construct `Custom` without [`Server::parse`].
    ///
    /// # Errors
    /// `invalid_argument`, as [`Server::parse`].
    pub(crate) fn base(&self) -> Result<Url> {
        let checked = Self::parse(self.api())?;
        Url::parse(checked.api()).map_err(|_| Error::invalid("server", "`server` is not an absolute URL."))
    }

    /// The dashboard, where users list and revoke keys; `None` for a custom server. That of [`Server::Local`] is the URL in
    /// Autumn's own development setup: other programs that answer there, such as a server for tests, have none.
    #[must_use]
    pub fn dashboard(&self) -> Option<&'static str> {
        match self {
            Self::Cloud => Some(CLOUD_DASHBOARD),
            Self::Local => Some(LOCAL_DASHBOARD),
            Self::Custom(_) => None,
        }
    }

    /// The dashboard, if it is certain that this server has one, so that a sentence may name it.
    pub(crate) fn certain_dashboard(&self) -> Option<&'static str> {
        match self {
            Self::Cloud => Some(CLOUD_DASHBOARD),
            Self::Local | Self::Custom(_) => None,
        }
    }
}

impl fmt::Display for Server {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.api())
    }
}

/// The URL without its trailing slash, or why it is refused. The reason does not repeat the text, which may contain a
/// password.
fn checked_base(text: &str) -> std::result::Result<String, &'static str> {
    let secret = "contains an API key or a token of Autumn";
    if contains_secret(text, &[]) {
        return Err(secret);
    }
    // The URL parser drops these characters silently.
    if text.chars().any(|c| c.is_control() || c.is_whitespace()) {
        return Err("contains spaces or control characters");
    }
    // A name in another script can look like a trusted one. Its ASCII form (`xn--…`, RFC 5890) cannot.
    if !text.is_ascii() {
        return Err("contains non-ASCII characters (write the host name as xn--...)");
    }
    if text.contains('\\') {
        return Err("contains a backslash");
    }
    // The URL parser would add missing slashes.
    let url = text.split_once("://").and_then(|_| Url::parse(text).ok()).ok_or("is not an absolute URL")?;
    // The URL parser decodes escapes in the host name, and makes it lower-case.
    if contains_secret(url.as_str(), &[]) {
        return Err(secret);
    }
    if !matches!(url.scheme(), "http" | "https") {
        return Err("has a scheme other than https or http");
    }
    if !url.username().is_empty() || url.password().is_some() || text.contains('@') {
        return Err("contains a user name or password");
    }
    if url.path() != "/" || url.query().is_some() || url.fragment().is_some() {
        return Err("contains a path, query or fragment");
    }
    if url.scheme() == "http" && !is_loopback(&url) {
        return Err("uses plain http, which is allowed for this machine only");
    }
    Ok(url.as_str().trim_end_matches('/').to_owned())
}

/// Whether a URL names this machine.
pub(crate) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(url::Host::Domain(name)) => name == "localhost",
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}
