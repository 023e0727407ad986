//! Chooses the proxy for the server, by the environment variables that curl and most programs read.

use std::ffi::OsStr;

use hyper_util::client::proxy::matcher::Matcher;
use url::Url;

use crate::config::{NO_PROXY_VARIABLES, PROXY_VARIABLES};
use crate::error::{Error, ErrorCode, Result};
use crate::hint::Hint;
use crate::host::Host;
use crate::server::is_loopback;

/// A proxy and the variable that names it. Not `Debug`: the URL may contain a password.
pub(super) struct ChosenProxy {
    pub(super) variable: &'static str,
    pub(super) proxy: reqwest::Proxy,
}

/// The proxy for a server, if there is one. This machine is never reached through a proxy, and plain http is for this
/// machine only, so `http_proxy` is not read.
///
/// # Errors
/// `proxy_failed`: the variable does not contain the URL of a proxy. The error does not repeat the URL.
pub(super) fn choose(base: &Url, host: &Host) -> Result<Option<ChosenProxy>> {
    if base.scheme() != "https" || is_loopback(base) || is_exempt(base, host) {
        return Ok(None);
    }
    let Some((variable, value)) = first(PROXY_VARIABLES, host) else { return Ok(None) };
    let unusable = || {
        Error::new(ErrorCode::ProxyFailed, format!("`{variable}` is not the URL of a proxy."))
            .with_hint(Hint::SetVariable {
                variable: variable.to_owned(),
                value: "a URL such as http://host:port (also https, socks4, socks4a, socks5, socks5h)".to_owned(),
            })
            .with("variable", variable)
    };
    let url = value.to_str().and_then(proxy_url).ok_or_else(unusable)?;
    let proxy = reqwest::Proxy::all(url).map_err(|_| unusable())?;
    Ok(Some(ChosenProxy { variable, proxy }))
}

/// The first variable that is not empty.
fn first<'a>(names: &[&'static str], host: &'a Host) -> Option<(&'static str, &'a OsStr)> {
    names.iter().find_map(|name| Some((*name, host.nonempty(name)?)))
}

/// Parses a proxy's URL; the default scheme is http.
fn proxy_url(text: &str) -> Option<Url> {
    let text = text.trim();
    let (scheme, rest) = text.split_once("://").unwrap_or(("http", text));
    let url = match rest.rsplit_once('@') {
        Some((user, host)) => Url::parse(&format!("{scheme}://{}@{host}", encoded(user))),
        None => Url::parse(&format!("{scheme}://{rest}")),
    };
    let url = url.ok()?;
    let known = matches!(url.scheme(), "http" | "https" | "socks4" | "socks4a" | "socks5" | "socks5h");
    (known && url.has_host()).then_some(url)
}

/// A user name and a password with what a URL reserves for other purposes encoded: a Windows account is `DOMAIN\user`,
/// and a parser would read `DOMAIN` as the host.
fn encoded(user: &str) -> String {
    let reserved = |c| matches!(c, '\\' | '/' | '?' | '#' | '@' | '[' | ']' | '^' | '|' | '"' | '<' | '>' | ' ');
    user.chars().fold(String::with_capacity(user.len()), |mut encoded, c| {
        if reserved(c) {
            encoded.push_str(&format!("%{:02X}", u32::from(c)));
        } else {
            encoded.push(c);
        }
        encoded
    })
}

/// Whether `NO_PROXY` lists the host: by name, parent domain, IP address, network or `*`.
fn is_exempt(base: &Url, host: &Host) -> bool {
    let Some((_, list)) = first(NO_PROXY_VARIABLES, host) else { return false };
    let Ok(uri) = base.as_str().parse() else { return false };
    let port = base.port_or_known_default().unwrap_or_default();
    let list = list.to_string_lossy();
    let entries = list.split([',', ';', ' ', '\t']).filter_map(|entry| exempt_host(entry.trim(), port));
    // The matcher requires a proxy; its URL does not matter.
    let matcher = Matcher::builder().all("http://proxy").no(entries.collect::<Vec<_>>().join(",")).build();
    matcher.intercept(&uri).is_none()
}

/// An entry of `NO_PROXY` as the matcher reads it: other programs also accept `*.corp`, a port, and a final dot. `None` for
/// an entry with another port.
fn exempt_host(entry: &str, port: u16) -> Option<&str> {
    let host = match entry.rsplit_once(':') {
        Some((host, number)) if !host.contains(':') => (number.parse() == Ok(port)).then_some(host)?,
        Some(_) | None => entry,
    };
    let host = if host.len() > 1 { host.trim_end_matches('.') } else { host };
    Some(host.strip_prefix('*').filter(|domain| domain.starts_with('.')).unwrap_or(host))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen(base: &str, variables: &'static [(&str, &str)]) -> Option<&'static str> {
        let host = Host::new(variables.iter().copied(), None);
        choose(&Url::parse(base).unwrap(), &host).unwrap().map(|chosen| chosen.variable)
    }

    /// The name that is tried first and means this variable: on Windows, the case of a name does not count.
    fn first_name(variable: &'static str) -> Option<&'static str> {
        let is_same =
            |name: &&&str| if cfg!(windows) { name.eq_ignore_ascii_case(variable) } else { **name == variable };
        PROXY_VARIABLES.iter().find(is_same).copied()
    }

    const CLOUD: &str = "https://api.useautumn.com";

    #[test]
    fn proxy_variables_follow_precedence() {
        assert_eq!(chosen(CLOUD, &[]), None);
        assert_eq!(chosen(CLOUD, &[("HTTPS_PROXY", "http://p:1")]), first_name("HTTPS_PROXY"));
        assert_eq!(chosen(CLOUD, &[("HTTPS_PROXY", "http://p:1"), ("https_proxy", "q:2")]), first_name("https_proxy"));
        assert_eq!(chosen(CLOUD, &[("HTTPS_PROXY", ""), ("ALL_PROXY", "socks5h://p")]), first_name("ALL_PROXY"));
        assert_eq!(chosen(CLOUD, &[("HTTP_PROXY", "http://p:1"), ("http_proxy", "http://p:1")]), None);
    }

    #[test]
    fn loopback_is_never_proxied() {
        for base in ["http://localhost:8080", "https://localhost", "https://127.0.0.9:1", "https://[::1]:8443"] {
            assert_eq!(chosen(base, &[("https_proxy", "http://p:1"), ("all_proxy", "http://p:1")]), None, "{base}");
        }
    }

    #[test]
    fn no_proxy_hosts_are_reached_directly() {
        const PROXY: (&str, &str) = ("HTTPS_PROXY", "http://p:1");
        assert_eq!(chosen(CLOUD, &[PROXY, ("NO_PROXY", "x.org, useautumn.com")]), None);
        assert_eq!(chosen(CLOUD, &[PROXY, ("no_proxy", ".useautumn.com")]), None);
        assert_eq!(chosen(CLOUD, &[PROXY, ("NO_PROXY", "*")]), None);
        assert_eq!(chosen(CLOUD, &[PROXY, ("NO_PROXY", "autumn.com,api")]), first_name("HTTPS_PROXY"));
        assert_eq!(chosen("https://10.1.2.3", &[PROXY, ("NO_PROXY", "10.0.0.0/8")]), None);
    }

    #[test]
    fn no_proxy_accepts_the_forms_of_other_programs() {
        const PROXY: (&str, &str) = ("HTTPS_PROXY", "http://p:1");
        for list in [
            "*.useautumn.com",
            "x.org *.useautumn.com",
            "api.useautumn.com:443",
            "api.useautumn.com.",
            "API.UseAutumn.com",
            "*.corp;useautumn.com",
        ] {
            let host = Host::new([PROXY, ("NO_PROXY", list)], None);
            assert!(choose(&Url::parse(CLOUD).unwrap(), &host).unwrap().is_none(), "{list}");
        }
        for list in ["*.corp", "api.useautumn.com:8443", "*useautumn.com", "useautumn.com.evil", ""] {
            let host = Host::new([PROXY, ("NO_PROXY", list)], None);
            assert!(choose(&Url::parse(CLOUD).unwrap(), &host).unwrap().is_some(), "{list}");
        }
        assert_eq!(chosen("https://[2001:db8::1]", &[PROXY, ("NO_PROXY", "2001:db8::/32")]), None);
    }

    #[test]
    fn proxy_user_may_contain_reserved_characters() {
        for (text, user, password) in [
            ("http://CORP\\ada:p@p:3128", "CORP%5Cada", "p"),
            ("CORP\\ada:p@p:3128", "CORP%5Cada", "p"),
            ("http://ada:a/b#c?d@e@p:3128", "ada", "a%2Fb%23c%3Fd%40e"),
            ("http://CORP%5Cada:p%40@p:3128", "CORP%5Cada", "p%40"),
        ] {
            let url = proxy_url(text).unwrap();
            let shown = (url.username(), url.password().unwrap(), url.host_str().unwrap(), url.port());
            assert_eq!(shown, (user, password, "p", Some(3128)), "{text}");
        }
    }

    #[test]
    fn invalid_proxy_url_is_an_error_without_the_url() {
        for value in ["ftp://u:planted@p:1", "http://", "http://u:planted@p:99999", "::planted"] {
            let host = Host::new([("HTTPS_PROXY", value)], None);
            let Err(error) = choose(&Url::parse(CLOUD).unwrap(), &host) else { panic!("{value} was taken") };
            assert_eq!(error.code, ErrorCode::ProxyFailed);
            assert!(!format!("{error:?}").contains("planted"), "{error:?}");
        }
    }
}
