//! Which proxy leads to the server, by the variables that curl and most programs read.

use std::ffi::OsString;

use hyper_util::client::proxy::matcher::Matcher;
use url::Url;

use super::Variables;
use crate::config::{NO_PROXY_VARIABLES, PROXY_VARIABLES};
use crate::error::{Error, ErrorCode, Result};
use crate::hint::Hint;
use crate::server::is_loopback;

/// A proxy, and the variable that named it. Not `Debug`: it may hold a password.
pub(super) struct Chosen {
    pub(super) variable: &'static str,
    pub(super) proxy: reqwest::Proxy,
}

/// The proxy for a server, or none. This machine is never reached through one, and plain http is spoken with this
/// machine only, so `http_proxy` has no say.
///
/// # Errors
/// `proxy_failed`: the variable in force is not a proxy's address. The address is not repeated.
pub(super) fn choose(base: &Url, variables: &Variables) -> Result<Option<Chosen>> {
    if base.scheme() != "https" || is_loopback(base) || is_exempt(base, variables) {
        return Ok(None);
    }
    let Some((variable, value)) = first(&PROXY_VARIABLES, variables) else { return Ok(None) };
    let unusable = || {
        Error::new(ErrorCode::ProxyFailed, format!("The variable {variable} is not the address of a proxy."))
            .with_hint(Hint::SetVariable {
                variable: variable.to_owned(),
                value: "a URL such as http://host:port (also https, socks5, socks5h)".to_owned(),
            })
            .with("variable", variable)
    };
    let url = value.to_str().and_then(address).ok_or_else(unusable)?;
    let proxy = reqwest::Proxy::all(url).map_err(|_| unusable())?;
    Ok(Some(Chosen { variable, proxy }))
}

/// The first variable with something in it.
fn first(names: &[&'static str], variables: &Variables) -> Option<(&'static str, OsString)> {
    names.iter().find_map(|name| Some((*name, variables(name).filter(|value| !value.is_empty())?)))
}

/// A proxy's address; without a scheme it is http.
fn address(text: &str) -> Option<Url> {
    let text = text.trim();
    let url = if text.contains("://") { Url::parse(text) } else { Url::parse(&format!("http://{text}")) }.ok()?;
    let known = matches!(url.scheme(), "http" | "https" | "socks4" | "socks4a" | "socks5" | "socks5h");
    (known && url.has_host()).then_some(url)
}

/// Whether `NO_PROXY` names the host: by name, parent domain, address, network or `*`.
fn is_exempt(base: &Url, variables: &Variables) -> bool {
    let Some((_, list)) = first(&NO_PROXY_VARIABLES, variables) else { return false };
    let Ok(uri) = base.as_str().parse() else { return false };
    // The matcher answers for a proxy; any will do for the question.
    let matcher = Matcher::builder().all("http://proxy").no(list.to_string_lossy().into_owned()).build();
    matcher.intercept(&uri).is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen(base: &str, variables: &'static [(&str, &str)]) -> Option<&'static str> {
        let lookup = |name: &str| variables.iter().find(|(known, _)| *known == name).map(|(_, value)| value.into());
        choose(&Url::parse(base).unwrap(), &lookup).unwrap().map(|chosen| chosen.variable)
    }

    const CLOUD: &str = "https://api.useautumn.com";

    #[test]
    fn the_strongest_variable_names_the_proxy() {
        assert_eq!(chosen(CLOUD, &[]), None);
        assert_eq!(chosen(CLOUD, &[("HTTPS_PROXY", "http://p:1")]), Some("HTTPS_PROXY"));
        assert_eq!(chosen(CLOUD, &[("HTTPS_PROXY", "http://p:1"), ("https_proxy", "q:2")]), Some("https_proxy"));
        assert_eq!(chosen(CLOUD, &[("HTTPS_PROXY", ""), ("ALL_PROXY", "socks5h://p")]), Some("ALL_PROXY"));
        assert_eq!(chosen(CLOUD, &[("HTTP_PROXY", "http://p:1"), ("http_proxy", "http://p:1")]), None);
    }

    #[test]
    fn this_machine_is_never_reached_through_a_proxy() {
        for base in ["http://localhost:8080", "https://localhost", "https://127.0.0.9:1", "https://[::1]:8443"] {
            assert_eq!(chosen(base, &[("https_proxy", "http://p:1"), ("all_proxy", "http://p:1")]), None, "{base}");
        }
    }

    #[test]
    fn hosts_named_in_no_proxy_are_reached_directly() {
        const PROXY: (&str, &str) = ("HTTPS_PROXY", "http://p:1");
        assert_eq!(chosen(CLOUD, &[PROXY, ("NO_PROXY", "x.org, useautumn.com")]), None);
        assert_eq!(chosen(CLOUD, &[PROXY, ("no_proxy", ".useautumn.com")]), None);
        assert_eq!(chosen(CLOUD, &[PROXY, ("NO_PROXY", "*")]), None);
        assert_eq!(chosen(CLOUD, &[PROXY, ("NO_PROXY", "autumn.com,api")]), Some("HTTPS_PROXY"));
        assert_eq!(chosen("https://10.1.2.3", &[PROXY, ("NO_PROXY", "10.0.0.0/8")]), None);
    }

    #[test]
    fn what_is_no_address_of_a_proxy_is_an_error_that_does_not_repeat_it() {
        for value in ["ftp://u:planted@p:1", "http://", "http://u:planted@p:99999", "::planted"] {
            let lookup = move |name: &str| (name == "HTTPS_PROXY").then(|| value.into());
            let Err(error) = choose(&Url::parse(CLOUD).unwrap(), &lookup) else { panic!("{value} was taken") };
            assert_eq!(error.code, ErrorCode::ProxyFailed);
            assert!(!format!("{error:?}").contains("planted"), "{error:?}");
        }
    }
}
