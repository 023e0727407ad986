//! The server that hosts the API, and the choice of one.

use std::fmt;

use url::{Host, Url};

use crate::config::{BACKEND_VARIABLE, CLOUD_API, CLOUD_DASHBOARD, LOCAL_API, LOCAL_DASHBOARD};
use crate::error::{Error, Result};
use crate::hint::Hint;

/// Where the API is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Server {
    /// `https://api.useautumn.com`.
    Cloud,
    /// `http://localhost:8080`.
    Local,
    /// Any other base address, checked and without a trailing slash.
    Custom(String),
}

impl Server {
    /// Reads `cloud`, `local` or a base address.
    ///
    /// Plain `http` is for `localhost`, 127.0.0.0/8 and `[::1]` only; user names, paths, other schemes and letters that are
    /// not ASCII are refused; a trailing slash is harmless.
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
        let address = checked_base(text).map_err(|reason| {
            Error::invalid("server", format!("The server address cannot be used: {reason}."))
                .with_hint("Use `cloud`, `local`, or a base URL such as https://api.example.com.")
        })?;
        Ok(match address.as_str() {
            CLOUD_API => Self::Cloud,
            LOCAL_API => Self::Local,
            _ => Self::Custom(address),
        })
    }

    /// The server in force: the option, then `ATMN_BACKEND_URL`, then the cloud. Every call that has a server chooses so.
    ///
    /// # Errors
    /// `invalid_argument`, as [`Server::parse`]; the context `variable` tells when it was the variable.
    pub fn choose(option: Option<&Self>) -> Result<Self> {
        match (option, std::env::var_os(BACKEND_VARIABLE).filter(|text| !text.is_empty())) {
            (Some(server), _) => Ok(server.clone()),
            (None, None) => Ok(Self::Cloud),
            (None, Some(text)) => Self::parse(&text.to_string_lossy()).map_err(|error| {
                error
                    .and_hint(Hint::UnsetVariable { variable: BACKEND_VARIABLE.to_owned() })
                    .with("variable", BACKEND_VARIABLE)
            }),
        }
    }

    /// The base address of the API, without a trailing slash.
    #[must_use]
    pub fn api(&self) -> &str {
        match self {
            Self::Cloud => CLOUD_API,
            Self::Local => LOCAL_API,
            Self::Custom(address) => address,
        }
    }

    /// The base address as a URL, checked once more: the variant `Custom` can be made without [`Server::parse`].
    ///
    /// # Errors
    /// `invalid_argument`, as [`Server::parse`].
    pub(crate) fn base(&self) -> Result<Url> {
        let checked = Self::parse(self.api())?;
        Url::parse(checked.api())
            .map_err(|_| Error::invalid("server", "The server address cannot be used: it is not an absolute address."))
    }

    /// The dashboard, where keys are listed and deleted; not known for servers of one's own.
    #[must_use]
    pub fn dashboard(&self) -> Option<&'static str> {
        match self {
            Self::Cloud => Some(CLOUD_DASHBOARD),
            Self::Local => Some(LOCAL_DASHBOARD),
            Self::Custom(_) => None,
        }
    }
}

impl fmt::Display for Server {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.api())
    }
}

/// The address without its trailing slash, or why it cannot be a base. The text itself is not repeated: it may hold a
/// password.
fn checked_base(text: &str) -> std::result::Result<String, &'static str> {
    // The URL parser drops these silently; what a person typed must be what is called.
    if text.chars().any(|c| c.is_control() || c.is_whitespace()) {
        return Err("it holds blanks or control characters");
    }
    // A name in other letters can look like one that is trusted; written in ASCII (`xn--…`, RFC 5890), it shows what it is.
    if !text.is_ascii() {
        return Err("it holds letters that are not ASCII (such a name is written xn--...)");
    }
    if text.contains('\\') {
        return Err("it holds a backslash");
    }
    // The parser would add missing slashes.
    let url = text.split_once("://").and_then(|_| Url::parse(text).ok()).ok_or("it is not an absolute address")?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err("only https and http are spoken");
    }
    if !url.username().is_empty() || url.password().is_some() || text.contains('@') {
        return Err("it holds a user name or password");
    }
    if url.path() != "/" || url.query().is_some() || url.fragment().is_some() {
        return Err("it goes on behind the host name");
    }
    if url.scheme() == "http" && !is_loopback(&url) {
        return Err("plain http is for this machine only");
    }
    Ok(url.as_str().trim_end_matches('/').to_owned())
}

/// Whether a URL leads to this machine.
pub(crate) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}
