//! Scopes: what a key may do, as far as the server has said so.
//!
//! A scope is `resource:read` or `resource:write`, and writing includes reading. The logins of this client have older
//! scopes, in which `create`, `update` and `delete` mean writing and `list` means reading.

use crate::config::{SCOPE_LENGTH_LIMIT, SCOPES};
use crate::error::{Error, Result};
use crate::hint::Hint;
use crate::server::Server;
use crate::text::{contains_secret, nearest};

/// What Autumn's SDKs call first, with the scope that each call needs.
const FIRST_CALLS: &[(&str, &str)] =
    &[("check", "balances:read"), ("track", "balances:write"), ("attach", "billing:write")];

/// A resource, and whether it is written.
fn parse(scope: &str) -> Option<(&str, bool)> {
    let (resource, action) = scope.split_once(':')?;
    match action {
        "read" | "list" => Some((resource, false)),
        "write" | "create" | "update" | "delete" => Some((resource, true)),
        _ => None,
    }
}

/// Whether a text has the form of a scope such as `customers:read`, or of a word such as `admin`.
pub(crate) fn is_scope(text: &str) -> bool {
    let is_clean = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-' | b':'));
    is_clean && (1..=SCOPE_LENGTH_LIMIT).contains(&text.len())
}

/// Whether the scopes of a key include what a scope allows; `None` if they cannot be compared. A key without scopes may
/// do everything, and so may one with a scope such as `admin`, which names no resource.
#[must_use]
pub fn grant(scopes: &[String], needed: &str) -> Option<bool> {
    let (resource, writes) = parse(needed)?;
    let granted: Option<Vec<_>> = scopes.iter().map(|scope| parse(scope)).collect();
    let granted = granted.filter(|granted| !granted.is_empty())?;
    Some(granted.into_iter().any(|(known, can_write)| known == resource && (can_write || !writes)))
}

/// The calls that the server refuses to a key with these scopes, and the scopes that it lacks.
fn refused(scopes: &[String]) -> Vec<(&'static str, &'static str)> {
    FIRST_CALLS.iter().copied().filter(|(_, needed)| grant(scopes, needed) == Some(false)).collect()
}

/// What a key cannot do, for its user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScopeNotice {
    /// The sentences, ready to print.
    pub message: String,
    /// The scopes that the key lacks, separated by spaces.
    pub missing: String,
}

/// What to tell the user of a key with these scopes; `None` if the server has sent none, or if they are enough for what
/// Autumn's SDKs call first.
#[must_use]
pub fn notice(server: &Server, scopes: Option<&[String]>) -> Option<ScopeNotice> {
    let refused = refused(scopes?);
    if refused.is_empty() {
        return None;
    }
    let calls = list(refused.iter().map(|(call, _)| *call));
    let missing: Vec<&str> = refused.iter().map(|(_, needed)| *needed).collect();
    let lacks = list(missing.iter().copied());
    let it = if refused.len() == 1 { "it" } else { "them" };
    let at = match server.certain_dashboard() {
        Some(url) => format!("in the dashboard ({url})"),
        None => "on the server".to_owned(),
    };
    let message = format!(
        "The server refuses {calls} with keys of this login, which lack {lacks}. For a key that may call {it}, create \
         one {at} and save it."
    );
    Some(ScopeNotice { message, missing: missing.join(" ") })
}

/// Names in backticks: "`check`, `track` and `attach`".
fn list<'a>(names: impl Iterator<Item = &'a str>) -> String {
    let names: Vec<String> = names.map(|name| format!("`{name}`")).collect();
    match names.split_last() {
        Some((last, first)) if !first.is_empty() => format!("{} and {last}", first.join(", ")),
        _ => names.concat(),
    }
}

/// Whether a login that asks for all its scopes creates keys that have these, which are separated by spaces.
pub(crate) fn login_grants(missing: &str) -> bool {
    let all: Vec<String> = SCOPES.iter().map(|scope| (*scope).to_owned()).collect();
    let mut missing = missing.split_whitespace().peekable();
    missing.peek().is_some() && missing.all(|scope| grant(&all, scope) == Some(true))
}

/// The scopes that a text names, such as "Insufficient scopes. Missing: balances:read".
pub(crate) fn named_in(text: &str) -> Vec<&str> {
    let words = text.split(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, ':' | '_' | '-')));
    words.filter(|word| is_scope(word) && parse(word).is_some()).collect()
}

/// The scopes that a login asks for; `None` for all that it can have.
///
/// # Errors
/// `invalid_argument`: the list is empty, or has a scope that no login can have.
pub(crate) fn requested(option: Option<&[String]>) -> Result<Option<Vec<String>>> {
    let Some(scopes) = option else { return Ok(None) };
    if scopes.is_empty() {
        return Err(invalid("`scopes` is empty.", None));
    }
    if let Some(wrong) = scopes.iter().find(|scope| !SCOPES.contains(&scope.as_str())) {
        return Err(invalid(&not_of_a_login(wrong), nearest(wrong, SCOPES)));
    }
    let wanted: Vec<String> = SCOPES.iter().map(|scope| (*scope).to_owned()).collect();
    Ok(Some(wanted.into_iter().filter(|scope| scopes.contains(scope)).collect()))
}

/// Names the scope, unless it may be a secret that was passed by mistake.
fn not_of_a_login(scope: &str) -> String {
    if scope.is_empty() {
        "`scopes` has an empty scope.".to_owned()
    } else if is_scope(scope) && !contains_secret(scope, &[]) {
        format!("`scopes` has `{scope}`, which a login cannot have.")
    } else {
        "`scopes` has a scope that a login cannot have.".to_owned()
    }
}

fn invalid(message: &str, meant: Option<&str>) -> Error {
    let meant = meant.map(|scope| format!("Did you mean `{scope}`? ")).unwrap_or_default();
    let all = format!("{meant}A login can have {}.", SCOPES.join(", "));
    Error::invalid("scopes", message).with_hint(Hint::from(all).and(Hint::OmitOption { option: "scopes" }))
}

/// The scopes of a login whose keys may do no more than a key with these scopes; `None` if the key may do as much as any
/// login, or if that is not known.
pub(crate) fn within(scopes: Option<&[String]>) -> Option<Vec<String>> {
    let scopes = scopes?;
    let kept: Vec<&str> = SCOPES.iter().copied().filter(|scope| grant(scopes, scope) != Some(false)).collect();
    let is_part = !kept.is_empty() && kept.len() < SCOPES.len();
    is_part.then(|| kept.into_iter().map(str::to_owned).collect())
}

/// Whether keys with the scopes `known` are what a login with the scopes `wanted` would create.
pub(crate) fn are_same(known: &[String], wanted: &[String]) -> bool {
    let all = |scopes: &[String], of: &[String]| scopes.iter().all(|scope| grant(of, scope) == Some(true));
    all(known, wanted) && all(wanted, known)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn owned(scopes: &[&str]) -> Vec<String> {
        scopes.iter().map(|scope| (*scope).to_owned()).collect()
    }

    fn missing(scopes: &[&str]) -> Option<String> {
        notice(&Server::Cloud, Some(&owned(scopes))).map(|notice| notice.missing)
    }

    #[test]
    fn notice_names_what_the_scopes_lack() {
        let login = ["customers:read", "customers:write", "apiKeys:read"];
        assert_eq!(missing(&login).as_deref(), Some("balances:read balances:write billing:write"));
        assert_eq!(missing(&["balances:write", "billing:read"]).as_deref(), Some("billing:write"));
        assert_eq!(missing(&["balances:create", "billing:update"]), None);
        let notice = notice(&Server::Cloud, Some(&owned(&["balances:read", "billing:write"]))).unwrap();
        assert_eq!(
            notice.message,
            "The server refuses `track` with keys of this login, which lack `balances:write`. For a key that may call it, \
             create one in the dashboard (https://app.useautumn.com) and save it."
        );
    }

    #[test]
    fn notice_says_nothing_that_the_server_did_not_say() {
        assert_eq!(notice(&Server::Cloud, None), None);
        // A key without scopes is an old one that may do everything.
        for scopes in [&[][..], &["admin"], &["customers:read", "owner"], &["customers:fly"]] {
            assert_eq!(missing(scopes), None, "{scopes:?}");
        }
    }

    #[test]
    fn requested_scopes_are_those_of_a_login() {
        let wanted = requested(Some(&owned(&["features:list", "customers:read", "features:list"]))).unwrap();
        assert_eq!(wanted, Some(owned(&["customers:read", "features:list"])));
        assert_eq!(requested(None).unwrap(), None);
        for scopes in [&[][..], &["customers:write"], &["balances:read"], &["customers:read", ""], &["openid"]] {
            let error = requested(Some(&owned(scopes))).unwrap_err();
            assert_eq!((error.code.name(), error.context["option"].as_str()), ("invalid_argument", "scopes"));
        }
        for secret in ["am_sk_test_planted", "hunter2 planted!"] {
            let planted = requested(Some(&owned(&[secret]))).unwrap_err();
            assert!(!format!("{planted:?}").contains("planted"));
        }
    }

    #[test]
    fn refused_scope_is_named_and_the_nearest_is_suggested() {
        for (scopes, message, suggestion) in [
            (&["customers:read", "customer:list"][..], "`scopes` has `customer:list`, which", Some("customers:list")),
            (&["plans:raed"], "`scopes` has `plans:raed`, which", Some("plans:read")),
            (&["balances:write"], "`scopes` has `balances:write`, which", None),
            (&["customers:read", ""], "`scopes` has an empty scope.", None),
        ] {
            let error = requested(Some(&owned(scopes))).unwrap_err();
            assert!(error.message.starts_with(message), "{error:?}");
            let hint = error.hint.unwrap().to_string();
            match suggestion {
                Some(scope) => assert!(hint.starts_with(&format!("Did you mean `{scope}`? ")), "{hint}"),
                None => assert!(hint.starts_with("A login can have "), "{hint}"),
            }
        }
    }

    #[test]
    fn scopes_of_a_new_login_are_not_wider_than_those_of_the_key() {
        let within = |scopes: &[&str]| within(Some(&owned(scopes)));
        assert_eq!(within(&["customers:read"]), Some(owned(&["customers:read", "customers:list"])));
        assert_eq!(within(&["balances:read"]), None);
        let all: Vec<&str> = SCOPES.to_vec();
        assert_eq!(within(&all), None);
        assert!(are_same(&owned(&["customers:read"]), &owned(&["customers:list"])));
        assert!(!are_same(&owned(&["customers:write"]), &owned(&["customers:list"])));
    }

    #[test]
    fn named_scopes_are_found_in_a_message() {
        assert_eq!(
            named_in("Insufficient scopes. Missing: balances:read, billing:write."),
            ["balances:read", "billing:write"]
        );
        assert!(named_in("at 12:30: http://x:80/ a:b \u{1b}[0m").is_empty());
    }
}
